// Transformers of any shape, for tests that hold for all of them.
#pragma once

#include <initializer_list>
#include <random>

#include "engine/models/transformer.h"

namespace plateau::testing {

using models::TransformerShape;

class Dice {
public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  bool toss() { return between(0, 1) == 1; }
  template<class T> T one_of(std::initializer_list<T> list) {
    return list.begin()[between(0, std::int64_t(list.size()) - 1)];
  }

private:
  std::mt19937 engine_;
};

inline TransformerShape random_shape(Dice& dice) {
  TransformerShape shape;
  if (dice.toss()) {
    shape.patch = dice.between(2, 4);
    shape.channels = dice.between(1, 3);
    shape.rows = dice.between(1, 5);
    shape.columns = dice.between(1, 7);
    shape.class_token = dice.toss();
    shape.positions = shape.patches() + shape.class_token;
  } else {
    shape.vocabulary = dice.between(3, 40);
    shape.positions = dice.between(1, 40);
    shape.causal = dice.toss();
  }
  shape.depth = dice.between(1, 3);
  shape.heads = dice.between(1, 4);
  shape.width = shape.heads * dice.between(2, 33);
  shape.hidden = dice.between(3, 100);
  using Activation = TransformerShape::Activation;
  shape.activation = dice.one_of({Activation::Relu, Activation::Gelu});
  shape.attention_norm = dice.toss();
  shape.mlp_norm = dice.toss();
  shape.final_norm = dice.toss();
  shape.output_bias = dice.toss();
  shape.drop_path = dice.toss() ? 0.4 : 0;
  using Read = TransformerShape::Read;
  shape.read = dice.one_of({Read::First, Read::Last, Read::All});
  shape.classes = dice.between(2, 60);
  shape.readout_bias = dice.toss();
  shape.init_std = 0.15;
  shape.token_std = 0.5;
  // Less usual ones.
  if (dice.toss()) {
    shape.norm_queries = dice.toss();
    shape.norm_values = dice.toss();
    shape.norm_mlp = dice.toss();
  }
  using Placement = TransformerShape::Placement;
  shape.placement =
      dice.one_of({Placement::Pre, Placement::Pre, Placement::Pre, Placement::Post, Placement::Peri});
  if (dice.toss()) shape.norm_kind = TransformerShape::NormKind::Rms;
  if (dice.between(1, 5) == 1) shape.hidden = 0;
  shape.readout_scale = dice.one_of({1.0, 1.0, 0.4, 2.5});
  if (!shape.has_images() && dice.between(1, 3) == 1) shape.item_width = dice.between(1, 20);
  return shape;
}

/// What such a model is given.
inline torch::Tensor random_inputs(const TransformerShape& shape, std::int64_t batch,
                                   at::Generator& generator) {
  if (shape.has_tokens())
    return torch::randint(shape.vocabulary, {batch, shape.positions}, generator, torch::kInt64);
  if (shape.has_images())
    return torch::randn({batch, shape.channels, shape.rows * shape.patch, shape.columns * shape.patch},
                        generator);
  auto pairs = torch::randn({batch, shape.positions, shape.item_width}, generator);
  for (std::int64_t i = 1; i < shape.positions; i += 2) {
    pairs.select(1, i).zero_();
    pairs.select(1, i).select(1, 0).copy_(torch::randint(shape.vocabulary, {batch}, generator));
  }
  return pairs;
}

} // namespace plateau::testing
