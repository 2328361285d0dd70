// The robust condition number from the Hessian's diagonal (Jiang et al. 2022; linear-transformer.md A4.3):
//   curvature/largest         max_i |H_ii|
//   curvature/median          the lower of the middle two |H_ii|, as torch.median takes it
//   curvature/condition       their ratio
//   ...-live                  without dead parameters, whose H_ii is exactly 0
//   curvature/coordinates, curvature/dead   how many were measured, how many of them are dead
#include <algorithm>

#include "engine/probes/probe.h"

namespace plateau::probes {

void condition_number(std::span<const double> ascending, Output& output) {
  const auto lower_median = [](std::span<const double> values) { return values[(values.size() - 1) / 2]; };
  const auto dead =
      std::size_t(std::upper_bound(ascending.begin(), ascending.end(), 0.0) - ascending.begin());
  output.add("curvature/coordinates", double(ascending.size()));
  output.add("curvature/dead", double(dead));
  output.add("curvature/largest", ascending.back());
  const double median = lower_median(ascending);
  output.add("curvature/median", median);
  if (median > 0) output.add("curvature/condition", ascending.back() / median);
  if (dead == ascending.size()) return;
  const double live_median = lower_median(ascending.subspan(dead));
  output.add("curvature/median-live", live_median);
  output.add("curvature/condition-live", ascending.back() / live_median);
}

} // namespace plateau::probes
