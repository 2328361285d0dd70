#include "engine/parallel/worker_pool.h"

#include <cblas.h>
#include <omp.h>

#include <algorithm>

namespace plateau::parallel {
namespace {

/// Waits for a few microseconds: waking a sleeping thread takes longer than a small step's pauses.
template<class Condition> bool spin_until(const Condition& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  return false;
}

} // namespace

void use_one_thread_here() {
  omp_set_num_threads(1); // of this thread: LibTorch and oneDNN ask OpenMP
  openblas_set_num_threads(1);
}

WorkerPool::WorkerPool(int threads) {
  for (int i = 1; i < threads; ++i) helpers_.emplace_back([this] { help(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ++news_;
  }
  start_.notify_all();
  for (auto& helper : helpers_) helper.join();
}

void WorkerPool::run(int count, const std::function<void(int)>& job) {
  Round round{job, count, {}, {}, {}};
  const bool shared = count > 1 && !helpers_.empty();
  if (shared) {
    {
      const std::lock_guard lock(mutex_);
      rounds_.push_back(&round);
      ++news_;
    }
    start_.notify_all();
  }
  work_off(round);
  if (shared) {
    std::unique_lock lock(mutex_);
    std::erase(rounds_, &round); // nobody joins any more
    lock.unlock();
    const auto finished = [&] { return round.helping == 0; };
    spin_until(finished);
    lock.lock(); // the last helper may still hold it
    done_.wait(lock, finished);
  }
  if (round.failure) std::rethrow_exception(round.failure);
}

void WorkerPool::work_off(Round& round) {
  for (int i = round.next++; i < round.count; i = round.next++) {
    try {
      round.job(i);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!round.failure) round.failure = std::current_exception();
    }
  }
}

WorkerPool::Round* WorkerPool::open_round() {
  const auto found = std::find_if(rounds_.rbegin(), rounds_.rend(),
                                  [](const Round* round) { return round->next < round->count; });
  return found == rounds_.rend() ? nullptr : *found;
}

void WorkerPool::help() {
  use_one_thread_here();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (Round* round = open_round()) {
      ++round->helping;
      lock.unlock();
      work_off(*round);
      lock.lock();
      if (--round->helping == 0) done_.notify_all();
      continue;
    }
    const auto seen = news_.load();
    lock.unlock();
    spin_until([&] { return news_ != seen; });
    lock.lock();
    start_.wait(lock, [&] { return news_ != seen; });
  }
}

} // namespace plateau::parallel
