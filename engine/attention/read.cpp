#include "engine/attention/read.h"

#include <limits>

#include "engine/attention/masked.h"
#include "engine/errors.h"

namespace plateau::attention {
namespace {

using torch::Tensor;

double smallest(const Tensor& x) {
  return x.scalar_type() == torch::kFloat64 ? std::numeric_limits<double>::min()
                                            : double(std::numeric_limits<float>::min());
}

/// ln of sums; of 0 it would be -infinity, and has no derivative.
Tensor guarded_log(const Tensor& sums, ReadCounts* counts) {
  const double least = smallest(sums);
  if (counts) counts->zeros += (sums < least).sum().item<double>();
  return sums.clamp_min(least).log();
}

/// `output` where the row has any weight, else 0.
Tensor where_alive(const Tensor& weights, const Tensor& output) {
  return torch::where((weights > 0).any(-1, true), output, torch::zeros_like(output));
}

} // namespace

Tensor log_mean_exp(const Tensor& weights, const Tensor& v, ReadCounts* counts) {
  const auto largest = v.detach().amax(-2, true); // per channel, over all positions
  return guarded_log(torch::matmul(weights, (v - largest).exp()), counts) + largest;
}

Tensor exact_log_mean_exp(const Tensor& weights, const Tensor& v) {
  const auto positive = weights > 0;
  const auto logs = torch::where(positive, weights, torch::ones_like(weights)).log();
  return torch::logsumexp(
      logs.masked_fill(positive.logical_not(), hidden_score).unsqueeze(-1) + v.unsqueeze(2), -2);
}

Tensor read(const Tensor& weights, const Layer& layer) {
  auto* counts = layer.counts;
  const auto& laser = layer.settings->laser;
  if (laser == "off") return torch::matmul(weights, layer.v);
  Tensor output;
  if (laser == "max-shift") {
    output = log_mean_exp(weights, layer.v, counts);
  } else if (laser == "softclamp") {
    const double clamp = layer.settings->laser_clamp;
    output = guarded_log(torch::matmul(weights, (torch::tanh(layer.v / clamp) * clamp).exp()), counts);
  } else if (laser == "exact") {
    output = exact_log_mean_exp(weights, layer.v);
  } else {
    throw InputError("there is no LASER form '" + laser + "'");
  }
  output = where_alive(weights, output);
  if (counts) {
    counts->entries += double(output.numel());
    counts->non_finite += double(output.numel()) - torch::isfinite(output).sum().item<double>();
  }
  return output;
}

Mixed attend(const Variant& variant, const Layer& layer) {
  const auto scores =
      variant.scores ? variant.scores(layer) : torch::matmul(layer.q, layer.k.transpose(-2, -1));
  Mixed mixed;
  mixed.weights = variant.weights(scores, layer);
  mixed.output = variant.output ? variant.output(mixed.weights, layer) : read(mixed.weights, layer);
  if (variant.finish) mixed.output = variant.finish(mixed.output, layer);
  return mixed;
}

} // namespace plateau::attention
