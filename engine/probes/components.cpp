// Weights and context component of the representation (icl-plateaus.md 5.3). h_l is the state of a token
// after block l; w_l the state when every block's attention output is replaced by its own normalised input,
// so that no information moves between tokens; c_l = h_l - w_l what attention adds. Averages over tokens and
// samples:
//   weights-norm |w_l|,  context-norm |c_l|,  cosine cos(w_l, c_l)
//   context-share Var(c_l) / Var(h_l), variances over tokens and samples, summed over channels
#include <algorithm>

#include "engine/fused/statistics.h"
#include "engine/probes/probe.h"

namespace plateau::probes {
void components(const models::Activations& full, const models::Activations& weights_only, Output& output) {
  for (std::size_t index = 0; index < full.hidden.size(); ++index) {
    const auto &states = full.hidden[index], &still = weights_only.hidden[index]; // [B, N, d]
    const auto width = states.size(-1), rows = states.numel() / width;
    const auto sums = fused::component_sums(states.data_ptr<float>(), still.data_ptr<float>(), rows, width);
    const int layer = int(index) + 1;
    output.add(metric_name("component/weights-norm", layer), sums.weights_norm / double(rows));
    output.add(metric_name("component/context-norm", layer), sums.context_norm / double(rows));
    output.add(metric_name("component/cosine", layer), sums.cosine / double(rows));
    output.add(metric_name("component/context-share", layer),
               sums.context_squares / std::max(sums.state_squares, 1e-30));
  }
}

} // namespace plateau::probes
