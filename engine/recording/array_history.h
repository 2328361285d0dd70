// Single arrays of a recording by the very steps at which they were taken, which Reader::frame() joins to
// what was known at a step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/recording/writer.h"
#include "engine/training/snapshot.h"

namespace plateau::recording {

class Database;

/// For one thread at a time.
class ArrayHistory {
public:
  /// Throws InputError as Reader does; so do the others, when the file is damaged.
  ArrayHistory(const std::filesystem::path& recording, const std::vector<MemberRecord>& members);
  ~ArrayHistory();

  /// Ascending; a fork's begin with its parent's.
  std::vector<std::int64_t> steps(int member, const std::string& name) const;
  /// Null where there is none at exactly this step.
  std::shared_ptr<const training::Tensor> at(int member, const std::string& name, std::int64_t step) const;

private:
  struct Origin {
    int parent = -1;
    std::int64_t forked_at = 0;
  };
  Origin origin(int member) const;

  std::filesystem::path path_;
  std::map<int, Origin> origins_;
  std::unique_ptr<Database> database_;
};

} // namespace plateau::recording
