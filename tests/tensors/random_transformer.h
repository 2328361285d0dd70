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
  return shape;
}

} // namespace plateau::testing
