// Internal, once per instruction set: LASER's way to read values (engine/attention/read.h) around the product
// of weights and values: out = ln(a w) + shift, w = exp(v - shift).
#if defined(PLATEAU_FUSED_LASER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PLATEAU_FUSED_LASER_INL_H
#undef PLATEAU_FUSED_LASER_INL_H
#else
#define PLATEAU_FUSED_LASER_INL_H
#endif

#include <hwy/highway.h>

#include <limits>

#include "engine/fused/attention.h"
#include "engine/fused/vectors-inl.h"
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

constexpr float least_sum = std::numeric_limits<float>::min(); // below: 0, for the logarithm

/// tanh(v / clamp).
HWY_INLINE V clamped(V v, float clamp) {
  return hn::Tanh(D(), hn::Mul(v, hn::Set(D(), 1 / clamp)));
}

/// w [keys, w_row] of v [keys, width]; `shift` [width]: the largest of each channel, 0 for softclamp.
HWY_INLINE void laser_values(const ValueRead& read, const float* v, std::int64_t v_row, std::int64_t keys,
                             std::int64_t width, float* w, std::int64_t w_row, float* shift) {
  const D d;
  for_vectors(width, [&](std::int64_t c, auto part) HWY_ATTR {
    if (read.kind == ValueRead::Kind::Softclamp) {
      part.store(hn::Zero(d), shift + c);
      const auto bound = hn::Set(d, read.clamp);
      for (std::int64_t j = 0; j < keys; ++j)
        part.store(hn::Exp(d, hn::Mul(bound, clamped(part.load(v + j * v_row + c), read.clamp))),
                   w + j * w_row + c);
      return;
    }
    auto largest = part.load(v + c);
    for (std::int64_t j = 1; j < keys; ++j) largest = hn::Max(largest, part.load(v + j * v_row + c));
    part.store(largest, shift + c);
    for (std::int64_t j = 0; j < keys; ++j)
      part.store(hn::Exp(d, hn::Sub(part.load(v + j * v_row + c), largest)), w + j * w_row + c);
  });
}

HWY_INLINE bool reads_nothing(const float* a, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j)
    if (a[j] > 0) return false;
  return true;
}

/// A row of sums a w becomes the row that is read; `counts` may be null.
HWY_INLINE void laser_row(float* out, const float* shift, std::int64_t width, bool nothing,
                          ReadCounts* counts) {
  const D d;
  const auto least = hn::Set(d, least_sum), one = hn::Set(d, 1.0f);
  const auto largest = hn::Set(d, std::numeric_limits<float>::max());
  auto zeros = hn::Zero(d), finite = zeros;
  for_vectors(width, [&](std::int64_t c, auto part) HWY_ATTR {
    const auto sum = part.load(out + c);
    auto value = hn::Add(hn::Log(d, hn::Max(sum, least)), part.load(shift + c));
    if (nothing) value = hn::Zero(d);
    zeros = hn::Add(zeros, part.only(hn::IfThenElseZero(hn::Lt(sum, least), one)));
    finite = hn::Add(finite, part.only(hn::IfThenElseZero(hn::Le(hn::Abs(value), largest), one)));
    part.store(value, out + c);
  });
  if (!counts) return;
  counts->zeros += double(total(zeros));
  counts->non_finite += double(width) - double(total(finite));
  counts->entries += double(width);
}

/// d_sum of a row from d_out: d_out / sum, with the sum taken from `out`.
HWY_INLINE void laser_backward_row(const float* d_out, const float* out, const float* shift,
                                   std::int64_t width, bool nothing, float* d_sum) {
  const D d;
  const auto floor = hn::Set(d, std::log(least_sum) + 1e-4f); // at it the sum was 0 and held
  for_vectors(width, [&](std::int64_t c, auto part) HWY_ATTR {
    const auto log_sum = hn::Sub(part.load(out + c), part.load(shift + c));
    const auto slope = hn::IfThenElseZero(hn::Gt(log_sum, floor), hn::Exp(d, hn::Neg(log_sum)));
    part.store(nothing ? hn::Zero(d) : hn::Mul(part.load(d_out + c), slope), d_sum + c);
  });
}

/// d_v holds d_w and becomes d_v.
HWY_INLINE void laser_values_backward(const ValueRead& read, const float* v, std::int64_t v_row,
                                      const float* w, std::int64_t w_row, std::int64_t keys,
                                      std::int64_t width, float* d_v, std::int64_t d_row) {
  const auto one = hn::Set(D(), 1.0f);
  for (std::int64_t j = 0; j < keys; ++j)
    for_vectors(width, [&](std::int64_t c, auto part) HWY_ATTR {
      auto value = hn::Mul(part.load(d_v + j * d_row + c), part.load(w + j * w_row + c));
      if (read.kind == ValueRead::Kind::Softclamp) {
        const auto t = clamped(part.load(v + j * v_row + c), read.clamp);
        value = hn::Mul(value, hn::NegMulAdd(t, t, one));
      }
      part.store(value, d_v + j * d_row + c);
    });
}

} // namespace
} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
