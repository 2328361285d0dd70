// How far the gradients g_k of single batches lie from that of many (linear-transformer.md A4.2):
//   noise/errors   |g_k - g|_2, ascending
//   noise/skew, noise/kurtosis (excess), noise/median, noise/p99
#include <algorithm>

#include "engine/analysis/statistics.h"
#include "engine/probes/probe.h"

namespace plateau::probes {

void gradient_noise(std::vector<double> errors, Output& output) {
  std::sort(errors.begin(), errors.end());
  const auto moments = analysis::moments(errors);
  output.add("noise/skew", moments.skew);
  output.add("noise/kurtosis", moments.kurtosis);
  output.add("noise/median", analysis::quantile(errors, 0.5));
  output.add("noise/p99", analysis::quantile(errors, 0.99));
  output.add("noise/errors", {{std::int64_t(errors.size())}, {errors.begin(), errors.end()}});
}

} // namespace plateau::probes
