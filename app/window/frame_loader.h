// Reads probe arrays from a recording on a thread of its own, for scrubbing.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/training/snapshot.h"

namespace plateau::window {

class FrameLoader {
public:
  using Frame = std::shared_ptr<const training::TensorFrame>;

  /// `growing`: the file is still written to, and may not exist yet. `wake` is called from the thread when
  /// there is something new.
  FrameLoader(std::filesystem::path recording, bool growing, std::function<void()> wake);
  ~FrameLoader();
  FrameLoader(const FrameLoader&) = delete;
  FrameLoader& operator=(const FrameLoader&) = delete;

  /// See RunSource::frame_at. A newer request of the same member replaces one not yet begun.
  Frame frame_at(int member, std::int64_t step);
  bool is_reading(int member, std::int64_t step);

private:
  struct Key {
    int member = 0;
    std::int64_t step = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    Key key;
    Frame frame;
    /// False while the writer may still add a frame that is nearer to the step.
    bool settled = false;
    std::size_t bytes = 0;
  };

  void work(std::stop_token stop);
  /// True when the answer differs from the one before.
  bool store(Entry entry);

  std::filesystem::path recording_;
  bool growing_;
  std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable_any requested_;
  std::map<int, std::int64_t> requests_; // member -> step
  std::list<Entry> cache_;               // latest used first
  std::map<int, Frame> previous_;        // what each member showed last
  std::size_t bytes_ = 0;
  std::jthread thread_; // last: stops before the rest is gone
};

} // namespace plateau::window
