#include "engine/fused/statistics.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fused/statistics.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "engine/fused/vectors-inl.h"
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

void Logarithms(const float* x, std::int64_t count, float* y) {
  const D d;
  const auto least = hn::Set(d, 1e-30f);
  for_vectors(count, [&](std::int64_t i, auto part) HWY_ATTR {
    part.store(hn::Log(d, hn::Max(hn::Abs(part.load(x + i)), least)), y + i);
  });
}

/// Per channel of a vector, in double: sums and sums of squares of deviations from a shift.
struct Moments {
  HWY_INLINE void add(V sum, V square) {
    float lanes[2][hn::MaxLanes(D())];
    hn::StoreU(sum, D(), lanes[0]);
    hn::StoreU(square, D(), lanes[1]);
    for (std::size_t i = 0; i < hn::Lanes(D()); ++i) {
      sums[i] += double(lanes[0][i]);
      squares[i] += double(lanes[1][i]);
    }
  }
  /// Squared deviations from the means, over all channels.
  double about_means(std::int64_t rows) const {
    double total = 0;
    for (std::size_t i = 0; i < hn::Lanes(D()); ++i)
      total += std::max(0.0, squares[i] - sums[i] * sums[i] / double(rows));
    return total;
  }
  double sums[hn::MaxLanes(D())] = {}, squares[hn::MaxLanes(D())] = {};
};

ComponentSums Components(const float* h, const float* w, std::int64_t rows, std::int64_t width) {
  ComponentSums result;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float *hr = h + row * width, *wr = w + row * width;
    auto ww = hn::Zero(D()), cc = ww, wc = ww;
    for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto weights = part.load(wr + i), context = hn::Sub(part.load(hr + i), weights);
      ww = hn::MulAdd(weights, weights, ww);
      cc = hn::MulAdd(context, context, cc);
      wc = hn::MulAdd(weights, context, wc);
    });
    const double w_norm = std::sqrt(double(total(ww))), c_norm = std::sqrt(double(total(cc)));
    result.weights_norm += w_norm;
    result.context_norm += c_norm;
    result.cosine += double(total(wc)) / std::max(w_norm * c_norm, 1e-30);
  }
  // The first row as shift: the squares of a channel far from 0 would lose its variance.
  constexpr std::int64_t block = 64;
  for_vectors(width, [&](std::int64_t i, auto part) HWY_ATTR {
    Moments state, context;
    const auto h_shift = part.load(h + i), c_shift = hn::Sub(h_shift, part.load(w + i));
    for (std::int64_t begin = 0; begin < rows; begin += block) {
      auto h_sum = hn::Zero(D()), h_square = h_sum, c_sum = h_sum, c_square = h_sum;
      for (std::int64_t row = begin; row < std::min(begin + block, rows); ++row) {
        const auto value = part.load(h + row * width + i);
        const auto h_part = hn::Sub(value, h_shift);
        const auto c_part = hn::Sub(hn::Sub(value, part.load(w + row * width + i)), c_shift);
        h_sum = hn::Add(h_sum, h_part);
        h_square = hn::MulAdd(h_part, h_part, h_square);
        c_sum = hn::Add(c_sum, c_part);
        c_square = hn::MulAdd(c_part, c_part, c_square);
      }
      state.add(h_sum, h_square);
      context.add(c_sum, c_square);
    }
    result.state_squares += state.about_means(rows);
    result.context_squares += context.about_means(rows);
  });
  return result;
}

} // namespace
} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace plateau::fused {

HWY_EXPORT(Logarithms);
HWY_EXPORT(Components);

void logarithms(const float* x, std::int64_t count, float* y) {
  HWY_DYNAMIC_DISPATCH(Logarithms)(x, count, y);
}

ComponentSums component_sums(const float* h, const float* w, std::int64_t rows, std::int64_t width) {
  return HWY_DYNAMIC_DISPATCH(Components)(h, w, rows, width);
}

} // namespace plateau::fused
#endif
