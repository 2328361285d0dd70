// Internal: runs independent jobs side by side. Each thread has one LibTorch and one BLAS thread of its own:
// members on their own threads scale, two threads inside one small product do not.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace plateau::training {

/// Call once in every thread that computes: thread counts of LibTorch are per calling thread.
void use_one_thread_here();

class WorkerPool {
public:
  /// `threads` >= 1, the calling thread included.
  explicit WorkerPool(int threads);
  ~WorkerPool();

  /// job(0) … job(count - 1), each once, in any order; returns when all are done. The first exception is
  /// thrown again here.
  void run(int count, const std::function<void(int)>& job);

  int threads() const { return int(helpers_.size()) + 1; }

private:
  void help();
  void work_off();

  std::mutex mutex_;
  std::condition_variable start_, done_;
  const std::function<void(int)>* job_ = nullptr;
  int count_ = 0;
  std::atomic<int> next_ = 0;
  int busy_ = 0; // helpers that are still at this round
  std::uint64_t round_ = 0;
  bool stopping_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> helpers_;
};

} // namespace plateau::training
