#include "engine/fused/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fused/elementwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fused/vectors-inl.h"
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

/// Phi(x) and phi(x) of the standard normal distribution. erf by Abramowitz & Stegun 7.1.26, whose error is
/// below 1.5e-7; its exponential is the density's, too.
HWY_INLINE void normal_distribution(V x, V& cumulative, V& density) {
  const D d;
  const auto z = hn::Mul(hn::Abs(x), hn::Set(d, 0.70710678118654752f));
  const auto e = hn::Exp(d, hn::Neg(hn::Mul(z, z)));
  const auto one = hn::Set(d, 1.0f);
  const auto t = hn::Div(one, hn::MulAdd(z, hn::Set(d, 0.3275911f), one));
  auto p = hn::Set(d, 1.061405429f);
  p = hn::MulAdd(p, t, hn::Set(d, -1.453152027f));
  p = hn::MulAdd(p, t, hn::Set(d, 1.421413741f));
  p = hn::MulAdd(p, t, hn::Set(d, -0.284496736f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.254829592f));
  const auto tail = hn::Mul(hn::Mul(hn::Mul(p, t), e), hn::Set(d, 0.5f)); // 1 - Phi(|x|)
  cumulative = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(one, tail));
  density = hn::Mul(e, hn::Set(d, 0.39894228040143268f));
}

void BiasGelu(float* x, const float* bias, std::int64_t rows, std::int64_t width, float* slope) {
  for (std::int64_t row = 0; row < rows; ++row) {
    float* values = x + row * width;
    float* slopes = slope ? slope + row * width : nullptr;
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto value = hn::Add(part.load(values + i), part.load(bias + i));
      V cumulative, density;
      normal_distribution(value, cumulative, density);
      part.store(hn::Mul(value, cumulative), values + i);
      if (slopes) part.store(hn::MulAdd(value, density, cumulative), slopes + i);
    });
  }
}

void BiasRelu(float* x, const float* bias, std::int64_t rows, std::int64_t width, float* slope) {
  const D d;
  for (std::int64_t row = 0; row < rows; ++row) {
    float* values = x + row * width;
    float* slopes = slope ? slope + row * width : nullptr;
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto value = hn::Add(part.load(values + i), part.load(bias + i));
      const auto positive = hn::Gt(value, hn::Zero(d));
      part.store(hn::IfThenElseZero(positive, value), values + i);
      if (slopes) part.store(hn::IfThenElseZero(positive, hn::Set(d, 1.0f)), slopes + i);
    });
  }
}

void ActivationBackward(float* d_x, const float* slope, std::int64_t rows, std::int64_t width,
                        float* d_bias) {
  for (std::int64_t row = 0; row < rows; ++row) {
    float* values = d_x + row * width;
    const float* slopes = slope + row * width;
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto value = hn::Mul(part.load(values + i), part.load(slopes + i));
      part.store(value, values + i);
      part.store(hn::Add(value, part.load(d_bias + i)), d_bias + i);
    });
  }
}

void AddBias(float* x, const float* bias, std::int64_t rows, std::int64_t width) {
  for (std::int64_t row = 0; row < rows; ++row)
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      float* p = x + row * width + i;
      part.store(hn::Add(part.load(p), part.load(bias + i)), p);
    });
}

void AddColumnSums(const float* x, std::int64_t rows, std::int64_t width, float* sums) {
  for (std::int64_t row = 0; row < rows; ++row)
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      part.store(hn::Add(part.load(x + row * width + i), part.load(sums + i)), sums + i);
    });
}

void AddScaled(float* x, const float* y, const float* bias, float scale, std::int64_t rows,
               std::int64_t width) {
  const auto factor = hn::Set(D(), scale);
  for (std::int64_t row = 0; row < rows; ++row)
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      auto value = part.load(y + row * width + i);
      if (bias) value = hn::Add(value, part.load(bias + i));
      float* p = x + row * width + i;
      part.store(hn::MulAdd(value, factor, part.load(p)), p);
    });
}

void ScaledCopy(const float* x, float scale, std::int64_t count, float* y) {
  const auto factor = hn::Set(D(), scale);
  for_vectors(count, [&](std::int64_t i, auto part)
                         HWY_ATTR { part.store(hn::Mul(part.load(x + i), factor), y + i); });
}

void Add(float* x, const float* y, std::int64_t count) {
  for_vectors(count, [&](std::int64_t i, auto part)
                         HWY_ATTR { part.store(hn::Add(part.load(x + i), part.load(y + i)), x + i); });
}

void SumParts(const float* const* parts, int count, std::int64_t begin, std::int64_t end, float* y) {
  for_vectors(end - begin, [&](std::int64_t i, auto part) HWY_ATTR {
    auto sum = part.load(parts[0] + begin + i);
    for (int k = 1; k < count; ++k) sum = hn::Add(sum, part.load(parts[k] + begin + i));
    part.store(sum, y + begin + i);
  });
}

Norms SumNorms(const float* x, std::int64_t count) {
  constexpr std::int64_t block = 4096; // float sums stay exact enough, their sum is in double
  Norms norms;
  for (std::int64_t begin = 0; begin < count; begin += block) {
    auto squares = hn::Zero(D()), magnitudes = squares;
    for_vectors(count - begin < block ? count - begin : block, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto value = part.load(x + begin + i);
      squares = hn::MulAdd(value, value, squares);
      magnitudes = hn::Add(hn::Abs(value), magnitudes);
    });
    norms.squares += double(total(squares));
    norms.magnitudes += double(total(magnitudes));
  }
  return norms;
}

void AdamW(const AdamWStep& step, const float* gradient, const float* decays, std::int64_t begin,
           std::int64_t end, float* value, float* first_moment, float* second_moment) {
  const D d;
  const auto beta1 = hn::Set(d, step.beta1), beta2 = hn::Set(d, step.beta2);
  const auto rest1 = hn::Set(d, 1 - step.beta1), rest2 = hn::Set(d, 1 - step.beta2);
  const auto decay = hn::Set(d, step.decay), rate = hn::Set(d, step.rate);
  const auto correction2 = hn::Set(d, step.correction2), epsilon = hn::Set(d, step.epsilon);
  for_vectors(end - begin, [&](std::int64_t k, auto part) HWY_ATTR {
    const std::int64_t i = begin + k;
    const auto g = part.load(gradient + i);
    const auto m = hn::MulAdd(beta1, part.load(first_moment + i), hn::Mul(rest1, g));
    const auto v = hn::MulAdd(beta2, part.load(second_moment + i), hn::Mul(rest2, hn::Mul(g, g)));
    part.store(m, first_moment + i);
    part.store(v, second_moment + i);
    auto w = part.load(value + i);
    w = hn::NegMulAdd(hn::Mul(decay, part.load(decays + i)), w, w);
    const auto denominator = hn::MulAdd(hn::Sqrt(v), correction2, epsilon);
    // Without epsilon, weights that have never had a gradient stay.
    const auto direction = hn::IfThenElseZero(hn::Ne(denominator, hn::Zero(d)), hn::Div(m, denominator));
    part.store(hn::NegMulAdd(rate, direction, w), value + i);
  });
}

/// The bits of x rounded to the upper 16 of 32; the lower ones are not cleared.
HWY_INLINE hn::Vec<hn::ScalableTag<std::uint32_t>> rounded_bits(V x) {
  const hn::ScalableTag<std::uint32_t> d32;
  const auto bits = hn::BitCast(d32, x);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d32, 1));
  const auto rounded = hn::Add(bits, hn::Add(hn::Set(d32, 0x7FFF), odd));
  const auto quiet = hn::Or(bits, hn::Set(d32, 0x00400000));
  return hn::IfThenElse(hn::RebindMask(d32, hn::IsNaN(x)), quiet, rounded);
}

void ToBfloat16(const float* x, std::int64_t count, std::uint16_t* y) {
  const hn::ScalableTag<std::uint32_t> d32;
  const hn::Rebind<std::uint16_t, decltype(d32)> d16;
  const auto lanes = std::int64_t(hn::Lanes(d32));
  for (std::int64_t i = 0; i < count; i += lanes) {
    const auto left = count - i;
    const auto value = left >= lanes ? Whole().load(x + i) : Tail(left).load(x + i);
    const auto narrow = hn::TruncateTo(d16, hn::ShiftRight<16>(rounded_bits(value)));
    if (left >= lanes)
      hn::StoreU(narrow, d16, y + i);
    else
      hn::BlendedStore(narrow, hn::FirstN(d16, std::size_t(left)), d16, y + i);
  }
}

void RoundToBfloat16(const float* x, std::int64_t count, float* y) {
  const hn::ScalableTag<std::uint32_t> d32;
  for_vectors(count, [&](std::int64_t i, auto part) HWY_ATTR {
    const auto upper = hn::And(rounded_bits(part.load(x + i)), hn::Set(d32, 0xFFFF0000u));
    part.store(hn::BitCast(D(), upper), y + i);
  });
}

const char* Name() {
  return hwy::TargetName(HWY_TARGET);
}

} // namespace
} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace plateau::fused {

HWY_EXPORT(BiasGelu);
HWY_EXPORT(BiasRelu);
HWY_EXPORT(ActivationBackward);
HWY_EXPORT(AddBias);
HWY_EXPORT(AddColumnSums);
HWY_EXPORT(AddScaled);
HWY_EXPORT(ScaledCopy);
HWY_EXPORT(Add);
HWY_EXPORT(SumParts);
HWY_EXPORT(SumNorms);
HWY_EXPORT(AdamW);
HWY_EXPORT(ToBfloat16);
HWY_EXPORT(RoundToBfloat16);
HWY_EXPORT(Name);

void bias_activation(float* x, const float* bias, std::int64_t rows, std::int64_t width, Activation f,
                     float* slope) {
  if (f == Activation::Relu)
    HWY_DYNAMIC_DISPATCH(BiasRelu)(x, bias, rows, width, slope);
  else
    HWY_DYNAMIC_DISPATCH(BiasGelu)(x, bias, rows, width, slope);
}
void activation_backward(float* d, const float* slope, std::int64_t rows, std::int64_t width, float* d_bias) {
  HWY_DYNAMIC_DISPATCH(ActivationBackward)(d, slope, rows, width, d_bias);
}
void add_bias(float* x, const float* bias, std::int64_t rows, std::int64_t width) {
  HWY_DYNAMIC_DISPATCH(AddBias)(x, bias, rows, width);
}
void add_column_sums(const float* x, std::int64_t rows, std::int64_t width, float* sums) {
  HWY_DYNAMIC_DISPATCH(AddColumnSums)(x, rows, width, sums);
}
void add_scaled(float* x, const float* y, const float* bias, float scale, std::int64_t rows,
                std::int64_t width) {
  HWY_DYNAMIC_DISPATCH(AddScaled)(x, y, bias, scale, rows, width);
}
void scaled_copy(const float* x, float scale, std::int64_t count, float* y) {
  HWY_DYNAMIC_DISPATCH(ScaledCopy)(x, scale, count, y);
}
void add(float* x, const float* y, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(Add)(x, y, count);
}
void sum_parts(const float* const* parts, int count, std::int64_t begin, std::int64_t end, float* y) {
  HWY_DYNAMIC_DISPATCH(SumParts)(parts, count, begin, end, y);
}
Norms norms(const float* x, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(SumNorms)(x, count);
}
void adamw(const AdamWStep& step, const float* gradient, const float* decays, std::int64_t begin,
           std::int64_t end, float* value, float* first_moment, float* second_moment) {
  HWY_DYNAMIC_DISPATCH(AdamW)(step, gradient, decays, begin, end, value, first_moment, second_moment);
}
void to_bfloat16(const float* x, std::int64_t count, std::uint16_t* y) {
  HWY_DYNAMIC_DISPATCH(ToBfloat16)(x, count, y);
}
void round_to_bfloat16(const float* x, std::int64_t count, float* y) {
  HWY_DYNAMIC_DISPATCH(RoundToBfloat16)(x, count, y);
}
const char* instruction_set() {
  return HWY_DYNAMIC_DISPATCH(Name)();
}

} // namespace plateau::fused
#endif
