#include "engine/fused/attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fused/attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fused/attention_rows-inl.h"
#include "engine/fused/laser-inl.h"
#include "engine/fused/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

constexpr std::int64_t padding =
    16; // a multiple of every vector's lanes that we meet; longer ones only waste

std::int64_t padded(std::int64_t count) {
  return (count + padding - 1) / padding * padding + padding;
}

void Forward(const AttentionShape& shape, const RowWeights& rule, const ValueRead& read,
             attention::Scale scale, TokenRows<const float> q, TokenRows<const float> k,
             TokenRows<const float> v, float* weights, float* scores, TokenRows<float> out, float* scratch,
             ReadCounts* counts) {
  const auto [samples, queries, keys, heads, width, causal] = shape;
  const std::int64_t row = padded(keys);
  float* transposed = scratch;           // [width, row]
  float* raw = transposed + width * row; // [queries, row]
  float* mixed = raw + queries * row;    // [queries, row]: the weights
  const bool laser = read.kind != ValueRead::Kind::Mean;
  const std::int64_t value_row = padded(width);
  float* values = mixed + queries * row;    // [keys, value_row]: LASER's exponentials
  float* shift = values + keys * value_row; // [value_row]
  for (std::int64_t sample = 0; sample < samples; ++sample)
    for (std::int64_t head = 0; head < heads; ++head) {
      const std::int64_t offset = head * width;
      transpose(k.data + sample * k.sample + offset, k.row, keys, width, transposed, row);
      product(queries, width, keys, {q.data + sample * q.sample + offset, q.row, 1}, transposed, row, raw,
              row);
      for (std::int64_t i = 0; i < queries; ++i) {
        const std::int64_t visible = causal ? i + 1 : keys;
        forward_row(rule, raw + i * row, visible, float(scale.tau), mixed + i * row);
        for (std::int64_t j = visible; j < keys; ++j) mixed[i * row + j] = 0;
      }
      const float* v_here = v.data + sample * v.sample + offset;
      float* out_here = out.data + sample * out.sample + offset;
      if (laser) {
        laser_values(read, v_here, v.row, keys, width, values, value_row, shift);
        product(queries, keys, width, {mixed, row, 1}, values, value_row, out_here, out.row);
        for (std::int64_t i = 0; i < queries; ++i)
          laser_row(out_here + i * out.row, shift, width, reads_nothing(mixed + i * row, keys), counts);
      } else {
        product(queries, keys, width, {mixed, row, 1}, v_here, v.row, out_here, out.row);
      }
      const std::int64_t place = (sample * heads + head) * queries * keys;
      for (std::int64_t i = 0; i < queries; ++i)
        for_vectors(keys, [&](std::int64_t j, auto part) HWY_ATTR {
          part.store(part.load(mixed + i * row + j), weights + place + i * keys + j);
          if (scores) part.store(part.load(raw + i * row + j), scores + place + i * keys + j);
        });
    }
}

void Backward(const AttentionShape& shape, const RowWeights& rule, const ValueRead& read,
              attention::Scale scale, TokenRows<const float> q, TokenRows<const float> k,
              TokenRows<const float> v, const float* weights, const float* scores, TokenRows<const float> out,
              TokenRows<const float> d_out, TokenRows<float> d_q, TokenRows<float> d_k, TokenRows<float> d_v,
              float* scratch) {
  const auto [samples, queries, keys, heads, width, causal] = shape;
  const std::int64_t row = padded(keys);
  float* transposed = scratch;                // [width, row]
  float* d_scores = transposed + width * row; // [queries, row]
  const bool laser = read.kind != ValueRead::Kind::Mean;
  const std::int64_t value_row = padded(width);
  float* values = d_scores + queries * row; // [keys, value_row]: LASER's exponentials
  float* shift = values + keys * value_row; // [value_row]
  float* d_sums = shift + value_row;        // [queries, value_row]
  for (std::int64_t sample = 0; sample < samples; ++sample)
    for (std::int64_t head = 0; head < heads; ++head) {
      const std::int64_t offset = head * width, place = (sample * heads + head) * queries * keys;
      const float* a = weights + place;
      const float* v_here = v.data + sample * v.sample + offset;
      const float* up = d_out.data + sample * d_out.sample + offset;
      std::int64_t up_row = d_out.row;
      if (laser) {
        laser_values(read, v_here, v.row, keys, width, values, value_row, shift);
        for (std::int64_t i = 0; i < queries; ++i)
          laser_backward_row(up + i * up_row, out.data + sample * out.sample + offset + i * out.row, shift,
                             width, reads_nothing(a + i * keys, keys), d_sums + i * value_row);
        up = d_sums;
        up_row = value_row;
        transpose(values, value_row, keys, width, transposed, row);
      } else {
        transpose(v_here, v.row, keys, width, transposed, row);
      }
      product(queries, width, keys, {up, up_row, 1}, transposed, row, d_scores, row);
      for (std::int64_t i = 0; i < queries; ++i) {
        const std::int64_t visible = causal ? i + 1 : keys;
        backward_row(rule, scores ? scores + place + i * keys : nullptr, a + i * keys, visible,
                     float(scale.tau), d_scores + i * row);
        for (std::int64_t j = visible; j < keys; ++j) d_scores[i * row + j] = 0;
      }
      float* d_v_here = d_v.data + sample * d_v.sample + offset;
      product(keys, queries, width, {a, 1, keys}, up, up_row, d_v_here, d_v.row);
      if (laser)
        laser_values_backward(read, v_here, v.row, values, value_row, keys, width, d_v_here, d_v.row);
      product(queries, keys, width, {d_scores, row, 1}, k.data + sample * k.sample + offset, k.row,
              d_q.data + sample * d_q.sample + offset, d_q.row);
      product(keys, queries, width, {d_scores, 1, row}, q.data + sample * q.sample + offset, q.row,
              d_k.data + sample * d_k.sample + offset, d_k.row);
    }
}

std::int64_t Scratch(const AttentionShape& shape) {
  return (shape.head_width + 2 * shape.queries) * padded(shape.keys) +
         (shape.keys + shape.queries + 2) * padded(shape.head_width); // the latter for LASER
}

} // namespace
} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace plateau::fused {

HWY_EXPORT(Forward);
HWY_EXPORT(Backward);
HWY_EXPORT(Scratch);

std::optional<RowWeights> row_weights(std::string_view variant, const study::AttentionSettings& settings) {
  using Kind = RowWeights::Kind;
  if (variant == "softmax") return RowWeights{Kind::Softmax};
  if (variant == "norm-softmax") return RowWeights{Kind::NormSoftmax};
  if (variant == "norm-softmax-std") return RowWeights{Kind::NormSoftmaxStd};
  if (variant == "softmax-plus-one") return RowWeights{Kind::SoftmaxPlusOne};
  if (variant == "soft-cap") return RowWeights{Kind::SoftCap, float(settings.soft_cap)};
  if (variant == "sparsemax") return RowWeights{Kind::Sparsemax};
  if (variant == "entmax-1.5") return RowWeights{Kind::Entmax15};
  if (variant == "sigmoid") return RowWeights{Kind::Sigmoid};
  if (variant == "relu") return RowWeights{Kind::Relu, float(settings.relu_exponent)};
  if (variant == "linear") return RowWeights{Kind::Linear};
  return std::nullopt;
}

std::optional<ValueRead> value_read(const study::AttentionSettings& settings) {
  using Kind = ValueRead::Kind;
  if (settings.laser == "off") return ValueRead{Kind::Mean};
  if (settings.laser == "max-shift") return ValueRead{Kind::MaxShift};
  if (settings.laser == "softclamp") return ValueRead{Kind::Softclamp, float(settings.laser_clamp)};
  return std::nullopt;
}

bool keeps_scores(const RowWeights& rule) {
  using Kind = RowWeights::Kind;
  return rule.kind == Kind::NormSoftmax || rule.kind == Kind::NormSoftmaxStd || rule.kind == Kind::SoftCap;
}

std::int64_t attention_scratch(const AttentionShape& shape) {
  return HWY_DYNAMIC_DISPATCH(Scratch)(shape);
}

void attention(const AttentionShape& shape, const RowWeights& rule, const ValueRead& read,
               attention::Scale scale, TokenRows<const float> q, TokenRows<const float> k,
               TokenRows<const float> v, float* weights, float* scores, TokenRows<float> out, float* scratch,
               ReadCounts* counts) {
  HWY_DYNAMIC_DISPATCH(Forward)(shape, rule, read, scale, q, k, v, weights, scores, out, scratch, counts);
}

void attention_backward(const AttentionShape& shape, const RowWeights& rule, const ValueRead& read,
                        attention::Scale scale, TokenRows<const float> q, TokenRows<const float> k,
                        TokenRows<const float> v, const float* weights, const float* scores,
                        TokenRows<const float> out, TokenRows<const float> d_out, TokenRows<float> d_q,
                        TokenRows<float> d_k, TokenRows<float> d_v, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Backward)
  (shape, rule, read, scale, q, k, v, weights, scores, out, d_out, d_q, d_k, d_v, scratch);
}

} // namespace plateau::fused
#endif
