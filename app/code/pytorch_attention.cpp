// Attention's weights and how values are read with them.
#include <map>

#include <fmt/format.h>

#include "app/code/pytorch_parts.h"

namespace plateau::code {
namespace {

/// softmax over what is visible of the expression `scores`.
std::string softmax(const std::string& scores, bool causal) {
  return causal ? fmt::format("torch.softmax(({}).masked_fill(~visible, -1e30), -1)", scores)
                : fmt::format("torch.softmax({}, -1)", scores);
}

std::string hidden(const std::string& weights, bool causal) {
  return causal ? fmt::format("({}).masked_fill(~visible, 0)", weights) : weights;
}

/// Lines that make `variance` of each row's scores, over their number less `freedom`.
std::string variance(int freedom, bool causal) {
  if (!causal)
    return fmt::format("variance = scores.var(-1, unbiased={}, keepdim=True)\n", freedom ? "True" : "False");
  return fmt::format("count = visible.sum(-1, keepdim=True)\n"
                     "center = scores.masked_fill(~visible, 0).sum(-1, keepdim=True) / count\n"
                     "squares = (scores - center).masked_fill(~visible, 0).square().sum(-1, keepdim=True)\n"
                     "variance = squares / {}\n",
                     freedom ? "(count - 1).clamp_min(1)" : "count");
}

std::string weights_code(const study::AttentionSettings& a, bool causal) {
  const auto assigned = [](const std::string& weights) { return "weights = " + weights + "\n"; };
  const std::string count = causal ? "visible.sum(-1, keepdim=True)" : "scores.shape[-1]";
  if (a.variant == "norm-softmax")
    return variance(0, causal) + assigned(softmax("scores / variance.clamp(1e-12, tau)", causal));
  if (a.variant == "norm-softmax-std")
    return variance(1, causal) +
           assigned(softmax("scores / variance.clamp_min(1e-24).sqrt().clamp_max(tau)", causal));
  if (a.variant == "softmax-plus-one") {
    const std::string scores = causal ? "(scores / tau).masked_fill(~visible, -1e30)" : "scores / tau";
    return assigned(
        fmt::format("torch.softmax(F.pad({}, (0, 1)), -1)[..., :-1]  # one more key of score 0", scores));
  }
  if (a.variant == "clipped-softmax")
    return assigned(softmax("scores / tau", causal)) +
           assigned(hidden(fmt::format("(weights * {} + {}).clamp(0, 1)", a.stretch_upper - a.stretch_lower,
                                       a.stretch_lower),
                           causal));
  if (a.variant == "soft-cap")
    return assigned(softmax(fmt::format("{0} * torch.tanh(scores / (tau * {0}))", a.soft_cap), causal));
  if (a.variant == "sigmoid")
    return fmt::format("bias = {}\n", causal ? count + ".log()" : "math.log(" + count + ")") +
           assigned(hidden("torch.sigmoid(scores / tau - bias)", causal));
  if (a.variant == "relu")
    return assigned(hidden(fmt::format("scores.relu() / ({} ** {} * tau)", count, a.relu_exponent), causal));
  return assigned(softmax("scores / tau", causal));
}

std::string read_code(const study::AttentionSettings& a) {
  if (a.laser == "off") return "mixed = weights @ v\n";
  std::string code;
  if (a.laser == "max-shift")
    code = "largest = v.detach().amax(-2, keepdim=True)\n"
           "sums = weights @ (v - largest).exp()\n"
           "mixed = sums.clamp_min(torch.finfo(sums.dtype).tiny).log() + largest\n";
  else if (a.laser == "softclamp")
    code = fmt::format("sums = weights @ ({0} * torch.tanh(v / {0})).exp()\n"
                       "mixed = sums.clamp_min(torch.finfo(sums.dtype).tiny).log()\n",
                       a.laser_clamp);
  else
    code = "logs = torch.where(weights > 0, weights, torch.ones_like(weights)).log().masked_fill(weights <= "
           "0, -1e30)\n"
           "mixed = torch.logsumexp(logs.unsqueeze(-1) + v.unsqueeze(2), -2)\n";
  return code + "mixed = torch.where((weights > 0).any(-1, keepdim=True), mixed, torch.zeros_like(mixed))\n";
}

} // namespace

std::string attention_code(const study::AttentionSettings& attention, bool causal) {
  return weights_code(attention, causal) + read_code(attention);
}

} // namespace plateau::code
