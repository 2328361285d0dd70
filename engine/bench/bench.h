// How fast a training step is, on cases of fixed sizes: plain LibTorch modules against the fused path.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace plateau::bench {

struct CaseInfo {
  std::string name;  // "vit"
  std::string title; // "ViT: batch 256, 33 tokens, 4 layers, width 128"
  /// Of a step: multiply-adds count twice, forward and backward are three products per weight matrix.
  /// `needed`: only what the fused path or the closed form computes.
  double model_flops = 0, needed_flops = 0;
};
/// In the order of shared tables; token form and closed form of the linear transformer share one case.
const std::vector<CaseInfo>& cases();
/// Throws InputError with the nearest names.
const CaseInfo& find_case(const std::string& name);

struct Options {
  int threads = 0;    // 0: one per core
  int rounds = 5;     // interleaved: each path once per round; medians are reported
  double seconds = 1; // per path and round
  bool verify = true; // loss curves of 50 steps first
};

/// One way to compute a case.
struct Timing {
  std::string path;            // "LibTorch" | "fused" | "closed form"
  std::string precision;       // "float32" | "bfloat16"
  double steps_per_second = 0; // median over rounds
  double effective_flops = 0;  // model_flops x steps/s
  double share_of_peak = 0;    // needed_flops x steps/s over the measured peak of products in this precision
  double forward = 0, backward = 0, optimizer = 0; // share of the time; 0 for all where it is not measured
};

/// Loss curves over 50 steps on a part of the batch, against LibTorch in float64.
struct Verification {
  std::string path, precision;
  double loss_difference = 0; // largest, relative to the first loss
  double bound = 0;           // 0: LibTorch's own, for comparison
  bool passed() const { return bound == 0 || loss_difference <= bound; }
};

struct Result {
  CaseInfo info;
  std::vector<Verification> verifications;
  std::vector<Timing> timings; // LibTorch first
};

struct Machine {
  std::string processor, instruction_set;
  int threads = 0;
  bool fast_bfloat16 = false;
  double peak_float32 = 0, peak_bfloat16 = 0; // FLOP/s of large products on all threads; 0: not offered
};

Machine measure_machine(const Options& options);
/// bfloat16 is timed where the processor has it, and verified everywhere. `progress` is told what is done
/// next.
Result run(const CaseInfo& info, const Options& options, const Machine& machine,
           const std::function<void(const std::string&)>& progress);

} // namespace plateau::bench
