// One layer of attention on random numbers in float64, for the tests of variants and of LASER.
#pragma once

#include "engine/attention/variant.h"

namespace plateau::testing {

using attention::Layer;
using attention::OwnParameters;
using attention::Variant;
using torch::Tensor;

inline at::Generator dice(unsigned seed) {
  return at::detail::createCPUGenerator(seed);
}

/// A layer with own parameters that are not at their start.
struct Bench {
  Bench(const Variant& variant, bool causal, std::int64_t tokens = 5, unsigned seed = 1) : variant(variant) {
    auto generator = dice(seed);
    const std::int64_t batch = 2, heads = 2, head_width = 4;
    const auto random = [&](at::IntArrayRef shape) {
      return torch::randn(shape, generator, torch::kFloat64);
    };
    layer.q = random({batch, heads, tokens, head_width});
    layer.k = random({batch, heads, tokens, head_width});
    layer.v = random({batch, heads, tokens, head_width});
    layer.x = random({batch, tokens, heads * head_width});
    if (causal) layer.visible = torch::ones({tokens, tokens}, torch::kBool).tril();
    layer.scale = {0.7 * 2, 2};
    layer.settings = &settings;
    layer.index = 1;
    if (variant.own) {
      own = variant.own({heads * head_width, heads, tokens, 1, causal}, generator);
      for (auto& [name, tensor] : own) tensor = tensor.to(torch::kFloat64) + 0.2 * random(tensor.sizes());
    }
    layer.own = &own;
  }
  Bench(const Bench&) = delete;

  const Variant& variant;
  study::AttentionSettings settings;
  OwnParameters own;
  Layer layer;
};

} // namespace plateau::testing
