#include "engine/training/worker_pool.h"

#include <torch/torch.h>

// Present in every OpenBLAS; absent when LibTorch brings another BLAS.
extern "C" void openblas_set_num_threads(int) __attribute__((weak));

namespace plateau::training {

void use_one_thread_here() {
  at::set_num_threads(1);
  if (openblas_set_num_threads) openblas_set_num_threads(1);
}

WorkerPool::WorkerPool(int threads) {
  for (int i = 1; i < threads; ++i) helpers_.emplace_back([this] { help(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  start_.notify_all();
  for (auto& helper : helpers_) helper.join();
}

void WorkerPool::run(int count, const std::function<void(int)>& job) {
  {
    const std::lock_guard lock(mutex_);
    job_ = &job;
    count_ = count;
    next_ = 0;
    failure_ = nullptr;
    busy_ = int(helpers_.size());
    ++round_;
  }
  start_.notify_all();
  work_off();
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return busy_ == 0; });
  if (failure_) std::rethrow_exception(failure_);
}

void WorkerPool::work_off() {
  for (int i = next_++; i < count_; i = next_++) {
    try {
      (*job_)(i);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }
}

void WorkerPool::help() {
  use_one_thread_here();
  std::uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    start_.wait(lock, [&] { return stopping_ || round_ != seen; });
    if (stopping_) return;
    seen = round_;
    lock.unlock();
    work_off();
    lock.lock();
    if (--busy_ == 0) done_.notify_one();
  }
}

} // namespace plateau::training
