// What the person adds to the open recording: its present state, undo and redo, and writing it down on a
// thread of its own.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/recording/annotations.h"

namespace plateau::window {

class AnnotationKeeper {
public:
  /// `wake` is called from the thread when there is a failure to tell.
  explicit AnnotationKeeper(std::function<void()> wake);
  /// Writes what is not written yet.
  ~AnnotationKeeper();
  AnnotationKeeper(const AnnotationKeeper&) = delete;
  AnnotationKeeper& operator=(const AnnotationKeeper&) = delete;

  /// Turns to another recording, which need not exist yet; its annotations are read. Empty: nothing is kept
  /// beyond the session. Undo begins anew.
  void open(const std::filesystem::path& recording);

  const recording::Annotations& now() const { return now_; }
  /// `what` names the change for undo: "rename ViT".
  void change(recording::Annotations next, std::string what);

  /// Looks of members of recordings beside this one: there whatever is undone, and not written down.
  void adopt(const std::map<int, recording::MemberLook>& looks);

  /// What undo() and redo() would take back or do again; empty: nothing.
  std::string undo_text() const { return past_.empty() ? std::string() : past_.back().what; }
  std::string redo_text() const { return future_.empty() ? std::string() : future_.back().what; }
  bool undo();
  bool redo();

  /// Why they could not be written, one line, once.
  std::optional<std::string> take_failure();

private:
  struct Version {
    recording::Annotations annotations;
    std::string what;
  };
  struct Job {
    std::filesystem::path recording;
    recording::Annotations annotations;
  };
  void save();
  void work(std::stop_token stop);

  std::filesystem::path recording_;
  recording::Annotations now_;
  std::vector<Version> past_, future_; // the state before (after) each change

  std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable_any wanted_;
  std::vector<Job> jobs_; // of each recording the newest
  std::optional<std::string> failure_;
  std::jthread thread_; // last: stops before the rest is gone
};

} // namespace plateau::window
