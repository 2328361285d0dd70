// The way from the stream to a lane's queries, keys and values, and back.
#include "engine/fused/transformer_lane.h"

#include <algorithm>

namespace plateau::fused {

std::int64_t TransformerLane::table_row(std::int64_t sample, std::int64_t position) const {
  const auto token = pass_.inputs.tokens[(pass_.begin + sample) * shape_.positions + position];
  return position * shape_.vocabulary + token;
}

TransformerLane::Rows TransformerLane::rows(std::int64_t index) const {
  const bool one = reads_one(index);
  if (tabled_ && index == 0) { // queries only of rows that are ever asked from
    if (one) return {table_rows(), shape_.vocabulary, read_position() * shape_.vocabulary, 1};
    return {table_rows(), table_rows(), 0, 1};
  }
  const auto all = samples_ * shape_.positions;
  if (one) return {all, samples_, read_position(), shape_.positions};
  return {all, all, 0, 1};
}

void TransformerLane::project_rows(std::int64_t index, const float* stream, float* q, float* kv) {
  const auto& block = offsets_.blocks[std::size_t(index)];
  auto& layer = layers_[std::size_t(index)];
  const auto d = shape_.width;
  const auto [count, queries, first, stride] = rows(index);
  const bool query_norm = shape_.queries_normalised(), value_norm = shape_.values_normalised();
  if (query_norm || value_norm)
    normalise(block.norm1, stream, count, layer.normalised1, layer.inverse1, layer.input1);
  if (!(query_norm && value_norm) && layer.raw1 != stream) std::copy_n(stream, count * d, layer.raw1);
  const float* x = query_norm ? layer.input1 : layer.raw1;
  linear({block.qkv.weight}, queries, d, d, {x + first * d, stride * d}, q);
  if (query_norm == value_norm) {
    linear({block.qkv.weight + d * d}, count, d, 2 * d, {x, d}, kv);
    return;
  }
  const float* of_values = value_norm ? layer.input1 : layer.raw1;
  gemm_(count, d, d, {x, d}, {parameter(block.qkv.weight + d * d), d, true}, false, kv, 2 * d);
  gemm_(count, d, d, {of_values, d}, {parameter(block.qkv.weight + 2 * d * d), d, true}, false, kv + d,
        2 * d);
}

void TransformerLane::project_rows_backward(std::int64_t index, const float* d_q, const float* d_kv,
                                            float* d_normalised, float* d_stream) {
  const auto& block = offsets_.blocks[std::size_t(index)];
  auto& layer = layers_[std::size_t(index)];
  const auto d = shape_.width, weight = block.qkv.weight;
  const auto [count, queries, first, stride] = rows(index);
  const bool query_norm = shape_.queries_normalised(), value_norm = shape_.values_normalised();
  const float* x = query_norm ? layer.input1 : layer.raw1;
  float* d_x = d_normalised; // of queries and keys
  if (query_norm == value_norm) {
    linear_backward({weight + d * d}, count, d, 2 * d, {x, d}, d_kv, d_x);
  } else {
    const float* of_values = value_norm ? layer.input1 : layer.raw1;
    gemm_(d, d, count, {d_kv, 2 * d, true}, {x, d}, false, gradient(weight + d * d), d);
    gemm_(d, d, count, {d_kv + d, 2 * d, true}, {of_values, d}, false, gradient(weight + 2 * d * d), d);
    // What saw the stream as it is adds to the stream's gradient itself.
    if (!query_norm) d_x = d_stream;
    float* d_of_values = value_norm ? d_normalised : d_stream;
    gemm_(count, d, d, {d_kv, 2 * d}, {parameter(weight + d * d), d}, !query_norm, d_x, d);
    gemm_(count, d, d, {d_kv + d, 2 * d}, {parameter(weight + 2 * d * d), d}, !value_norm, d_of_values, d);
  }
  linear_backward({weight}, queries, d, d, {x + first * d, stride * d}, d_q, nullptr);
  gemm_(queries, d, d, {d_q, d}, {parameter(weight), d}, true, d_x + first * d, stride * d);
  const bool normed = query_norm || value_norm;
  normalise_backward(normed ? block.norm1 : Norm{}, count, layer.normalised1, layer.inverse1, d_normalised,
                     d_stream);
}

void TransformerLane::project(std::int64_t index) {
  auto& layer = layers_[std::size_t(index)];
  const auto d = shape_.width;
  project_rows(index, stream_, layer.q, layer.kv);
  if (reads_one(index)) // from here on the stream is that of the one token
    for (std::int64_t i = 0; i < samples_; ++i)
      std::copy_n(stream_ + (i * shape_.positions + read_position()) * d, d, stream_ + i * d);
}

void TransformerLane::project_backward(std::int64_t index) {
  const auto d = shape_.width;
  if (reads_one(index)) {
    std::copy_n(d_stream_, samples_ * d, d_read_);
    std::fill_n(d_stream_, samples_ * shape_.positions * d, 0.0f);
    for (std::int64_t i = 0; i < samples_; ++i)
      std::copy_n(d_read_ + i * d, d, d_stream_ + (i * shape_.positions + read_position()) * d);
  }
  project_rows_backward(index, d_q_, d_kv_, d_input_, d_stream_);
}

void TransformerLane::project_table() {
  auto& layer = layers_[0];
  const auto d = shape_.width;
  project_rows(0, table_, q_table_ + rows(0).first * d, kv_table_);
  for_query_rows([&](std::int64_t row, std::int64_t source) {
    std::copy_n(q_table_ + source * d, d, layer.q + row * d);
  });
  for (std::int64_t sample = 0, row = 0; sample < samples_; ++sample)
    for (std::int64_t i = 0; i < shape_.positions; ++i, ++row)
      std::copy_n(kv_table_ + table_row(sample, i) * 2 * d, 2 * d, layer.kv + row * 2 * d);
}

void TransformerLane::project_table_backward() {
  const auto d = shape_.width;
  std::fill_n(d_table_, table_rows() * d, 0.0f);
  std::fill_n(d_q_table_, table_rows() * d, 0.0f);
  std::fill_n(d_kv_table_, table_rows() * 2 * d, 0.0f);
  for_query_rows([&](std::int64_t row, std::int64_t source) {
    add(d_table_ + source * d, d_stream_ + row * d, d);
    add(d_q_table_ + source * d, d_q_ + row * d, d);
  });
  for (std::int64_t sample = 0, row = 0; sample < samples_; ++sample)
    for (std::int64_t i = 0; i < shape_.positions; ++i, ++row)
      add(d_kv_table_ + table_row(sample, i) * 2 * d, d_kv_ + row * 2 * d, 2 * d);
  project_rows_backward(0, d_q_table_ + rows(0).first * d, d_kv_table_, d_input_table_, d_table_);
}

} // namespace plateau::fused
