#include "engine/fused/kernels.h"

#include <algorithm>
#include <utility>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fused/cross_entropy_double.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fused/vectors-inl.h"
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

using Doubles = hn::ScalableTag<double>;
using Floats = hn::Rebind<float, Doubles>; // as many

/// body(i, floats, doubles) for parts of a row, with masks of what lies in it.
template<class Body> HWY_INLINE void for_parts(std::int64_t count, const Body& body) {
  const auto lanes = std::int64_t(hn::Lanes(Doubles()));
  for (std::int64_t i = 0; i < count; i += lanes) {
    const auto inside = std::size_t(std::min(lanes, count - i));
    body(i, hn::FirstN(Floats(), inside), hn::FirstN(Doubles(), inside));
  }
}

/// `e` has room for a row in full vectors.
void Row(float* z, std::int64_t label, std::int64_t classes, double smoothing, double scale, double* e,
         LossSums& sums) {
  const Doubles d;
  const Floats f;
  const double largest = *std::max_element(z, z + classes), spread = smoothing / double(classes);
  const auto offset = hn::Set(d, largest);
  auto below = hn::Zero(d); // Σ largest - z_c
  for_parts(classes, [&](std::int64_t i, auto floats, auto doubles) HWY_ATTR {
    const auto x = hn::Sub(hn::PromoteTo(d, hn::MaskedLoad(floats, f, z + i)), offset);
    below = hn::Sub(below, hn::IfThenElseZero(doubles, x));
    hn::StoreU(hn::IfThenElseZero(doubles, hn::Exp(d, x)), d, e + i);
  });
  // What the other classes get is summed by itself: neither the loss nor the label's gradient vanishes when
  // softmax(z)_label rounds to 1.
  const double own = std::exchange(e[label], 0.0), right = largest - double(z[label]);
  auto sum = hn::Zero(d);
  for_parts(classes, [&](std::int64_t i, auto, auto) HWY_ATTR { sum = hn::Add(sum, hn::LoadU(d, e + i)); });
  const double others = hn::GetLane(hn::SumOfLanes(d, sum)), total = others + own;
  sums.loss += (right == 0 ? std::log1p(others) : std::log(total)) + (1 - smoothing) * right +
               spread * hn::GetLane(hn::SumOfLanes(d, below));
  sums.correct += right == 0 && std::find(z, z + label, z[label]) == z + label;
  const auto factor = hn::Set(d, scale / total), share = hn::Set(d, scale * spread);
  for_parts(classes, [&](std::int64_t i, auto floats, auto) HWY_ATTR {
    const auto gradient = hn::MulSub(hn::LoadU(d, e + i), factor, share);
    hn::BlendedStore(hn::DemoteTo(f, gradient), floats, f, z + i);
  });
  z[label] = float(scale * (smoothing - spread - others / total));
}

LossSums CrossEntropyInDouble(float* logits, const std::int64_t* labels, std::int64_t rows,
                              std::int64_t classes, double smoothing, double scale) {
  thread_local std::vector<double> e;
  e.resize(std::size_t(classes) + hn::Lanes(Doubles()));
  LossSums sums;
  for (std::int64_t row = 0; row < rows; ++row)
    Row(logits + row * classes, labels[row], classes, smoothing, scale, e.data(), sums);
  return sums;
}

} // namespace
} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace plateau::fused {

HWY_EXPORT(CrossEntropyInDouble);

LossSums cross_entropy_in_double(float* logits, const std::int64_t* labels, std::int64_t rows,
                                 std::int64_t classes, double smoothing, double scale) {
  return HWY_DYNAMIC_DISPATCH(CrossEntropyInDouble)(logits, labels, rows, classes, smoothing, scale);
}

} // namespace plateau::fused
#endif
