#include "engine/probes/spectrum.h"

#include <cmath>
#include <limits>

#include <torch/torch.h>

namespace plateau::probes {

std::vector<double> spectrum(const torch::Tensor& rows) {
  const auto x = rows.detach().to(torch::kCPU, torch::kFloat64);
  const auto products = x.t().matmul(x);
  if (!products.isfinite().all().item<bool>())
    return std::vector<double>(std::size_t(x.size(1)), std::numeric_limits<double>::quiet_NaN());
  const auto values = torch::linalg_eigvalsh(products).flip(0).clamp_min(0).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

double effective_rank(std::span<const double> spectrum) {
  double sum = 0, products = 0;
  for (const double value : spectrum) {
    sum += value;
    if (value > 0) products += value * std::log(value);
  }
  return sum == 0 ? 0 : std::exp(std::log(sum) - products / sum);
}

double stable_rank(std::span<const double> spectrum) {
  if (spectrum.empty() || spectrum.front() == 0) return 0;
  double squares = 0;
  for (const double value : spectrum) squares += (value / spectrum.front()) * (value / spectrum.front());
  return std::sqrt(squares);
}

} // namespace plateau::probes
