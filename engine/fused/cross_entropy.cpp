#include "engine/fused/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fused/cross_entropy.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fused/vectors-inl.h"
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

LossSums CrossEntropy(const float* logits, const std::int64_t* labels, std::int64_t rows,
                      std::int64_t classes, double smoothing, double scale, float* d_logits) {
  const D d;
  LossSums sums;
  const double spread = smoothing / double(classes); // the part of the target that every class gets
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* z = logits + row * classes;
    const std::int64_t label = labels[row];
    const float right = z[label];
    auto high = hn::Set(d, z[0]);
    auto sum_z = hn::Zero(d);
    for_vectors(classes, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto value = part.load(z + i);
      sum_z = hn::Add(sum_z, value);
      high = hn::Max(high, hn::Add(value, part.outside(-1e38f)));
    });
    const float largest = hn::GetLane(hn::MaxOfLanes(d, high));
    const auto offset = hn::Set(d, largest);
    auto sum_e = hn::Zero(d);
    float* out = d_logits ? d_logits + row * classes : nullptr;
    const float total_z = total(sum_z);
    bool first = right == largest;
    for (std::int64_t i = 0; first && i < label; ++i) first = z[i] != largest;
    sums.correct += first;
    for_vectors(classes, [&](std::int64_t i, auto part) HWY_ATTR {
      const auto e = part.only(hn::Exp(d, hn::Sub(part.load(z + i), offset)));
      sum_e = hn::Add(sum_e, e);
      if (out) part.store(e, out + i);
    });
    const float normaliser = total(sum_e);
    const double log_sum = double(largest) + std::log(double(normaliser));
    sums.loss += log_sum - (1 - smoothing) * double(right) - spread * double(total_z);
    if (!out) continue;
    const auto factor = hn::Set(d, float(scale / double(normaliser)));
    const auto share = hn::Set(d, float(scale * spread));
    for_vectors(classes, [&](std::int64_t i, auto part) HWY_ATTR {
      part.store(hn::MulSub(part.load(out + i), factor, share), out + i);
    });
    out[label] -= float(scale * (1 - smoothing));
  }
  return sums;
}

} // namespace
} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace plateau::fused {

HWY_EXPORT(CrossEntropy);

LossSums cross_entropy(const float* logits, const std::int64_t* labels, std::int64_t rows,
                       std::int64_t classes, double smoothing, double scale, float* d_logits) {
  return HWY_DYNAMIC_DISPATCH(CrossEntropy)(logits, labels, rows, classes, smoothing, scale, d_logits);
}

} // namespace plateau::fused
#endif
