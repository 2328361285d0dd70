// Internal: runs independent jobs side by side: members, and inside a member the lanes of its batch. Each
// thread has one OpenMP and one BLAS thread of its own: that scales, two threads inside one small product do
// not. No LibTorch here.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace plateau::parallel {

/// For the libraries that the calling thread computes with; the pool's own threads do it themselves. Where
/// LibTorch is used, training/device.h has one for it, too.
void use_one_thread_here();

class WorkerPool {
public:
  /// `threads` >= 1, the calling thread included.
  explicit WorkerPool(int threads);
  ~WorkerPool();

  /// job(0) … job(count - 1), each once, in any order; returns when all are done. A job may call run()
  /// itself: idle threads then help with the inner jobs. The first exception is thrown again here.
  void run(int count, const std::function<void(int)>& job);

  int threads() const { return int(helpers_.size()) + 1; }

private:
  struct Round {
    const std::function<void(int)>& job;
    int count;
    std::atomic<int> next = 0;    // the first job that nobody has begun
    std::atomic<int> helping = 0; // helpers that are at it; changes under the pool's mutex
    std::exception_ptr failure;
  };

  void help();
  void work_off(Round& round);
  Round* open_round(); // under the mutex: the innermost with jobs left, or null

  std::mutex mutex_;
  std::condition_variable start_, done_;
  std::vector<Round*> rounds_;          // under the mutex, outer before inner
  std::atomic<std::uint64_t> news_ = 0; // counts rounds and the end: what a helper looks at before it sleeps
  bool stopping_ = false;
  std::vector<std::thread> helpers_;
};

} // namespace plateau::parallel
