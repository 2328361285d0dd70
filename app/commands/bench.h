// `plateau bench`: steps per second on cases of fixed sizes, plain LibTorch against the fused path.
#pragma once

#include <string>
#include <vector>

namespace plateau::commands {

struct BenchArguments {
  std::vector<std::string> cases; // none: all
  int threads = 0;                // 0: one per core
  int rounds = 5;
  double seconds = 1; // per path and round
  bool json = false, list = false, skip_verification = false;
};

/// Exit code 1 when a path's loss curve is not LibTorch's.
int bench_command(const BenchArguments& arguments);

} // namespace plateau::commands
