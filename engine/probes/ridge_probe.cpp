#include <limits>

#include <torch/torch.h>

#include "engine/probes/in_context.h"

namespace plateau::probes {

using torch::Tensor;

RidgeProbe::RidgeProbe(const Tensor& features, const Tensor& targets, std::int64_t classes, double penalty)
    : classes_(classes) {
  const auto x = features.to(torch::kCPU, torch::kFloat64);
  const auto n = double(x.size(0));
  mean_ = x.mean(0);
  const auto centred = x - mean_;
  const auto deviation = centred.square().mean(0).sqrt(), size = x.square().mean(0).sqrt();
  // What varies less than float32 rounds does not vary.
  inverse_deviation_ =
      torch::where(deviation <= 1e-6 * size, torch::zeros_like(deviation), deviation.reciprocal());
  const auto z = centred * inverse_deviation_;
  const auto y = torch::one_hot(targets.to(torch::kCPU), classes).to(torch::kFloat64).flatten(1);
  offset_ = y.mean(0);
  const auto moments = z.t().matmul(z) / n + penalty * torch::eye(z.size(1), torch::kFloat64);
  const auto factor =
      std::get<0>(torch::linalg_cholesky_ex(moments)); // never fails but for what is not finite
  weights_ = torch::cholesky_solve(z.t().matmul(y - offset_) / n, factor);
}

Tensor RidgeProbe::scores(const Tensor& features) const {
  const auto z = (features.to(torch::kCPU, torch::kFloat64) - mean_) * inverse_deviation_;
  return (z.matmul(weights_) + offset_).view({z.size(0), -1, classes_});
}

double RidgeProbe::accuracy(const Tensor& features, const Tensor& targets) const {
  const auto answers = scores(features);
  if (answers.numel() == 0 || !answers.isfinite().all().item<bool>())
    return std::numeric_limits<double>::quiet_NaN();
  return (answers.argmax(-1) == targets.to(torch::kCPU)).to(torch::kFloat64).mean().item<double>();
}

} // namespace plateau::probes
