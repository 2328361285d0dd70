#include "engine/fused/transformer_lane.h"

#include <algorithm>
#include <cmath>

namespace plateau::fused {

using models::TransformerShape;

TransformerLane::TransformerLane(const TransformerShape& shape, const TransformerOffsets& offsets,
                                 Precision precision, std::int64_t samples)
    : shape_(shape), offsets_(offsets), samples_(samples), tabled_(uses_token_table(shape, samples)),
      gemm_(precision), layers_(std::size_t(shape.depth)) {
  const auto d = shape.width, all = samples * shape.positions;
  for (std::int64_t i = 0; i < shape.depth; ++i) {
    auto& layer = layers_[std::size_t(i)];
    const auto rows = query_rows(i), maps = samples * shape.heads * (rows / samples) * shape.positions;
    const auto sources = tabled_ && i == 0 ? table_rows() : all;
    if (shape.attention_norm) {
      arena_.request(layer.normalised1, sources * d);
      arena_.request(layer.inverse1, sources);
    }
    arena_.request(layer.input1, sources * d);
    arena_.request(layer.q, rows * d);
    arena_.request(layer.kv, all * 2 * d);
    arena_.request(layer.weights, maps);
    arena_.request(layer.scores, maps);
    arena_.request(layer.mixed, rows * d);
    if (shape.mlp_norm) {
      arena_.request(layer.normalised2, rows * d);
      arena_.request(layer.inverse2, rows);
    }
    arena_.request(layer.input2, rows * d);
    arena_.request(layer.active, rows * shape.hidden);
    arena_.request(layer.slope, rows * shape.hidden);
  }
  const auto outputs = samples * shape.outputs();
  if (shape.vocabulary == 0) arena_.request(patches_, samples * shape.patches() * shape.pixels());
  arena_.request(stream_, all * d);
  arena_.request(scratch_, std::max(attention_scratch(attention_shape(0)),
                                    attention_scratch(attention_shape(shape.depth - 1))));
  arena_.request(branch_, all * d);
  if (shape.final_norm) {
    arena_.request(final_normalised_, outputs * d);
    arena_.request(final_inverse_, outputs);
  }
  arena_.request(final_, outputs * d);
  arena_.request(logits_, outputs * shape.classes);
  arena_.request(d_stream_, all * d);
  arena_.request(d_wide_, all * shape.hidden);
  arena_.request(d_input_, all * d);
  arena_.request(d_read_, samples * d);
  arena_.request(d_q_, all * d);
  arena_.request(d_kv_, all * 2 * d);
  if (tabled_) {
    for (float** table : {&table_, &q_table_, &d_table_, &d_q_table_, &d_input_table_})
      arena_.request(*table, table_rows() * d);
    for (float** table : {&kv_table_, &d_kv_table_}) arena_.request(*table, table_rows() * 2 * d);
  }
  arena_.request(gradients_, offsets.size);
  arena_.allocate();
}

bool TransformerLane::reads_one(std::int64_t layer) const {
  return layer == shape_.depth - 1 && shape_.read != TransformerShape::Read::All;
}

std::int64_t TransformerLane::query_rows(std::int64_t layer) const {
  return reads_one(layer) ? samples_ : samples_ * shape_.positions;
}

std::int64_t TransformerLane::read_position() const {
  return shape_.read == TransformerShape::Read::Last ? shape_.positions - 1 : 0;
}

AttentionShape TransformerLane::attention_shape(std::int64_t layer) const {
  const bool one = reads_one(layer);
  // A single row sees all tokens up to its own: the last token everything, the first only itself.
  const bool first_alone = one && shape_.causal && read_position() == 0;
  return {samples_,     one ? 1 : shape_.positions,  first_alone ? 1 : shape_.positions,
          shape_.heads, shape_.width / shape_.heads, shape_.causal && !one};
}

attention::Scale TransformerLane::scale() const {
  const double sqrt_dk = std::sqrt(double(shape_.width / shape_.heads));
  return {pass_.options.temperature * sqrt_dk, sqrt_dk};
}

template<class Float> TokenRows<Float> TransformerLane::queries(std::int64_t layer, Float* data) const {
  return {data, shape_.width, reads_one(layer) ? shape_.width : shape_.positions * shape_.width};
}

template<class Float> TokenRows<Float> TransformerLane::keys(Float* data) const {
  return {data, 2 * shape_.width, shape_.positions * 2 * shape_.width};
}

MatrixView TransformerLane::query_inputs(std::int64_t layer) const {
  const float* inputs = layers_[std::size_t(layer)].input1;
  if (!reads_one(layer)) return {inputs, shape_.width};
  return {inputs + read_position() * shape_.width, shape_.positions * shape_.width};
}

const float* TransformerLane::branch_scales(std::int64_t layer, int branch) const {
  const float* scales = pass_.options.branch_scales;
  if (!scales || shape_.drop_rate(layer) <= 0) return nullptr;
  return scales + (2 * layer + branch) * pass_.inputs.count + pass_.begin;
}

void TransformerLane::linear(const Linear& linear, std::int64_t rows, std::int64_t inputs,
                             std::int64_t outputs, MatrixView x, float* y) {
  gemm_(rows, outputs, inputs, x, {parameter(linear.weight), inputs, true}, false, y, outputs);
}

void TransformerLane::linear_backward(const Linear& linear, std::int64_t rows, std::int64_t inputs,
                                      std::int64_t outputs, MatrixView x, const float* d_y, float* d_x) {
  gemm_(outputs, inputs, rows, {d_y, outputs, true}, x, false, gradient(linear.weight), inputs);
  if (linear.bias != TransformerOffsets::none) add_column_sums(d_y, rows, outputs, gradient(linear.bias));
  if (d_x)
    gemm_(rows, inputs, outputs, {d_y, outputs}, {parameter(linear.weight), inputs}, false, d_x, inputs);
}

void TransformerLane::normalise(const Norm& norm, const float* x, std::int64_t rows, float* normalised,
                                float* inverse, float* out) {
  if (norm.gain == TransformerOffsets::none)
    std::copy_n(x, rows * shape_.width, out);
  else
    layer_norm(x, rows, shape_.width, parameter(norm.gain), parameter(norm.bias), float(shape_.epsilon),
               normalised, inverse, out);
}

void TransformerLane::normalise_backward(const Norm& norm, std::int64_t rows, const float* normalised,
                                         const float* inverse, const float* d_out, float* d_x) {
  if (norm.gain == TransformerOffsets::none)
    add(d_x, d_out, rows * shape_.width);
  else
    layer_norm_backward(d_out, normalised, inverse, rows, shape_.width, parameter(norm.gain), d_x,
                        gradient(norm.gain), gradient(norm.bias));
}

void TransformerLane::add_branch(const Linear& linear, std::int64_t layer, int branch, const float* inner,
                                 std::int64_t inner_width) {
  const auto rows = query_rows(layer), d = shape_.width;
  const float* scales = branch_scales(layer, branch);
  const MatrixView weight{parameter(linear.weight), inner_width, true};
  const float* bias = parameter(linear.bias);
  if (!scales) {
    gemm_(rows, d, inner_width, {inner, inner_width}, weight, true, stream_, d);
    if (bias) add_bias(stream_, bias, rows, d);
    return;
  }
  gemm_(rows, d, inner_width, {inner, inner_width}, weight, false, branch_, d);
  const auto per_sample = rows / samples_;
  for (std::int64_t i = 0; i < samples_; ++i)
    add_scaled(stream_ + i * per_sample * d, branch_ + i * per_sample * d, bias, scales[i], per_sample, d);
}

const float* TransformerLane::branch_gradient(std::int64_t layer, int branch) {
  const float* scales = branch_scales(layer, branch);
  if (!scales) return d_stream_;
  const auto floats = query_rows(layer) / samples_ * shape_.width; // of a sample
  for (std::int64_t i = 0; i < samples_; ++i)
    scaled_copy(d_stream_ + i * floats, scales[i], floats, branch_ + i * floats);
  return branch_;
}

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
  if (shape_.vocabulary > 0) {
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
  if (shape_.vocabulary > 0) {
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

std::int64_t TransformerLane::table_row(std::int64_t sample, std::int64_t position) const {
  const auto token = pass_.inputs.tokens[(pass_.begin + sample) * shape_.positions + position];
  return position * shape_.vocabulary + token;
}

template<class Body> void TransformerLane::for_query_rows(const Body& body) const {
  const bool one = reads_one(0);
  for (std::int64_t sample = 0, row = 0; sample < samples_; ++sample)
    if (one)
      body(row++, table_row(sample, read_position()));
    else
      for (std::int64_t i = 0; i < shape_.positions; ++i) body(row++, table_row(sample, i));
}

void TransformerLane::project(std::int64_t index) {
  const auto& block = offsets_.blocks[std::size_t(index)];
  auto& layer = layers_[std::size_t(index)];
  const auto d = shape_.width, all = samples_ * shape_.positions;
  normalise(block.norm1, stream_, all, layer.normalised1, layer.inverse1, layer.input1);
  linear({block.qkv.weight}, query_rows(index), d, d, query_inputs(index), layer.q);
  linear({block.qkv.weight + d * d}, all, d, 2 * d, {layer.input1, d}, layer.kv);
  if (reads_one(index)) // from here on the stream is that of the one token
    for (std::int64_t i = 0; i < samples_; ++i)
      std::copy_n(stream_ + (i * shape_.positions + read_position()) * d, d, stream_ + i * d);
}

void TransformerLane::project_backward(std::int64_t index) {
  const auto& block = offsets_.blocks[std::size_t(index)];
  auto& layer = layers_[std::size_t(index)];
  const auto d = shape_.width, all = samples_ * shape_.positions, rows = query_rows(index);
  linear_backward({block.qkv.weight + d * d}, all, d, 2 * d, {layer.input1, d}, d_kv_, d_input_);
  linear_backward({block.qkv.weight}, rows, d, d, query_inputs(index), d_q_, nullptr);
  const auto place = query_inputs(index); // where the queries' rows stand among all
  gemm_(rows, d, d, {d_q_, d}, {parameter(block.qkv.weight), d}, true, d_input_ + (place.data - layer.input1),
        place.row);
  if (reads_one(index)) {
    std::copy_n(d_stream_, rows * d, d_read_);
    std::fill_n(d_stream_, all * d, 0.0f);
    for (std::int64_t i = 0; i < samples_; ++i)
      std::copy_n(d_read_ + i * d, d, d_stream_ + (i * shape_.positions + read_position()) * d);
  }
  normalise_backward(block.norm1, all, layer.normalised1, layer.inverse1, d_input_, d_stream_);
}

void TransformerLane::project_table() {
  const auto& block = offsets_.blocks[0];
  auto& layer = layers_[0];
  const auto d = shape_.width, positions = shape_.positions;
  normalise(block.norm1, table_, table_rows(), layer.normalised1, layer.inverse1, layer.input1);
  const auto first = reads_one(0) ? read_position() * shape_.vocabulary : 0; // rows that are ever asked from
  const auto count = reads_one(0) ? shape_.vocabulary : table_rows();
  linear({block.qkv.weight}, count, d, d, {layer.input1 + first * d, d}, q_table_ + first * d);
  linear({block.qkv.weight + d * d}, table_rows(), d, 2 * d, {layer.input1, d}, kv_table_);
  for_query_rows([&](std::int64_t row, std::int64_t source) {
    std::copy_n(q_table_ + source * d, d, layer.q + row * d);
  });
  for (std::int64_t sample = 0, row = 0; sample < samples_; ++sample)
    for (std::int64_t i = 0; i < positions; ++i, ++row)
      std::copy_n(kv_table_ + table_row(sample, i) * 2 * d, 2 * d, layer.kv + row * 2 * d);
}

void TransformerLane::project_table_backward() {
  const auto& block = offsets_.blocks[0];
  auto& layer = layers_[0];
  const auto d = shape_.width, positions = shape_.positions;
  std::fill_n(d_table_, table_rows() * d, 0.0f);
  std::fill_n(d_q_table_, table_rows() * d, 0.0f);
  std::fill_n(d_kv_table_, table_rows() * 2 * d, 0.0f);
  for_query_rows([&](std::int64_t row, std::int64_t source) {
    add(d_table_ + source * d, d_stream_ + row * d, d);
    add(d_q_table_ + source * d, d_q_ + row * d, d);
  });
  for (std::int64_t sample = 0, row = 0; sample < samples_; ++sample)
    for (std::int64_t i = 0; i < positions; ++i, ++row)
      add(d_kv_table_ + table_row(sample, i) * 2 * d, d_kv_ + row * 2 * d, 2 * d);
  const auto first = reads_one(0) ? read_position() * shape_.vocabulary : 0;
  const auto count = reads_one(0) ? shape_.vocabulary : table_rows();
  linear_backward({block.qkv.weight + d * d}, table_rows(), d, 2 * d, {layer.input1, d}, d_kv_table_,
                  d_input_table_);
  linear_backward({block.qkv.weight}, count, d, d, {layer.input1 + first * d, d}, d_q_table_ + first * d,
                  nullptr);
  gemm_(count, d, d, {d_q_table_ + first * d, d}, {parameter(block.qkv.weight), d}, true,
        d_input_table_ + first * d, d);
  normalise_backward(block.norm1, table_rows(), layer.normalised1, layer.inverse1, d_input_table_, d_table_);
}

void TransformerLane::attend(std::int64_t index) {
  auto& layer = layers_[std::size_t(index)];
  const auto d = shape_.width;
  if (tabled_ && index == 0)
    project_table();
  else
    project(index);
  const auto& counted = pass_.record.reads;
  attention(attention_shape(index), pass_.options.weights, pass_.options.read, scale(),
            queries<const float>(index, layer.q), keys<const float>(layer.kv),
            keys<const float>(layer.kv + d), layer.weights,
            keeps_scores(pass_.options.weights) ? layer.scores : nullptr, queries<float>(index, layer.mixed),
            scratch_, counted.empty() ? nullptr : counted[std::size_t(index)]);
  add_branch(offsets_.blocks[std::size_t(index)].projection, index, 0, layer.mixed, d);
}

void TransformerLane::mix_nothing(std::int64_t index) {
  const auto rows = samples_ * shape_.positions;
  auto& layer = layers_[std::size_t(index)];
  // These arrays are free in a forward pass without attention; the first layer's own may be those of a table.
  normalise(offsets_.blocks[std::size_t(index)].norm1, stream_, rows, d_stream_, layer.q, d_input_);
  add(stream_, d_input_, rows * shape_.width);
}

void TransformerLane::keep_record(std::int64_t index) const {
  const auto i = std::size_t(index);
  const auto map = shape_.heads * shape_.positions * shape_.positions,
             state = shape_.positions * shape_.width;
  if (i < pass_.record.attention.size())
    std::copy_n(layers_[i].weights, samples_ * map, pass_.record.attention[i] + pass_.begin * map);
  if (i < pass_.record.hidden.size())
    std::copy_n(stream_, samples_ * state, pass_.record.hidden[i] + pass_.begin * state);
}

void TransformerLane::attend_backward(std::int64_t index, const float* d_branch) {
  const auto& block = offsets_.blocks[std::size_t(index)];
  auto& layer = layers_[std::size_t(index)];
  const auto d = shape_.width;
  float* d_mixed = d_input_;
  linear_backward(block.projection, query_rows(index), d, d, {layer.mixed, d}, d_branch, d_mixed);
  const auto shape = attention_shape(index);
  if (shape.keys < shape_.positions) std::fill_n(d_kv_, samples_ * shape_.positions * 2 * d, 0.0f);
  attention_backward(shape, pass_.options.weights, pass_.options.read, scale(),
                     queries<const float>(index, layer.q), keys<const float>(layer.kv),
                     keys<const float>(layer.kv + d), layer.weights,
                     keeps_scores(pass_.options.weights) ? layer.scores : nullptr,
                     queries<const float>(index, layer.mixed), queries<const float>(index, d_mixed),
                     queries<float>(index, d_q_), keys<float>(d_kv_), keys<float>(d_kv_ + d), scratch_);
  if (tabled_ && index == 0)
    project_table_backward();
  else
    project_backward(index);
}

void TransformerLane::mlp(std::int64_t index, bool for_backward) {
  const auto& block = offsets_.blocks[std::size_t(index)];
  auto& layer = layers_[std::size_t(index)];
  const auto d = shape_.width, rows = query_rows(index), hidden = shape_.hidden;
  normalise(block.norm2, stream_, rows, layer.normalised2, layer.inverse2, layer.input2);
  linear(block.expand, rows, d, hidden, {layer.input2, d}, layer.active);
  bias_activation(layer.active, parameter(block.expand.bias), rows, hidden,
                  shape_.activation == TransformerShape::Activation::Relu ? Activation::Relu
                                                                          : Activation::Gelu,
                  for_backward ? layer.slope : nullptr);
  add_branch(block.contract, index, 1, layer.active, hidden);
}

void TransformerLane::mlp_backward(std::int64_t index, const float* d_branch) {
  const auto& block = offsets_.blocks[std::size_t(index)];
  auto& layer = layers_[std::size_t(index)];
  const auto d = shape_.width, rows = query_rows(index), hidden = shape_.hidden;
  linear_backward(block.contract, rows, hidden, d, {layer.active, hidden}, d_branch, d_wide_);
  activation_backward(d_wide_, layer.slope, rows, hidden, gradient(block.expand.bias));
  linear_backward({block.expand.weight}, rows, d, hidden, {layer.input2, d}, d_wide_, d_input_);
  normalise_backward(block.norm2, rows, layer.normalised2, layer.inverse2, d_input_, d_stream_);
}

void TransformerLane::forward(const Pass& pass, bool for_backward) {
  pass_ = pass;
  embed();
  for (std::int64_t i = 0; i < shape_.depth; ++i) {
    if (pass.record.identity_mixing)
      mix_nothing(i);
    else
      attend(i);
    mlp(i, for_backward);
    keep_record(i);
  }
  const auto rows = samples_ * shape_.outputs();
  normalise(offsets_.norm, stream_, rows, final_normalised_, final_inverse_, final_);
  linear(offsets_.readout, rows, shape_.width, shape_.classes, {final_, shape_.width}, logits_);
  if (const float* bias = parameter(offsets_.readout.bias)) add_bias(logits_, bias, rows, shape_.classes);
}

LossSums TransformerLane::backward(const Loss& loss, const LossTargets& targets, const LossCounts& counts) {
  const auto rows = samples_ * shape_.outputs(), d = shape_.width;
  std::fill_n(gradients_, offsets_.size, 0.0f);
  const auto own = targets.from(loss, pass_.begin * shape_.outputs(), shape_.classes);
  const auto sums = loss_gradient(loss, own, counts, rows, shape_.classes, logits_);
  linear_backward(offsets_.readout, rows, d, shape_.classes, {final_, d}, logits_, d_input_);
  std::fill_n(d_stream_, rows * d, 0.0f);
  normalise_backward(offsets_.norm, rows, final_normalised_, final_inverse_, d_input_, d_stream_);
  for (std::int64_t i = shape_.depth - 1; i >= 0; --i) {
    mlp_backward(i, branch_gradient(i, 1));
    attend_backward(i, branch_gradient(i, 0));
  }
  embed_backward();
  return sums;
}

} // namespace plateau::fused
