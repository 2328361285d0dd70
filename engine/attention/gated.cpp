// A gate on what attention has read, before W_O: a head can say "nothing" without needing a sink.
#include "engine/attention/masked.h"

namespace plateau::attention {
namespace {

/// 2 sigmoid(x W^T): [B, N, gates] -> [B, H, N, gates / H].
torch::Tensor gated(const torch::Tensor& output, const Layer& layer) {
  const auto heads = output.size(1);
  const auto gate = 2 * torch::sigmoid(torch::matmul(layer.x, layer.own_parameter("gate").t()));
  return output * gate.view({gate.size(0), gate.size(1), heads, -1}).transpose(1, 2);
}

OwnParameters zeros(std::int64_t gates, const LayerShape& shape) {
  return {{"gate", torch::zeros({gates, shape.width})}};
}

constexpr const char* source =
    "Qiu et al. 2025 (Gated attention for large language models), arXiv:2505.06708";

} // namespace

const Variant gated_head{
    .info =
        {.name = "gated-head",
         .title = "Gated, one gate per head",
         .formula = "o_h ← o_h · 2σ(x W_G)_h,  o = softmax(l / τ) v",
         .description =
             "Softmax whose result each head can turn down or up, as the token wants it: a linear read gets "
             "a nonlinearity, and sinks lose their use. The factor 2, which W_O absorbs, makes zero gate "
             "weights plain softmax: switching to it changes nothing at first.",
         .source = source,
         .own = {{"gate", "W_G [heads, width]; starts at 0"}}},
    .weights = softmax_weights,
    .finish = gated,
    .own = [](const LayerShape& shape, at::Generator&) { return zeros(shape.heads, shape); },
    .row = softmax_weights_row,
    .jacobian = softmax_weights_jacobian};

const Variant gated_element{
    .info = {.name = "gated-element",
             .title = "Gated, one gate per channel",
             .formula = "o ← o ∘ 2σ(x W_G),  o = softmax(l / τ) v",
             .description = "As the gate per head, with a gate for every channel of every head.",
             .source = source,
             .own = {{"gate", "W_G [width, width]; starts at 0"}}},
    .weights = softmax_weights,
    .finish = gated,
    .own = [](const LayerShape& shape, at::Generator&) { return zeros(shape.width, shape); },
    .row = softmax_weights_row,
    .jacobian = softmax_weights_jacobian};

} // namespace plateau::attention
