#include "app/window/frame_loader.h"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "engine/recording/reader.h"

namespace plateau::window {
namespace {

constexpr std::size_t most_bytes = std::size_t{256} << 20;

std::size_t size_of(const FrameLoader::Frame& frame) {
  std::size_t bytes = 64;
  if (frame)
    for (const auto& [name, tensor] : frame->tensors) bytes += tensor->data.size() * sizeof(float);
  return bytes;
}

} // namespace

FrameLoader::FrameLoader(std::filesystem::path recording, bool growing, std::function<void()> wake)
    : recording_(std::move(recording)), growing_(growing), wake_(std::move(wake)),
      thread_([this](std::stop_token stop) { work(stop); }) {}

FrameLoader::~FrameLoader() = default;

FrameLoader::Frame FrameLoader::frame_at(int member, std::int64_t step) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find(cache_, Key{member, step}, &Entry::key);
  if (found != cache_.end()) {
    cache_.splice(cache_.begin(), cache_, found);
    previous_[member] = found->frame;
  }
  if (found == cache_.end() || !found->settled) {
    requests_[member] = step;
    requested_.notify_one();
  }
  return previous_[member];
}

bool FrameLoader::is_reading(int member, std::int64_t step) {
  const std::scoped_lock lock(mutex_);
  return std::ranges::find(cache_, Key{member, step}, &Entry::key) == cache_.end();
}

bool FrameLoader::store(Entry entry) {
  const std::scoped_lock lock(mutex_);
  bool news = true;
  std::erase_if(cache_, [&](const Entry& old) {
    if (old.key != entry.key) return false;
    const auto step_of = [](const Frame& frame) { return frame ? frame->step : -1; };
    news = step_of(old.frame) != step_of(entry.frame) || entry.settled;
    bytes_ -= old.bytes;
    return true;
  });
  bytes_ += entry.bytes;
  cache_.push_front(std::move(entry));
  while (bytes_ > most_bytes && cache_.size() > 1) {
    bytes_ -= cache_.back().bytes;
    cache_.pop_back();
  }
  return news;
}

void FrameLoader::work(std::stop_token stop) {
  std::optional<recording::Reader> reader;
  while (true) {
    Key key;
    {
      std::unique_lock lock(mutex_);
      if (!requested_.wait(lock, stop, [&] { return !requests_.empty(); })) return;
      const auto first = requests_.begin();
      key = {first->first, first->second};
      requests_.erase(first);
    }
    Entry entry{.key = key, .frame = nullptr, .settled = true, .bytes = 0};
    try {
      if (!reader) reader.emplace(recording_);
      entry.frame = reader->frame(key.member, key.step);
      if (growing_) {
        const auto steps = reader->frame_steps(key.member);
        entry.settled = !steps.empty() && steps.back() > key.step;
      }
    } catch (const std::exception& error) {
      // Most likely the file of a run that has only just begun.
      entry.settled = !growing_;
      spdlog::debug("no arrays of member {} at step {}: {}", key.member, key.step, error.what());
    }
    entry.bytes = size_of(entry.frame);
    const bool settled = entry.settled;
    if (store(std::move(entry))) wake_();
    // An answer that may get better is asked for again with every frame drawn: keep that slow.
    if (!settled) {
      std::unique_lock lock(mutex_);
      requested_.wait_for(lock, stop, std::chrono::milliseconds(300), [&] {
        return std::ranges::any_of(requests_, [&](const auto& r) { return Key{r.first, r.second} != key; });
      });
    }
  }
}

} // namespace plateau::window
