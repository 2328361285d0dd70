#include "engine/fused/attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fused/attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fused/attention_rows-inl.h"
#include "engine/fused/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

constexpr std::int64_t padding =
    16; // a multiple of every vector's lanes that we meet; longer ones only waste

std::int64_t padded(std::int64_t count) {
  return (count + padding - 1) / padding * padding + padding;
}

void Forward(const AttentionShape& shape, const RowWeights& rule, attention::Scale scale,
             TokenRows<const float> q, TokenRows<const float> k, TokenRows<const float> v, float* weights,
             float* scores, TokenRows<float> out, float* scratch) {
  const auto [samples, queries, keys, heads, width, causal] = shape;
  const std::int64_t row = padded(keys);
  float* transposed = scratch;           // [width, row]
  float* raw = transposed + width * row; // [queries, row]
  float* mixed = raw + queries * row;    // [queries, row]: the weights
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
      product(queries, keys, width, {mixed, row, 1}, v.data + sample * v.sample + offset, v.row,
              out.data + sample * out.sample + offset, out.row);
      const std::int64_t place = (sample * heads + head) * queries * keys;
      for (std::int64_t i = 0; i < queries; ++i)
        for_vectors(keys, [&](std::int64_t j, auto part) HWY_ATTR {
          part.store(part.load(mixed + i * row + j), weights + place + i * keys + j);
          if (scores) part.store(part.load(raw + i * row + j), scores + place + i * keys + j);
        });
    }
}

void Backward(const AttentionShape& shape, const RowWeights& rule, attention::Scale scale,
              TokenRows<const float> q, TokenRows<const float> k, TokenRows<const float> v,
              const float* weights, const float* scores, TokenRows<const float> d_out, TokenRows<float> d_q,
              TokenRows<float> d_k, TokenRows<float> d_v, float* scratch) {
  const auto [samples, queries, keys, heads, width, causal] = shape;
  const std::int64_t row = padded(keys);
  float* transposed = scratch;                // [width, row]
  float* d_scores = transposed + width * row; // [queries, row]
  for (std::int64_t sample = 0; sample < samples; ++sample)
    for (std::int64_t head = 0; head < heads; ++head) {
      const std::int64_t offset = head * width, place = (sample * heads + head) * queries * keys;
      const float* a = weights + place;
      const float* up = d_out.data + sample * d_out.sample + offset;
      transpose(v.data + sample * v.sample + offset, v.row, keys, width, transposed, row);
      product(queries, width, keys, {up, d_out.row, 1}, transposed, row, d_scores, row);
      for (std::int64_t i = 0; i < queries; ++i) {
        const std::int64_t visible = causal ? i + 1 : keys;
        backward_row(rule, scores ? scores + place + i * keys : nullptr, a + i * keys, visible,
                     float(scale.tau), d_scores + i * row);
        for (std::int64_t j = visible; j < keys; ++j) d_scores[i * row + j] = 0;
      }
      product(keys, queries, width, {a, 1, keys}, up, d_out.row, d_v.data + sample * d_v.sample + offset,
              d_v.row);
      product(queries, keys, width, {d_scores, row, 1}, k.data + sample * k.sample + offset, k.row,
              d_q.data + sample * d_q.sample + offset, d_q.row);
      product(keys, queries, width, {d_scores, 1, row}, q.data + sample * q.sample + offset, q.row,
              d_k.data + sample * d_k.sample + offset, d_k.row);
    }
}

std::int64_t Scratch(const AttentionShape& shape) {
  return (shape.head_width + 2 * shape.queries) * padded(shape.keys);
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
  if (settings.laser != "off") return std::nullopt;
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

bool keeps_scores(const RowWeights& rule) {
  using Kind = RowWeights::Kind;
  return rule.kind == Kind::NormSoftmax || rule.kind == Kind::NormSoftmaxStd || rule.kind == Kind::SoftCap;
}

std::int64_t attention_scratch(const AttentionShape& shape) {
  return HWY_DYNAMIC_DISPATCH(Scratch)(shape);
}

void attention(const AttentionShape& shape, const RowWeights& rule, attention::Scale scale,
               TokenRows<const float> q, TokenRows<const float> k, TokenRows<const float> v, float* weights,
               float* scores, TokenRows<float> out, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Forward)(shape, rule, scale, q, k, v, weights, scores, out, scratch);
}

void attention_backward(const AttentionShape& shape, const RowWeights& rule, attention::Scale scale,
                        TokenRows<const float> q, TokenRows<const float> k, TokenRows<const float> v,
                        const float* weights, const float* scores, TokenRows<const float> d_out,
                        TokenRows<float> d_q, TokenRows<float> d_k, TokenRows<float> d_v, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Backward)(shape, rule, scale, q, k, v, weights, scores, d_out, d_q, d_k, d_v, scratch);
}

} // namespace plateau::fused
#endif
