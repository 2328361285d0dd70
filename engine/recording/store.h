// What a recording takes, as SQL: the synchronous half of the writer. One thread.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/recording/lock.h"
#include "engine/recording/sqlite.h"
#include "engine/recording/writer.h"

namespace plateau::recording {

class Store {
public:
  // Both throw InputError.
  static std::unique_ptr<Store> create(const std::filesystem::path& path, const study::Study& study);
  static std::unique_ptr<Store> resume(const std::filesystem::path& path, std::int64_t step);
  /// Merges the write-ahead log, so that one file remains.
  ~Store();

  Database& database() { return *database_; }
  const std::filesystem::path& path() const { return path_; }
  /// Throws RunError when the file is no longer at its path: what is written now would be lost.
  void check_still_there() const;

  // These throw SqliteError or RunError and stand inside the caller's transaction.
  void set_task(const training::TaskInfo& task);
  void set_planned_steps(std::int64_t steps);
  void set_summary(const std::string& key, const std::string& value);
  void add_member(const MemberRecord& member);
  void add_sample(const Sample& sample);
  void add_frame(int member, const training::TensorFrame& frame);
  void add_event(const training::Event& event);
  void add_intervention(const study::Intervention& intervention);
  void add_checkpoint(const Checkpoint& checkpoint);
  void remove_checkpoints(std::int64_t step);

private:
  Store(std::filesystem::path path, std::unique_ptr<WriterLock> lock, std::unique_ptr<Database> database);
  std::int64_t metric_id(int member, const std::string& name);
  void remove_after(std::int64_t step);
  void read_metric_ids();

  std::filesystem::path path_;
  std::unique_ptr<WriterLock> lock_; // outlives the connection
  std::unique_ptr<Database> database_;
  std::pair<std::uint64_t, std::uint64_t> identity_; // device and inode
  std::map<std::pair<int, std::string>, std::int64_t> metric_ids_;
  // Prepared once; closed before the connection.
  struct Statements;
  std::unique_ptr<Statements> statements_;
};

} // namespace plateau::recording
