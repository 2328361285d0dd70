// The bottom of a lane: from inputs to the stream, and back.
#include "engine/fused/transformer_lane.h"

#include <algorithm>

namespace plateau::fused {

void TransformerLane::embed() {
  const auto d = shape_.width, positions = shape_.positions;
  const float* position = parameter(offsets_.position);
  if (tabled_) {
    const float* tokens = parameter(offsets_.embedding.weight);
    for (std::int64_t i = 0; i < positions; ++i) {
      float* rows = table_ + i * shape_.vocabulary * d;
      std::copy_n(tokens, shape_.vocabulary * d, rows);
      add_bias(rows, position + i * d, shape_.vocabulary, d);
    }
    for_query_rows([&](std::int64_t row, std::int64_t source) {
      std::copy_n(table_ + source * d, d, stream_ + row * d);
    });
    return;
  }
  if (shape_.has_items()) return embed_pairs();
  if (shape_.has_tokens()) {
    const float* table = parameter(offsets_.embedding.weight);
    const std::int64_t* tokens = pass_.inputs.tokens + pass_.begin * positions;
    for (std::int64_t row = 0; row < samples_ * positions; ++row) {
      std::copy_n(table + tokens[row] * d, d, stream_ + row * d);
      add(stream_ + row * d, position + row % positions * d, d);
    }
    return;
  }
  const auto patch = shape_.patch, width = shape_.columns * patch, height = shape_.rows * patch;
  float* out = patches_;
  for (std::int64_t sample = 0; sample < samples_; ++sample)
    for (std::int64_t cell = 0; cell < shape_.patches(); ++cell)
      for (std::int64_t channel = 0; channel < shape_.channels; ++channel)
        for (std::int64_t y = 0; y < patch; ++y, out += patch) {
          const auto line = ((pass_.begin + sample) * shape_.channels + channel) * height +
                            cell / shape_.columns * patch + y;
          std::copy_n(pass_.inputs.images + line * width + cell % shape_.columns * patch, patch, out);
        }
  linear(offsets_.embedding, samples_ * shape_.patches(), shape_.pixels(), d, {patches_, shape_.pixels()},
         branch_);
  const std::int64_t first = shape_.class_token ? 1 : 0;
  for (std::int64_t sample = 0; sample < samples_; ++sample) {
    float* rows = stream_ + sample * positions * d;
    std::copy_n(position, positions * d, rows);
    if (first) add(rows, parameter(offsets_.class_token), d);
    add_scaled(rows + first * d, branch_ + sample * shape_.patches() * d, parameter(offsets_.embedding.bias),
               1, shape_.patches(), d);
  }
}

void TransformerLane::embed_backward() {
  const auto d = shape_.width, positions = shape_.positions;
  if (tabled_) {
    for (std::int64_t i = 0; i < positions; ++i) {
      const float* rows = d_table_ + i * shape_.vocabulary * d;
      add_column_sums(rows, shape_.vocabulary, d, gradient(offsets_.position) + i * d);
      add(gradient(offsets_.embedding.weight), rows, shape_.vocabulary * d);
    }
    return;
  }
  for (std::int64_t sample = 0; sample < samples_; ++sample)
    add(gradient(offsets_.position), d_stream_ + sample * positions * d, positions * d);
  if (shape_.has_items()) return embed_pairs_backward();
  if (shape_.has_tokens()) {
    const std::int64_t* tokens = pass_.inputs.tokens + pass_.begin * positions;
    for (std::int64_t row = 0; row < samples_ * positions; ++row)
      add(gradient(offsets_.embedding.weight) + tokens[row] * d, d_stream_ + row * d, d);
    return;
  }
  const std::int64_t first = shape_.class_token ? 1 : 0;
  for (std::int64_t sample = 0; sample < samples_; ++sample) {
    const float* rows = d_stream_ + sample * positions * d;
    if (first) add(gradient(offsets_.class_token), rows, d);
    std::copy_n(rows + first * d, shape_.patches() * d, branch_ + sample * shape_.patches() * d);
  }
  linear_backward(offsets_.embedding, samples_ * shape_.patches(), shape_.pixels(), d,
                  {patches_, shape_.pixels()}, branch_, nullptr);
}

void TransformerLane::embed_pairs() {
  const auto d = shape_.width, positions = shape_.positions, items = shape_.items(),
             width = shape_.item_width;
  const float* pairs = pass_.inputs.pairs + pass_.begin * positions * width;
  for (std::int64_t sample = 0; sample < samples_; ++sample)
    for (std::int64_t i = 0; i < items; ++i)
      std::copy_n(pairs + (sample * positions + 2 * i) * width, width,
                  patches_ + (sample * items + i) * width);
  linear(offsets_.items, samples_ * items, width, d, {patches_, width}, branch_);
  add_bias(branch_, parameter(offsets_.items.bias), samples_ * items, d);
  for (std::int64_t sample = 0; sample < samples_; ++sample) {
    float* rows = stream_ + sample * positions * d;
    std::copy_n(parameter(offsets_.position), positions * d, rows);
    for (std::int64_t i = 0; i < positions; ++i)
      add(rows + i * d, i % 2 == 0 ? branch_ + (sample * items + i / 2) * d : label_row(sample, i), d);
  }
}

void TransformerLane::embed_pairs_backward() { // positions are done
  const auto d = shape_.width, positions = shape_.positions, items = shape_.items(),
             width = shape_.item_width;
  const float* table = parameter(offsets_.embedding.weight);
  float* d_table = gradient(offsets_.embedding.weight);
  for (std::int64_t sample = 0; sample < samples_; ++sample)
    for (std::int64_t i = 0; i < positions; ++i) {
      const float* row = d_stream_ + (sample * positions + i) * d;
      if (i % 2 == 0)
        std::copy_n(row, d, branch_ + (sample * items + i / 2) * d);
      else
        add(d_table + (label_row(sample, i) - table), row, d);
    }
  linear_backward(offsets_.items, samples_ * items, width, d, {patches_, width}, branch_, nullptr);
}

const float* TransformerLane::label_row(std::int64_t sample, std::int64_t position) const {
  const auto row = (pass_.begin + sample) * shape_.positions + position;
  const auto number = std::int64_t(pass_.inputs.pairs[row * shape_.item_width]);
  return parameter(offsets_.embedding.weight) + number * shape_.width;
}

} // namespace plateau::fused
