// Internal, once per instruction set: one row of scores to weights and back, for each rule that has a fused
// form. Formulas and sources: engine/attention, the file of each variant.
#if defined(PLATEAU_FUSED_ATTENTION_ROWS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PLATEAU_FUSED_ATTENTION_ROWS_INL_H
#undef PLATEAU_FUSED_ATTENTION_ROWS_INL_H
#else
#define PLATEAU_FUSED_ATTENTION_ROWS_INL_H
#endif

#include <hwy/highway.h>

#include "engine/fused/attention.h"
#include "engine/fused/vectors-inl.h"
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

HWY_INLINE float largest_of(const float* l, std::int64_t n) {
  const D d;
  auto high = hn::Set(d, l[0]);
  for_vectors(n, [&](std::int64_t j, auto part)
                     HWY_ATTR { high = hn::Max(high, hn::Add(part.load(l + j), part.outside(-1e38f))); });
  return hn::GetLane(hn::MaxOfLanes(d, high));
}

/// a = softmax(l / divisor); with `nothing` over one more score, 0, whose weight is left out. a may be l.
HWY_INLINE void softmax_row(const float* l, std::int64_t n, float divisor, float* a, bool nothing = false) {
  const D d;
  const auto inverse = hn::Set(d, 1 / divisor);
  const float high = nothing ? std::fmax(largest_of(l, n), 0.0f) : largest_of(l, n);
  const auto largest = hn::Set(d, high);
  auto sum = hn::Zero(d);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto e = part.only(hn::Exp(d, hn::Mul(hn::Sub(part.load(l + j), largest), inverse)));
    sum = hn::Add(sum, e);
    part.store(e, a + j);
  });
  const auto share = hn::Set(d, 1 / (total(sum) + (nothing ? std::exp(-high / divisor) : 0.0f)));
  for_vectors(n, [&](std::int64_t j, auto part)
                     HWY_ATTR { part.store(hn::Mul(part.load(a + j), share), a + j); });
}

/// d_a <- d_l of a = softmax(l / divisor) at a fixed divisor.
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

/// x -> the same where positive, else 0.
HWY_INLINE V positive(V x) {
  return hn::Max(x, hn::Zero(D()));
}

/// The threshold rises from that of all entries to that of the support (Michelot 1986); no sorting.
HWY_INLINE void sparsemax_row(const float* l, std::int64_t n, float tau, float* a) {
  const D d;
  const auto largest = hn::Set(d, largest_of(l, n)), inverse = hn::Set(d, 1 / tau);
  for_vectors(n, [&](std::int64_t j, auto part)
                     HWY_ATTR { part.store(hn::Mul(hn::Sub(part.load(l + j), largest), inverse), a + j); });
  float threshold = -1e30f, count = 0;
  for (std::int64_t rounds = 0; rounds <= n; ++rounds) {
    const auto t = hn::Set(d, threshold), one = hn::Set(d, 1.0f);
    auto sum = hn::Zero(d), inside = hn::Zero(d);
    for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
      const auto z = part.load(a + j);
      const auto above = hn::Gt(z, t);
      sum = hn::Add(sum, part.only(hn::IfThenElseZero(above, z)));
      inside = hn::Add(inside, part.only(hn::IfThenElseZero(above, one)));
    });
    const float now = total(inside);
    if (now == count || now == 0) break;
    count = now;
    threshold = (total(sum) - 1) / count;
  }
  const auto t = hn::Set(d, threshold);
  for_vectors(n, [&](std::int64_t j, auto part)
                     HWY_ATTR { part.store(positive(hn::Sub(part.load(a + j), t)), a + j); });
}

/// d_a <- d_l: (d_a - its mean over the support) / tau on the support, 0 elsewhere.
HWY_INLINE void sparsemax_backward_row(const float* a, std::int64_t n, float tau, float* d_a) {
  const D d;
  const auto one = hn::Set(d, 1.0f), zero = hn::Zero(d);
  auto sum = zero, inside = zero;
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto above = hn::Gt(part.load(a + j), zero);
    sum = hn::Add(sum, hn::IfThenElseZero(above, part.load(d_a + j)));
    inside = hn::Add(inside, hn::IfThenElseZero(above, one));
  });
  const auto mean = hn::Set(d, total(sum) / total(inside)), inverse = hn::Set(d, 1 / tau);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto value = hn::Mul(hn::Sub(part.load(d_a + j), mean), inverse);
    part.store(hn::IfThenElseZero(hn::Gt(part.load(a + j), zero), value), d_a + j);
  });
}

/// sum (x - t)_+^2 = 1 by Newton's method from below, where it is convex: t only rises, to the root.
HWY_INLINE void entmax15_row(const float* l, std::int64_t n, float tau, float* a) {
  const D d;
  const auto largest = hn::Set(d, largest_of(l, n)), inverse = hn::Set(d, 0.5f / tau);
  for_vectors(n, [&](std::int64_t j, auto part)
                     HWY_ATTR { part.store(hn::Mul(hn::Sub(part.load(l + j), largest), inverse), a + j); });
  float threshold = -1; // the largest weight alone is 1 there
  for (int rounds = 0; rounds < 40; ++rounds) {
    const auto t = hn::Set(d, threshold);
    auto squares = hn::Zero(d), sum = squares;
    for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
      const auto x = part.only(positive(hn::Sub(part.load(a + j), t)));
      squares = hn::MulAdd(x, x, squares);
      sum = hn::Add(sum, x);
    });
    const float step = (total(squares) - 1) / (2 * total(sum));
    threshold += step;
    if (!(step > 1e-7f)) break;
  }
  const auto t = hn::Set(d, threshold);
  auto sum = hn::Zero(d);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto x = part.only(positive(hn::Sub(part.load(a + j), t)));
    sum = hn::MulAdd(x, x, sum);
    part.store(hn::Mul(x, x), a + j);
  });
  const auto share = hn::Set(d, 1 / total(sum));
  for_vectors(n, [&](std::int64_t j, auto part)
                     HWY_ATTR { part.store(hn::Mul(part.load(a + j), share), a + j); });
}

/// d_a <- d_l: g (d_a - sum g d_a / sum g) / tau, g = sqrt(a).
HWY_INLINE void entmax15_backward_row(const float* a, std::int64_t n, float tau, float* d_a) {
  const D d;
  auto weighted = hn::Zero(d), sum = weighted;
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto g = hn::Sqrt(part.load(a + j));
    weighted = hn::MulAdd(g, part.load(d_a + j), weighted);
    sum = hn::Add(sum, g);
  });
  const auto mean = hn::Set(d, total(weighted) / total(sum)), inverse = hn::Set(d, 1 / tau);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto g = hn::Mul(hn::Sqrt(part.load(a + j)), inverse);
    part.store(hn::Mul(g, hn::Sub(part.load(d_a + j), mean)), d_a + j);
  });
}

/// tanh(l / (tau cap)).
HWY_INLINE V squashed(V l, float tau, float cap) {
  return hn::Tanh(D(), hn::Mul(l, hn::Set(D(), 1 / (tau * cap))));
}

HWY_INLINE void soft_cap_row(const float* l, std::int64_t n, float tau, float cap, float* a) {
  const auto bound = hn::Set(D(), cap);
  for_vectors(n, [&](std::int64_t j, auto part)
                     HWY_ATTR { part.store(hn::Mul(squashed(part.load(l + j), tau, cap), bound), a + j); });
  softmax_row(a, n, 1, a);
}

HWY_INLINE void soft_cap_backward_row(const float* l, const float* a, std::int64_t n, float tau, float cap,
                                      float* d_a) {
  const auto one = hn::Set(D(), 1.0f);
  softmax_backward_row(a, n, tau, d_a);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto t = squashed(part.load(l + j), tau, cap);
    part.store(hn::Mul(part.load(d_a + j), hn::NegMulAdd(t, t, one)), d_a + j);
  });
}

/// sigma(l / tau - ln n).
HWY_INLINE void sigmoid_row(const float* l, std::int64_t n, float tau, float* a) {
  const D d;
  const auto one = hn::Set(d, 1.0f), inverse = hn::Set(d, 1 / tau), bias = hn::Set(d, std::log(float(n)));
  const auto highest = hn::Set(d, 80.0f); // exponentials end at 88
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto z = hn::Sub(bias, hn::Mul(part.load(l + j), inverse));
    part.store(hn::Div(one, hn::Add(one, hn::Exp(d, hn::Min(z, highest)))), a + j);
  });
}

HWY_INLINE void sigmoid_backward_row(const float* a, std::int64_t n, float tau, float* d_a) {
  const D d;
  const auto one = hn::Set(d, 1.0f), inverse = hn::Set(d, 1 / tau);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto weight = part.load(a + j);
    const auto slope = hn::Mul(hn::Mul(weight, hn::Sub(one, weight)), inverse);
    part.store(hn::Mul(part.load(d_a + j), slope), d_a + j);
  });
}

/// a = l / divisor, or its positive part; backward likewise, for entries that are read.
HWY_INLINE void linear_row(const float* l, std::int64_t n, float divisor, bool positive_part, float* a) {
  const auto inverse = hn::Set(D(), 1 / divisor);
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto value = hn::Mul(part.load(l + j), inverse);
    part.store(positive_part ? positive(value) : value, a + j);
  });
}

HWY_INLINE void linear_backward_row(const float* a, std::int64_t n, float divisor, bool positive_part,
                                    float* d_a) {
  const auto inverse = hn::Set(D(), 1 / divisor), zero = hn::Zero(D());
  for_vectors(n, [&](std::int64_t j, auto part) HWY_ATTR {
    const auto value = hn::Mul(part.load(d_a + j), inverse);
    part.store(positive_part ? hn::IfThenElseZero(hn::Gt(part.load(a + j), zero), value) : value, d_a + j);
  });
}

HWY_INLINE float relu_divisor(const RowWeights& rule, std::int64_t n, float tau) {
  return tau * std::pow(float(n), rule.parameter);
}

/// The scores l of n visible keys to their weights a.
HWY_INLINE void forward_row(const RowWeights& rule, const float* l, std::int64_t n, float tau, float* a) {
  using Kind = RowWeights::Kind;
  switch (rule.kind) {
  case Kind::Softmax:
    return softmax_row(l, n, tau, a);
  case Kind::NormSoftmax:
  case Kind::NormSoftmaxStd:
    return softmax_row(l, n, divisor_of(spread_of(l, n, rule.kind == Kind::NormSoftmaxStd).value, tau), a);
  case Kind::SoftmaxPlusOne:
    return softmax_row(l, n, tau, a, true);
  case Kind::SoftCap:
    return soft_cap_row(l, n, tau, rule.parameter, a);
  case Kind::Sparsemax:
    return sparsemax_row(l, n, tau, a);
  case Kind::Entmax15:
    return entmax15_row(l, n, tau, a);
  case Kind::Sigmoid:
    return sigmoid_row(l, n, tau, a);
  case Kind::Relu:
    return linear_row(l, n, relu_divisor(rule, n, tau), true, a);
  case Kind::Linear:
    return linear_row(l, n, tau * float(n), false, a);
  }
}

HWY_INLINE void norm_softmax_backward_row(bool deviation, const float* l, const float* a, std::int64_t n,
                                          float tau, float* d_a) {
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

/// d_a <- d_l. `l` where the rule keeps scores.
HWY_INLINE void backward_row(const RowWeights& rule, const float* l, const float* a, std::int64_t n,
                             float tau, float* d_a) {
  using Kind = RowWeights::Kind;
  switch (rule.kind) {
  case Kind::Softmax:
  case Kind::SoftmaxPlusOne: // the same Jacobian, of weights that sum to less
    return softmax_backward_row(a, n, tau, d_a);
  case Kind::NormSoftmax:
  case Kind::NormSoftmaxStd:
    return norm_softmax_backward_row(rule.kind == Kind::NormSoftmaxStd, l, a, n, tau, d_a);
  case Kind::SoftCap:
    return soft_cap_backward_row(l, a, n, tau, rule.parameter, d_a);
  case Kind::Sparsemax:
    return sparsemax_backward_row(a, n, tau, d_a);
  case Kind::Entmax15:
    return entmax15_backward_row(a, n, tau, d_a);
  case Kind::Sigmoid:
    return sigmoid_backward_row(a, n, tau, d_a);
  case Kind::Relu:
    return linear_backward_row(a, n, relu_divisor(rule, n, tau), true, d_a);
  case Kind::Linear:
    return linear_backward_row(a, n, tau * float(n), false, d_a);
  }
}

} // namespace
} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
