// Internal: one way to train a case, step by step.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/bench/cases.h"
#include "engine/fused/gemm.h"
#include "engine/parallel/worker_pool.h"

namespace plateau::bench {

class Runner {
public:
  virtual ~Runner() = default;
  /// One training step on the case's data; returns the loss before it.
  virtual double step() = 0;
  /// Milliseconds of the steps so far, where measured.
  double forward = 0, backward = 0, optimizer = 0;
};

/// All start from the same parameters and see the same data. `exact`: in float64.
std::unique_ptr<Runner> libtorch_runner(const TransformerCase& info, int threads, bool exact = false);
std::unique_ptr<Runner> fused_runner(const TransformerCase& info, fused::Precision precision,
                                     parallel::WorkerPool& pool);
/// In token form.
std::unique_ptr<Runner> libtorch_runner(const LinearCase& info, int threads, bool exact = false);
std::unique_ptr<Runner> closed_form_runner(const LinearCase& info, parallel::WorkerPool& pool);

} // namespace plateau::bench
