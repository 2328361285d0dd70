#include "engine/fused/attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fused/attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fused/products-inl.h"
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

constexpr std::int64_t padding =
    16; // a multiple of every vector's lanes that we meet; longer ones only waste

std::int64_t padded(std::int64_t count) {
  return (count + padding - 1) / padding * padding + padding;
}

/// a = softmax(l / divisor).
HWY_INLINE void softmax_row(const float* l, std::int64_t n, float divisor, float* a) {
  const D d;
  const auto inverse = hn::Set(d, 1 / divisor);
  auto high = hn::Set(d, l[0]);
  for_vectors(n, [&](std::int64_t j, auto part)
                     HWY_ATTR { high = hn::Max(high, hn::Add(part.load(l + j), part.outside(-1e38f))); });
  const auto largest = hn::MaxOfLanes(d, high);
  auto sum = hn::Zero(d);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto e = part.only(hn::Exp(d, hn::Mul(hn::Sub(part.load(l + j), largest), inverse)));
    sum = hn::Add(sum, e);
    part.store(e, a + j);
  });
  const auto share = hn::Set(d, 1 / total(sum));
  for_vectors(n, [&](std::int64_t j, auto part)
                     HWY_ATTR { part.store(hn::Mul(part.load(a + j), share), a + j); });
}

/// d_a <- divisor d loss/d l of a = softmax(l / divisor) at a fixed divisor.
HWY_INLINE void softmax_backward_row(const float* a, std::int64_t n, float divisor, float* d_a) {
  const D d;
  auto sum = hn::Zero(d);
  for_vectors(n, [&](std::int64_t j, auto part)
                     HWY_ATTR { sum = hn::MulAdd(part.load(a + j), part.load(d_a + j), sum); });
  const auto mean = hn::Set(d, total(sum)), inverse = hn::Set(d, 1 / divisor);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto value = hn::Mul(part.load(a + j), hn::Sub(part.load(d_a + j), mean));
    part.store(hn::Mul(value, inverse), d_a + j);
  });
}

struct Spread {
  float mean, value; // of the row; value: variance or standard deviation
};

HWY_INLINE Spread spread_of(const float* l, std::int64_t n, bool deviation) {
  const D d;
  auto sum = hn::Zero(d);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR { sum = hn::Add(sum, part.load(l + j)); });
  const float mean = total(sum) / float(n);
  auto squares = hn::Zero(d);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto x = part.only(hn::Sub(part.load(l + j), hn::Set(d, mean)));
    squares = hn::MulAdd(x, x, squares);
  });
  const float square = total(squares);
  if (!deviation) return {mean, square / float(n)};
  return {mean, n > 1 ? std::sqrt(square / float(n - 1)) : 0.0f};
}

HWY_INLINE float divisor_of(float spread, float tau) {
  const float least = float(attention::smallest_spread);
  const float s = spread > least ? spread : least;
  return s < tau ? s : tau;
}

HWY_INLINE void forward_row(RowWeights kind, const float* l, std::int64_t n, float tau, float* a) {
  if (kind == RowWeights::Softmax) return softmax_row(l, n, tau, a);
  softmax_row(l, n, divisor_of(spread_of(l, n, kind == RowWeights::NormSoftmaxStd).value, tau), a);
}

/// d_a <- d_l.
HWY_INLINE void backward_row(RowWeights kind, const float* l, const float* a, std::int64_t n, float tau,
                             float* d_a) {
  if (kind == RowWeights::Softmax) return softmax_backward_row(a, n, tau, d_a);
  const bool deviation = kind == RowWeights::NormSoftmaxStd;
  const Spread spread = spread_of(l, n, deviation);
  const float s = divisor_of(spread.value, tau);
  softmax_backward_row(a, n, s, d_a); // now du / s of u = l / s
  if (spread.value > tau || spread.value < float(attention::smallest_spread)) return;
  // The way through the spread: dL/ds = -sum_j du_j l_j / s^2. The d_u sum to 0, so l may be centred.
  const D d;
  const auto mean = hn::Set(d, spread.mean);
  auto sum = hn::Zero(d);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    sum = hn::MulAdd(part.load(d_a + j), hn::Sub(part.load(l + j), mean), sum);
  });
  const float d_s = -total(sum) / s;
  const float slope = deviation ? 1 / (float(n - 1) * spread.value) : 2 / float(n);
  const auto factor = hn::Set(d, d_s * slope);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    part.store(hn::MulAdd(hn::Sub(part.load(l + j), mean), factor, part.load(d_a + j)), d_a + j);
  });
}

void Forward(const AttentionShape& shape, RowWeights kind, attention::Scale scale, TokenRows<const float> q,
             TokenRows<const float> k, TokenRows<const float> v, float* weights, float* scores,
             TokenRows<float> out, float* scratch) {
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
        forward_row(kind, raw + i * row, visible, float(scale.tau), mixed + i * row);
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

void Backward(const AttentionShape& shape, RowWeights kind, attention::Scale scale, TokenRows<const float> q,
              TokenRows<const float> k, TokenRows<const float> v, const float* weights, const float* scores,
              TokenRows<const float> d_out, TokenRows<float> d_q, TokenRows<float> d_k, TokenRows<float> d_v,
              float* scratch) {
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
        backward_row(kind, scores ? scores + place + i * keys : nullptr, a + i * keys, visible,
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

std::optional<RowWeights> row_weights(std::string_view variant) {
  if (variant == "softmax") return RowWeights::Softmax;
  if (variant == "norm-softmax") return RowWeights::NormSoftmax;
  if (variant == "norm-softmax-std") return RowWeights::NormSoftmaxStd;
  return std::nullopt;
}

bool keeps_scores(RowWeights kind) {
  return kind != RowWeights::Softmax;
}

std::int64_t attention_scratch(const AttentionShape& shape) {
  return HWY_DYNAMIC_DISPATCH(Scratch)(shape);
}

void attention(const AttentionShape& shape, RowWeights kind, attention::Scale scale, TokenRows<const float> q,
               TokenRows<const float> k, TokenRows<const float> v, float* weights, float* scores,
               TokenRows<float> out, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Forward)(shape, kind, scale, q, k, v, weights, scores, out, scratch);
}

void attention_backward(const AttentionShape& shape, RowWeights kind, attention::Scale scale,
                        TokenRows<const float> q, TokenRows<const float> k, TokenRows<const float> v,
                        const float* weights, const float* scores, TokenRows<const float> d_out,
                        TokenRows<float> d_q, TokenRows<float> d_k, TokenRows<float> d_v, float* scratch) {
  HWY_DYNAMIC_DISPATCH(Backward)(shape, kind, scale, q, k, v, weights, scores, d_out, d_q, d_k, d_v, scratch);
}

} // namespace plateau::fused
#endif
