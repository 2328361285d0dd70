#include <numeric>

#include "engine/attention/masked.h"
#include "engine/attention/rows.h"

namespace plateau::attention {
namespace {

constexpr double epsilon = 1e-6; // as in the released code

torch::Tensor features(const torch::Tensor& x) {
  return torch::elu(x) + 1;
}

} // namespace

const Variant elu_plus_one{
    .info =
        {.name = "elu-plus-one",
         .title = "Kernelised, elu + 1",
         .formula = "a_j = s_j / (Σ_i s_i + 1e-6),  s_j = φ(q)·φ(k_j),  φ = elu + 1",
         .description =
             "Similarities of positive features in the place of exponentials, so that long sequences cost "
             "no more per token than short ones (here they are still compared pair by pair). No "
             "temperature; attention is broad, because similarities differ by factors and not by powers.",
         .source = "Katharopoulos et al. 2020 (Transformers are RNNs), arXiv:2006.16236; released code",
         .row_sum = "1 − 1e-6 / (Σ s + 1e-6)",
         .shift_invariant = false,
         .row_input = RowInput::Similarities,
         .row_scores = "similarities s_j = φ(q)·φ(k_j), positive"},
    .scores =
        [](const Layer& layer) {
          return torch::matmul(features(layer.q), features(layer.k).transpose(-2, -1));
        },
    .weights =
        [](const torch::Tensor& scores, const Layer& layer) {
          const auto visible = hide_weights(scores, layer.visible);
          return visible / (visible.sum(-1, true) + epsilon);
        },
    .row =
        [](const Row& row) {
          const double sum = std::accumulate(row.scores.begin(), row.scores.end(), epsilon);
          return each(row.scores, [&](double s) { return s / sum; });
        },
    .jacobian =
        [](const Row& row) {
          const double sum = std::accumulate(row.scores.begin(), row.scores.end(), epsilon);
          const auto n = row.size();
          std::vector<double> jacobian(n * n);
          for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
              jacobian[i * n + j] = (double(i == j) - row.scores[i] / sum) / sum;
          return jacobian;
        }};

} // namespace plateau::attention
