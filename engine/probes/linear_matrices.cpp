// P and Q of a linear transformer, and how far each is from a multiple of the identity, which plain gradient
// descent would be (linear-transformer.md A7):
//   linear/P-distance, linear/Q-distance   |M - tr(M)/d I|_F / |M|_F
//   linear/matrices                        [layers, 2, width, width]
#include "engine/probes/probe.h"

namespace plateau::probes {

void linear_matrices(const torch::Tensor& layers, Output& output) {
  const torch::NoGradGuard no_grad;
  const auto exact = layers.detach().to(torch::kCPU, torch::kFloat64);
  const auto width = exact.size(2);
  const auto identity = torch::eye(width, torch::kFloat64);
  const char* names[] = {"linear/P-distance", "linear/Q-distance"};
  for (std::int64_t l = 0; l < exact.size(0); ++l)
    for (std::int64_t part = 0; part < 2; ++part) {
      const auto matrix = exact[l][part];
      const auto rest = matrix - matrix.trace() / double(width) * identity;
      output.add(metric_name(names[part], int(l) + 1), (rest.norm() / matrix.norm()).item<double>());
    }
  const auto plain_layers = plain(layers);
  output.add("linear/matrices", *plain_layers);
}

} // namespace plateau::probes
