// A folder of its own for a test, and recordings to put into it.
#pragma once

#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include "engine/errors.h"
#include "engine/recording/reader.h"
#include "engine/recording/writer.h"

namespace scratch {

namespace fs = std::filesystem;
using namespace plateau;

/// While it lives no file can grow beyond 64 KiB, as on a disk that is full.
class FullDisk {
public:
  FullDisk() {
    getrlimit(RLIMIT_FSIZE, &before_);
    auto small = before_;
    small.rlim_cur = 1 << 16;
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

private:
  rlimit before_{};
  void (*handler_)(int) = SIG_DFL;
};

class Folder {
public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "plateau-recording-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }
  /// Names of the files in it, sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

private:
  fs::path path_;
};

inline study::Study small_study() {
  study::Study study;
  study.name = "small";
  study.title = "A small study";
  study.members = {{"ViT 0", 0, {}}, {"ViT 1", 1, {{"optimizer.learning_rate", 3e-4}}}};
  return study;
}

inline recording::MemberRecord member(int id, int parent = -1, std::int64_t forked_at = 0) {
  recording::MemberRecord record;
  record.id = id;
  record.name = "ViT " + std::to_string(id);
  record.seed = 10 + id;
  record.parent = parent;
  record.forked_at = forked_at;
  record.parameters = 1000 + id;
  record.tokens = {4, 5, true};
  return record;
}

/// One point of one curve.
inline std::vector<recording::Sample> sample(int member, const std::string& metric, std::int64_t step,
                                             double value) {
  return {{member, metric, {step, value}}};
}

inline std::shared_ptr<const training::TensorFrame>
frame(std::int64_t step, const std::vector<std::pair<std::string, float>>& tensors) {
  auto result = std::make_shared<training::TensorFrame>();
  result->step = step;
  for (const auto& [name, value] : tensors)
    result->tensors[name] =
        std::make_shared<training::Tensor>(training::Tensor{{2, 3}, {value, 1, 2, 3, 4, 5}});
  return result;
}

inline recording::Checkpoint checkpoint(int member, std::int64_t step, bool pinned = false,
                                        bool training = true) {
  recording::Checkpoint result;
  result.member = member;
  result.step = step;
  result.keep = pinned ? recording::Keep::Pinned : recording::Keep::Loose;
  result.training = training;
  for (int i = 0; i < 5000; ++i) result.state.push_back(static_cast<std::byte>(i * 7 + member + step));
  result.bytes = static_cast<std::int64_t>(result.state.size());
  return result;
}

inline std::vector<std::int64_t> steps(const training::Series& series) {
  std::vector<std::int64_t> steps;
  for (std::size_t i = 0; i < series.size(); ++i) steps.push_back(series[i].step);
  return steps;
}

inline bool same_bits(double a, double b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

/// The one line that `action` throws as E; "nothing was thrown" if it does not.
template<class E, class F> std::string message(F action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

} // namespace scratch
