#include "engine/optim/modifiers.h"

namespace plateau::optim {
namespace {

constexpr double tiny = 1e-30;    // keeps 0 / 0 at 0
constexpr double rounding = 1e-6; // shares of a gradient below it are none

} // namespace

void keep_perpendicular(ParameterBuffer& parameters) {
  const torch::NoGradGuard no_grad;
  for (const auto& slice : parameters.slices()) {
    std::int64_t count = 1;
    for (const auto extent : slice.shape) count *= extent;
    const auto w = parameters.values.narrow(0, slice.begin, count);
    auto g = parameters.gradients.narrow(0, slice.begin, count);
    const auto length = g.norm();
    g.sub_(w * (w.dot(g) / w.dot(w).clamp_min(tiny)));
    const auto left = g.norm();
    const auto factor = length / left.clamp_min(tiny);
    g.mul_(torch::where(left > rounding * length, factor, torch::zeros_like(factor)));
  }
}

void add_slow_gradient(torch::Tensor& slow, torch::Tensor gradients, double memory, double gain) {
  const torch::NoGradGuard no_grad;
  if (slow.defined())
    slow.mul_(memory).add_(gradients, 1 - memory);
  else
    slow = gradients.clone();
  gradients.add_(slow, gain);
}

torch::Tensor total_norm(const torch::Tensor& values) {
  const torch::NoGradGuard no_grad;
  return values.to(torch::kFloat64).norm();
}

void restore_norm(torch::Tensor values, const torch::Tensor& norm) {
  const torch::NoGradGuard no_grad;
  const auto now = total_norm(values);
  values.mul_(torch::where(now > 0, norm / now, torch::ones_like(now)));
}

UpdateNorms update_norms(const torch::Tensor& before, const torch::Tensor& after,
                         const torch::Tensor& gradient, const torch::Tensor& decay, double decay_per_step) {
  const torch::NoGradGuard no_grad;
  const auto from = before.to(torch::kFloat64), g = gradient.to(torch::kFloat64);
  const auto update = after.to(torch::kFloat64) - from;
  const auto decayed = from * decay * decay_per_step;
  const auto length = [](const torch::Tensor& t) { return t.norm().item<double>(); };
  UpdateNorms norms;
  norms.update = length(update);
  norms.gradient = length(g);
  norms.decay_share = length(decayed) / length(update + decayed);
  norms.scaling_cosine = -g.dot(from).item<double>() / (norms.gradient * length(from));
  return norms;
}

} // namespace plateau::optim
