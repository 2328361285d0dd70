#include "engine/fused/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fused/layer_norm.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fused/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

void LayerNorm(const float* x, std::int64_t rows, std::int64_t width, const float* gain, const float* bias,
               float epsilon, float* normalised, float* inverse_deviation, float* y) {
  const D d;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* values = x + row * width;
    auto sum = hn::Zero(d);
    for_vectors(width,
                [&](std::int64_t i, auto part) HWY_ATTR { sum = hn::Add(sum, part.load(values + i)); });
    const float mean = total(sum) / float(width);
    auto squares = hn::Zero(d);
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto deviation = part.only(hn::Sub(part.load(values + i), hn::Set(d, mean)));
      squares = hn::MulAdd(deviation, deviation, squares);
    });
    const float inverse = 1 / std::sqrt(total(squares) / float(width) + epsilon);
    inverse_deviation[row] = inverse;
    float* kept = normalised + row * width;
    float* out = y + row * width;
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto value = hn::Mul(hn::Sub(part.load(values + i), hn::Set(d, mean)), hn::Set(d, inverse));
      part.store(value, kept + i);
      part.store(hn::MulAdd(value, part.load(gain + i), part.load(bias + i)), out + i);
    });
  }
}

void LayerNormBackward(const float* d_y, const float* normalised, const float* inverse_deviation,
                       std::int64_t rows, std::int64_t width, const float* gain, float* d_x, float* d_gain,
                       float* d_bias) {
  const D d;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* up = d_y + row * width;
    const float* kept = normalised + row * width;
    float* out = d_x + row * width;
    auto sum = hn::Zero(d), projection = hn::Zero(d);
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto g = part.load(up + i), n = part.load(kept + i);
      const auto scaled = hn::Mul(g, part.load(gain + i));
      sum = hn::Add(sum, scaled);
      projection = hn::MulAdd(scaled, n, projection);
      part.store(hn::MulAdd(g, n, part.load(d_gain + i)), d_gain + i);
      part.store(hn::Add(g, part.load(d_bias + i)), d_bias + i);
    });
    const auto mean = hn::Set(d, total(sum) / float(width));
    const auto along = hn::Set(d, total(projection) / float(width));
    const auto inverse = hn::Set(d, inverse_deviation[row]);
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto scaled = hn::Mul(part.load(up + i), part.load(gain + i));
      const auto inner = hn::NegMulAdd(part.load(kept + i), along, hn::Sub(scaled, mean));
      part.store(hn::MulAdd(inner, inverse, part.load(out + i)), out + i);
    });
  }
}

void RmsNorm(const float* x, std::int64_t rows, std::int64_t width, const float* gain, float epsilon,
             float* normalised, float* inverses, float* y) {
  const D d;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* values = x + row * width;
    auto squares = hn::Zero(d);
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto value = part.load(values + i);
      squares = hn::MulAdd(value, value, squares);
    });
    const float inverse = 1 / std::sqrt(total(squares) / float(width) + epsilon);
    inverses[row] = inverse;
    float* kept = normalised + row * width;
    float* out = y + row * width;
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto value = hn::Mul(part.load(values + i), hn::Set(d, inverse));
      part.store(value, kept + i);
      part.store(hn::Mul(value, part.load(gain + i)), out + i);
    });
  }
}

void RmsNormBackward(const float* d_y, const float* normalised, const float* inverses, std::int64_t rows,
                     std::int64_t width, const float* gain, float* d_x, float* d_gain) {
  const D d;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* up = d_y + row * width;
    const float* kept = normalised + row * width;
    float* out = d_x + row * width;
    auto projection = hn::Zero(d);
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto g = part.load(up + i), n = part.load(kept + i);
      projection = hn::MulAdd(hn::Mul(g, part.load(gain + i)), n, projection);
      part.store(hn::MulAdd(g, n, part.load(d_gain + i)), d_gain + i);
    });
    const auto along = hn::Set(d, total(projection) / float(width));
    const auto inverse = hn::Set(d, inverses[row]);
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto scaled = hn::Mul(part.load(up + i), part.load(gain + i));
      const auto inner = hn::NegMulAdd(part.load(kept + i), along, scaled);
      part.store(hn::MulAdd(inner, inverse, part.load(out + i)), out + i);
    });
  }
}

} // namespace
} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace plateau::fused {

HWY_EXPORT(LayerNorm);
HWY_EXPORT(LayerNormBackward);
HWY_EXPORT(RmsNorm);
HWY_EXPORT(RmsNormBackward);

void layer_norm(const float* x, std::int64_t rows, std::int64_t width, const float* gain, const float* bias,
                float epsilon, float* normalised, float* inverse_deviation, float* y) {
  HWY_DYNAMIC_DISPATCH(LayerNorm)(x, rows, width, gain, bias, epsilon, normalised, inverse_deviation, y);
}

void layer_norm_backward(const float* d_y, const float* normalised, const float* inverse_deviation,
                         std::int64_t rows, std::int64_t width, const float* gain, float* d_x, float* d_gain,
                         float* d_bias) {
  HWY_DYNAMIC_DISPATCH(LayerNormBackward)
  (d_y, normalised, inverse_deviation, rows, width, gain, d_x, d_gain, d_bias);
}

void rms_norm(const float* x, std::int64_t rows, std::int64_t width, const float* gain, float epsilon,
              float* normalised, float* inverse, float* y) {
  HWY_DYNAMIC_DISPATCH(RmsNorm)(x, rows, width, gain, epsilon, normalised, inverse, y);
}

void rms_norm_backward(const float* d_y, const float* normalised, const float* inverse, std::int64_t rows,
                       std::int64_t width, const float* gain, float* d_x, float* d_gain) {
  HWY_DYNAMIC_DISPATCH(RmsNormBackward)(d_y, normalised, inverse, rows, width, gain, d_x, d_gain);
}

} // namespace plateau::fused
#endif
