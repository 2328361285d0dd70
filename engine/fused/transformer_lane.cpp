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
    if (shape.queries_normalised() || shape.values_normalised()) {
      arena_.request(layer.normalised1, sources * d);
      arena_.request(layer.inverse1, sources);
      arena_.request(layer.input1, sources * d);
    }
    if (tabled_ && i == 0)
      arena_.request(table_, sources * d);
    else if (!shape.queries_normalised() || !shape.values_normalised())
      arena_.request(layer.raw1, sources * d);
    arena_.request(layer.q, rows * d);
    arena_.request(layer.kv, all * 2 * d);
    arena_.request(layer.weights, maps);
    arena_.request(layer.scores, maps);
    arena_.request(layer.mixed, rows * d);
    if (shape.mlp_normalised()) {
      arena_.request(layer.normalised2, rows * d);
      arena_.request(layer.inverse2, rows);
    }
    arena_.request(layer.input2, rows * d);
    arena_.request(layer.active, rows * shape.hidden);
    arena_.request(layer.slope, rows * shape.hidden);
    if (shape.placement != TransformerShape::Placement::Pre)
      for (int branch = 0; branch < 2; ++branch) {
        arena_.request(layer.normalised_after[branch], rows * d);
        arena_.request(layer.inverse_after[branch], rows);
      }
  }
  const auto outputs = samples * shape.outputs();
  if (shape.has_images()) arena_.request(patches_, samples * shape.patches() * shape.pixels());
  if (shape.has_items()) arena_.request(patches_, samples * shape.items() * shape.item_width);
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
    for (float** table : {&q_table_, &d_table_, &d_q_table_, &d_input_table_})
      arena_.request(*table, table_rows() * d);
    for (float** table : {&kv_table_, &d_kv_table_}) arena_.request(*table, table_rows() * 2 * d);
  }
  arena_.request(gradients_, offsets.size);
  arena_.allocate();
  if (tabled_) layers_[0].raw1 = table_; // which nothing changes
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
  const auto epsilon = float(shape_.epsilon);
  if (norm.gain == TransformerOffsets::none)
    std::copy_n(x, rows * shape_.width, out);
  else if (norm.bias == TransformerOffsets::none)
    rms_norm(x, rows, shape_.width, parameter(norm.gain), epsilon, normalised, inverse, out);
  else
    layer_norm(x, rows, shape_.width, parameter(norm.gain), parameter(norm.bias), epsilon, normalised,
               inverse, out);
}

void TransformerLane::normalise_backward(const Norm& norm, std::int64_t rows, const float* normalised,
                                         const float* inverse, const float* d_out, float* d_x) {
  if (norm.gain == TransformerOffsets::none)
    add(d_x, d_out, rows * shape_.width);
  else if (norm.bias == TransformerOffsets::none)
    rms_norm_backward(d_out, normalised, inverse, rows, shape_.width, parameter(norm.gain), d_x,
                      gradient(norm.gain));
  else
    layer_norm_backward(d_out, normalised, inverse, rows, shape_.width, parameter(norm.gain), d_x,
                        gradient(norm.gain), gradient(norm.bias));
}

TransformerOffsets::Norm TransformerLane::norm_after(std::int64_t index, int branch) const {
  const auto& block = offsets_.blocks[std::size_t(index)];
  if (shape_.placement == TransformerShape::Placement::Post) return branch == 0 ? block.norm1 : block.norm2;
  return branch == 0 ? block.norm1_after : block.norm2_after;
}

void TransformerLane::add_branch(const Linear& linear, std::int64_t index, int branch, const float* inner,
                                 std::int64_t inner_width) {
  const auto rows = query_rows(index), d = shape_.width;
  const auto& layer = layers_[std::size_t(index)];
  const float* scales = branch_scales(index, branch);
  const MatrixView weight{parameter(linear.weight), inner_width, true};
  const float* bias = parameter(linear.bias);
  const auto norm = norm_after(index, branch);
  const bool has_norm = norm.gain != TransformerOffsets::none;
  const bool of_sum = has_norm && shape_.placement == TransformerShape::Placement::Post;
  const auto normalise_after = [&](float* x) {
    normalise(norm, x, rows, layer.normalised_after[branch], layer.inverse_after[branch], x);
  };
  if (!scales && (!has_norm || of_sum)) {
    gemm_(rows, d, inner_width, {inner, inner_width}, weight, true, stream_, d);
    if (bias) add_bias(stream_, bias, rows, d);
  } else {
    gemm_(rows, d, inner_width, {inner, inner_width}, weight, false, branch_, d);
    if (has_norm && !of_sum) {
      if (bias) add_bias(branch_, bias, rows, d);
      bias = nullptr;
      normalise_after(branch_);
    }
    const auto per_sample = rows / samples_;
    for (std::int64_t i = 0; i < samples_; ++i)
      add_scaled(stream_ + i * per_sample * d, branch_ + i * per_sample * d, bias, scales ? scales[i] : 1,
                 per_sample, d);
  }
  if (of_sum) normalise_after(stream_);
}

const float* TransformerLane::branch_gradient(std::int64_t index, int branch) {
  const auto& layer = layers_[std::size_t(index)];
  const auto rows = query_rows(index), count = rows * shape_.width;
  const auto norm = norm_after(index, branch);
  const bool has_norm = norm.gain != TransformerOffsets::none;
  const auto back = [&](const float* d, float* to) { // `to` may be `d`
    std::copy_n(d, count, d_input_);
    std::fill_n(to, count, 0.0f);
    normalise_backward(norm, rows, layer.normalised_after[branch], layer.inverse_after[branch], d_input_, to);
  };
  const bool of_sum = shape_.placement == TransformerShape::Placement::Post;
  if (has_norm && of_sum) back(d_stream_, d_stream_);
  const float* d_branch = d_stream_;
  if (const float* scales = branch_scales(index, branch)) {
    const auto floats = count / samples_; // of a sample
    for (std::int64_t i = 0; i < samples_; ++i)
      scaled_copy(d_stream_ + i * floats, scales[i], floats, branch_ + i * floats);
    d_branch = branch_;
  }
  if (!has_norm || of_sum) return d_branch;
  back(d_branch, branch_);
  return branch_;
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
  const auto& norm = offsets_.blocks[std::size_t(index)].norm1;
  // These arrays are free in a forward pass without attention; the first layer's own may be those of a table.
  const auto normalised = [&](const Norm& norm, const float* x, float* out) {
    normalise(norm, x, rows, d_stream_, layer.q, out);
  };
  normalised(shape_.values_normalised() ? norm : Norm{}, stream_, d_input_);
  const auto after = norm_after(index, 0);
  const bool has_after = after.gain != TransformerOffsets::none;
  const bool of_sum = shape_.placement == TransformerShape::Placement::Post;
  if (has_after && !of_sum) normalised(after, d_input_, d_input_);
  add(stream_, d_input_, rows * shape_.width);
  if (has_after && of_sum) normalised(after, stream_, stream_);
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
  normalise(shape_.mlp_normalised() ? block.norm2 : Norm{}, stream_, rows, layer.normalised2, layer.inverse2,
            layer.input2);
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
  normalise_backward(shape_.mlp_normalised() ? block.norm2 : Norm{}, rows, layer.normalised2, layer.inverse2,
                     d_input_, d_stream_);
}

void TransformerLane::scale_logits() {
  if (shape_.readout_scale == 1) return;
  const auto count = samples_ * shape_.outputs() * shape_.classes;
  scaled_copy(logits_, float(shape_.readout_scale), count, logits_);
}

void TransformerLane::forward(const Pass& pass, bool for_backward) {
  pass_ = pass;
  embed();
  for (std::int64_t i = 0; i < shape_.depth; ++i) {
    if (pass.record.identity_mixing)
      mix_nothing(i);
    else
      attend(i);
    if (shape_.hidden > 0) mlp(i, for_backward);
    keep_record(i);
  }
  const auto rows = samples_ * shape_.outputs();
  normalise(offsets_.norm, stream_, rows, final_normalised_, final_inverse_, final_);
  if (pass.record.features)
    std::copy_n(final_, rows * shape_.width,
                pass.record.features + pass.begin * shape_.outputs() * shape_.width);
  linear(offsets_.readout, rows, shape_.width, shape_.classes, {final_, shape_.width}, logits_);
  if (const float* bias = parameter(offsets_.readout.bias)) add_bias(logits_, bias, rows, shape_.classes);
  scale_logits();
}

LossSums TransformerLane::backward(const Loss& loss, const LossTargets& targets, const LossCounts& counts) {
  const auto rows = samples_ * shape_.outputs(), d = shape_.width;
  std::fill_n(gradients_, offsets_.size, 0.0f);
  const auto own = targets.from(loss, pass_.begin * shape_.outputs(), shape_.classes);
  const auto sums = loss_gradient(loss, own, counts, rows, shape_.classes, logits_);
  scale_logits(); // by the chain rule, their gradients likewise
  linear_backward(offsets_.readout, rows, d, shape_.classes, {final_, d}, logits_, d_input_);
  std::fill_n(d_stream_, rows * d, 0.0f);
  normalise_backward(offsets_.norm, rows, final_normalised_, final_inverse_, d_input_, d_stream_);
  for (std::int64_t i = shape_.depth - 1; i >= 0; --i) {
    if (shape_.hidden > 0) mlp_backward(i, branch_gradient(i, 1));
    attend_backward(i, branch_gradient(i, 0));
  }
  embed_backward();
  return sums;
}

} // namespace plateau::fused
