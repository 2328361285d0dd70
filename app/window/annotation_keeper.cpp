#include "app/window/annotation_keeper.h"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "app/window/overlay_run.h"
#include "engine/errors.h"

namespace plateau::window {
namespace fs = std::filesystem;

AnnotationKeeper::AnnotationKeeper(std::function<void()> wake)
    : wake_(std::move(wake)), thread_([this](std::stop_token stop) { work(stop); }) {}

AnnotationKeeper::~AnnotationKeeper() {
  thread_.request_stop();
}

void AnnotationKeeper::open(const fs::path& recording) {
  recording_ = recording;
  now_ = {};
  past_.clear();
  future_.clear();
  {
    const std::lock_guard lock(mutex_);
    // Opened again before it was written down.
    const auto waiting = std::ranges::find(jobs_, recording, &Job::recording);
    if (waiting != jobs_.end()) {
      now_ = waiting->annotations;
      return;
    }
  }
  std::error_code error;
  if (recording.empty() || !fs::exists(recording, error)) return;
  try {
    now_ = recording::read_annotations(recording);
  } catch (const InputError& unreadable) {
    spdlog::warn("{}", unreadable.what()); // the run itself says so in the window
  }
}

void AnnotationKeeper::change(recording::Annotations next, std::string what) {
  if (next == now_) return;
  past_.push_back({std::exchange(now_, std::move(next)), std::move(what)});
  future_.clear();
  save();
}

void AnnotationKeeper::adopt(const std::map<int, recording::MemberLook>& looks) {
  const auto add = [&](recording::Annotations& to) {
    for (const auto& [id, look] : looks) to.looks.try_emplace(id, look);
  };
  add(now_);
  for (auto* versions : {&past_, &future_})
    for (Version& version : *versions) add(version.annotations);
}

bool AnnotationKeeper::undo() {
  if (past_.empty()) return false;
  Version last = std::move(past_.back());
  past_.pop_back();
  future_.push_back({std::exchange(now_, std::move(last.annotations)), std::move(last.what)});
  save();
  return true;
}

bool AnnotationKeeper::redo() {
  if (future_.empty()) return false;
  Version next = std::move(future_.back());
  future_.pop_back();
  past_.push_back({std::exchange(now_, std::move(next.annotations)), std::move(next.what)});
  save();
  return true;
}

std::optional<std::string> AnnotationKeeper::take_failure() {
  const std::lock_guard lock(mutex_);
  return std::exchange(failure_, std::nullopt);
}

void AnnotationKeeper::save() {
  if (recording_.empty()) return;
  recording::Annotations own = now_;
  std::erase_if(own.looks, [](const auto& look) { return is_beside(look.first); });
  std::erase_if(own.remarks, [](const auto& remark) { return is_beside(remark.member); });
  std::erase_if(own.plateaus, [](const auto& plateau) { return is_beside(plateau.member); });
  const std::lock_guard lock(mutex_);
  const auto waiting = std::ranges::find(jobs_, recording_, &Job::recording);
  if (waiting != jobs_.end())
    waiting->annotations = std::move(own);
  else
    jobs_.push_back({recording_, std::move(own)});
  wanted_.notify_one();
}

void AnnotationKeeper::work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    wanted_.wait(lock, stop, [this] { return !jobs_.empty(); });
    if (jobs_.empty()) return; // stopped, and all is written
    const Job job = jobs_.front();
    lock.unlock();
    std::optional<std::string> failure;
    try {
      recording::write_annotations(job.recording, job.annotations);
    } catch (const RunError& error) {
      failure = error.what();
    }
    lock.lock();
    // Changed meanwhile: once more, unless it cannot be written anyway.
    if (failure || jobs_.front().annotations == job.annotations) jobs_.erase(jobs_.begin());
    if (failure) {
      spdlog::warn("{}", *failure);
      failure_ = std::move(failure);
      wake_();
    }
  }
}

} // namespace plateau::window
