#include "engine/optim/gradient_rescaling.h"

#include "engine/errors.h"

namespace plateau::optim {
namespace {

// Keeps 0/0 at 0: such a part's gradient is zero anyway.
constexpr double tiny = 1e-30;

} // namespace

void rescale_gradients(const std::string& method, const std::vector<models::FusedProjection>& projections) {
  if (method == "none") return;
  const torch::NoGradGuard no_grad;
  for (const auto& projection : projections) {
    const auto gradient = projection.weight.grad();
    if (!gradient.defined()) continue;
    const auto width = gradient.size(1);
    const auto heads = method == "per-head-to-value" ? projection.heads : 1;
    auto parts = gradient.view({3, heads, width / heads * width}); // [Q K V, heads, numbers]
    const auto size = parts.abs().mean(-1, true);                  // [3, heads, 1]
    if (method == "mean")
      parts.mul_(parts.abs().mean() / size.clamp_min(tiny));
    else if (method == "mean-to-value" || method == "per-head-to-value")
      parts.mul_(size.slice(0, 2, 3) / size.clamp_min(tiny)); // Q, K and V itself by 1
    else
      throw InputError("there is no gradient re-scaling '" + method + "'");
  }
}

} // namespace plateau::optim
