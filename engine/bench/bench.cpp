#include "engine/bench/bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "engine/bench/runners.h"
#include "engine/fused/kernels.h"
#include "engine/stopwatch.h"
#include "engine/training/device.h"

namespace plateau::bench {
namespace {

// Adam turns the rounding of vanishing gradients into whole steps, so curves drift apart long before they
// differ to the eye; float32 may drift as LibTorch's own does, but for a factor.
constexpr double drift_factor = 10, least_bound = 1e-5, bfloat16_bound = 3e-2;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// Large products of this precision on every thread at once.
double measure_peak(fused::Precision precision, parallel::WorkerPool& pool, int rounds) {
  constexpr std::int64_t size = 1024, repeats = 4;
  struct Work {
    explicit Work(fused::Precision precision) : gemm(precision), a(size * size, 0.5f), b(a), c(a) {}
    fused::Gemm gemm;
    std::vector<float> a, b, c;
  };
  std::vector<std::unique_ptr<Work>> works;
  for (int i = 0; i < pool.threads(); ++i) works.push_back(std::make_unique<Work>(precision));
  std::vector<double> rates;
  for (int round = 0; round <= rounds; ++round) { // the first warms up
    Stopwatch watch;
    pool.run(pool.threads(), [&](int i) {
      auto& work = *works[std::size_t(i)];
      for (int k = 0; k < repeats; ++k)
        work.gemm(size, size, size, {work.a.data(), size}, {work.b.data(), size}, false, work.c.data(), size);
    });
    if (round > 0) rates.push_back(2.0 * size * size * size * repeats * pool.threads() / watch.lap() * 1e3);
  }
  return median(rates);
}

struct Path {
  std::string name, precision;
  std::function<std::unique_ptr<Runner>()> make;
  bool timed = true;
};

/// LibTorch first. With a small `share` of the batch for verification; then also LibTorch in float64, before
/// all.
std::vector<Path> paths(const std::string& name, const Machine& machine, parallel::WorkerPool& pool,
                        std::int64_t share) {
  std::vector<Path> list;
  const bool exact = share > 1;
  const int threads = machine.threads;
  const auto add_libtorch = [&](const auto& info) {
    if (exact) list.push_back({"LibTorch", "float64", [=] { return libtorch_runner(info, threads, true); }});
    list.push_back({"LibTorch", "float32", [=] { return libtorch_runner(info, threads); }});
  };
  if (const auto* found = find_transformer_case(name)) {
    auto info = *found;
    info.batch = std::max<std::int64_t>(1, info.batch / share);
    add_libtorch(info);
    list.push_back(
        {"fused", "float32", [=, &pool] { return fused_runner(info, fused::Precision::Float32, pool); }});
    list.push_back({"fused", "bfloat16",
                    [=, &pool] { return fused_runner(info, fused::Precision::Bfloat16, pool); },
                    machine.fast_bfloat16});
  } else if (const auto* found = find_linear_case(name)) {
    auto info = *found;
    info.batch = std::max<std::int64_t>(1, info.batch / share);
    add_libtorch(info);
    list.push_back({"closed form", "float32", [=, &pool] { return closed_form_runner(info, pool); }});
  }
  return list;
}

std::vector<double> loss_curve(Runner& runner) {
  std::vector<double> losses;
  for (int i = 0; i < 50; ++i) losses.push_back(runner.step());
  return losses;
}

std::vector<Verification> verify(const std::string& name, const Machine& machine, parallel::WorkerPool& pool,
                                 const std::function<void(const std::string&)>& progress) {
  constexpr std::int64_t share = 8; // float64 on the whole batch would take minutes
  std::vector<Verification> list;
  std::vector<double> exact;
  double usual = 0; // LibTorch's own drift in float32
  for (const auto& path : paths(name, machine, pool, share)) {
    progress("verifying " + path.name + " " + path.precision);
    const auto losses = loss_curve(*path.make());
    if (exact.empty()) {
      exact = losses;
      continue;
    }
    double largest = 0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
      const double difference = std::abs(losses[i] - exact[i]) / exact[0];
      largest = difference <= largest ? largest : difference; // NaN stays
    }
    Verification result{path.name, path.precision, largest, 0};
    if (path.name == "LibTorch")
      usual = largest;
    else
      result.bound =
          path.precision == "bfloat16" ? bfloat16_bound : std::max(least_bound, drift_factor * usual);
    list.push_back(result);
  }
  return list;
}

} // namespace

Machine measure_machine(const Options& options) {
  training::use_one_thread_here();
  Machine machine;
  machine.processor = training::processor_name();
  machine.instruction_set = fused::instruction_set();
  machine.threads =
      options.threads > 0 ? options.threads : std::max(1, int(std::thread::hardware_concurrency()));
  machine.fast_bfloat16 = fused::has_fast_bfloat16();
  parallel::WorkerPool pool(machine.threads);
  machine.peak_float32 = measure_peak(fused::Precision::Float32, pool, options.rounds);
  if (machine.fast_bfloat16)
    machine.peak_bfloat16 = measure_peak(fused::Precision::Bfloat16, pool, options.rounds);
  return machine;
}

Result run(const CaseInfo& info, const Options& options, const Machine& machine,
           const std::function<void(const std::string&)>& progress) {
  training::use_one_thread_here();
  parallel::WorkerPool pool(machine.threads);
  Result result;
  result.info = info;
  if (options.verify) result.verifications = verify(info.name, machine, pool, progress);

  const auto ways = paths(info.name, machine, pool, 1);
  std::vector<std::unique_ptr<Runner>> runners;
  std::vector<std::vector<double>> rates(ways.size());
  for (const auto& path : ways) {
    runners.push_back(path.timed ? path.make() : nullptr);
    if (runners.back()) runners.back()->step(); // allocates
  }
  for (int round = 0; round < options.rounds; ++round)
    for (std::size_t i = 0; i < ways.size(); ++i) {
      if (!runners[i]) continue;
      progress(ways[i].name + " " + ways[i].precision + ", round " + std::to_string(round + 1) + " of " +
               std::to_string(options.rounds));
      const auto begin = std::chrono::steady_clock::now();
      double seconds = 0;
      int steps = 0;
      do {
        runners[i]->step();
        ++steps;
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      } while (seconds < options.seconds);
      rates[i].push_back(steps / seconds);
    }
  for (std::size_t i = 0; i < ways.size(); ++i) {
    if (!runners[i]) continue;
    Timing timing;
    timing.path = ways[i].name;
    timing.precision = ways[i].precision;
    timing.steps_per_second = median(rates[i]);
    timing.effective_flops = info.model_flops * timing.steps_per_second;
    const double peak = timing.precision == "float32" ? machine.peak_float32 : machine.peak_bfloat16;
    timing.share_of_peak = info.needed_flops * timing.steps_per_second / peak;
    const auto& runner = *runners[i];
    const double all = runner.forward + runner.backward + runner.optimizer;
    if (all > 0) {
      timing.forward = runner.forward / all;
      timing.backward = runner.backward / all;
      timing.optimizer = runner.optimizer / all;
    }
    result.timings.push_back(timing);
  }
  return result;
}

} // namespace plateau::bench
