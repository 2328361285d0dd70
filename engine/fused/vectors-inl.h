// Internal, once per instruction set: loops over floats in full vectors with a masked end.
#if defined(PLATEAU_FUSED_VECTORS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PLATEAU_FUSED_VECTORS_INL_H
#undef PLATEAU_FUSED_VECTORS_INL_H
#else
#define PLATEAU_FUSED_VECTORS_INL_H
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// Access to a full vector.
struct Whole {
  V load(const float* p) const { return hn::LoadU(D(), p); }
  void store(V v, float* p) const { hn::StoreU(v, D(), p); }
  V only(V v) const { return v; }
  V outside(float) const { return hn::Zero(D()); }
};

/// Access to the last `count` elements of a row: lanes beyond are loaded as 0 and not stored.
struct Tail {
  explicit Tail(std::int64_t count) : mask(hn::FirstN(D(), std::size_t(count))) {}
  V load(const float* p) const { return hn::MaskedLoad(mask, D(), p); }
  void store(V v, float* p) const { hn::BlendedStore(v, mask, D(), p); }
  /// Zero in the lanes beyond.
  V only(V v) const { return hn::IfThenElseZero(mask, v); }
  /// 0 in the row's lanes, `value` beyond: added to a vector, it keeps the lanes beyond out of a maximum.
  V outside(float value) const { return hn::IfThenZeroElse(mask, hn::Set(D(), value)); }
  hn::Mask<D> mask;
};

/// body(i, part) for i = 0, lanes, 2 lanes … below count; `part` is Whole, or Tail at a ragged end.
template<class Body> HWY_INLINE void for_vectors(std::int64_t count, const Body& body) {
  const auto lanes = std::int64_t(hn::Lanes(D()));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) body(i, Whole());
  if (i < count) body(i, Tail(count - i));
}

HWY_INLINE float total(V v) {
  return hn::GetLane(hn::SumOfLanes(D(), v));
}

} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
