#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/probes/probe.h"

namespace plateau::probes {

std::int64_t draw_token(std::span<const double> logits, double temperature, double uniform) {
  const auto largest = std::max_element(logits.begin(), logits.end());
  if (temperature <= 0) return largest - logits.begin();
  std::vector<double> sums;
  double sum = 0;
  for (const double logit : logits) sums.push_back(sum += std::exp((logit - *largest) / temperature));
  const auto found = std::upper_bound(sums.begin(), sums.end(), uniform * sum);
  return std::min<std::int64_t>(found - sums.begin(), std::int64_t(sums.size()) - 1);
}

} // namespace plateau::probes
