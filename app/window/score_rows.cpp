#include "app/window/score_rows.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace plateau::window {

ScoreRow example_scores(double sqrt_dk, attention::RowInput input) {
  // Standard normal deviates, fixed; the fifth key is 2.5 deviations out.
  constexpr std::array row = {-0.4, 0.9, 0.1, -1.3, 2.5, -0.7, 0.3, 0.6, -0.2, 1.2, -1.0, -0.1};
  ScoreRow result{"example scores", {}};
  for (const double score : row)
    result.scores.push_back(input == attention::RowInput::Cosines        ? std::tanh(score / 2)
                            : input == attention::RowInput::Similarities ? std::exp(score)
                                                                         : score * sqrt_dk);
  return result;
}

std::vector<ScoreRow> current_scores(const training::MemberView& member, double tau) {
  if (!member.frame || member.settings.attention.variant != "softmax") return {};
  const auto found = member.frame->tensors.find("attention/maps");
  if (found == member.frame->tensors.end()) return {};
  const training::Tensor& maps = *found->second; // [samples, layers, heads, queries, keys]
  if (maps.shape.size() != 5 || maps.shape[0] < 1) return {};
  const auto layers = maps.shape[1], heads = maps.shape[2], queries = maps.shape[3], keys = maps.shape[4];
  std::vector<ScoreRow> rows;
  for (std::int64_t layer = 0; layer < layers; ++layer)
    for (std::int64_t head = 0; head < heads; ++head) {
      ScoreRow row{fmt::format("layer {}, head {}", layer + 1, head + 1), {}};
      const float* weights = maps.data.data() + (layer * heads + head) * queries * keys;
      for (std::int64_t key = 0; key < keys; ++key)
        row.scores.push_back(tau * std::log(std::max(weights[key], 1e-30f)));
      rows.push_back(std::move(row));
    }
  return rows;
}

} // namespace plateau::window
