#include "widgets/nearest_point.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace plateau::widgets {
namespace {

float length(Point p) {
  return std::hypot(p.x, p.y);
}

float distance_to_segment(Point place, Point a, Point b) {
  const Point along{b.x - a.x, b.y - a.y}, from{place.x - a.x, place.y - a.y};
  const float squared = along.x * along.x + along.y * along.y;
  const float t = squared > 0 ? std::clamp((from.x * along.x + from.y * along.y) / squared, 0.f, 1.f) : 0.f;
  return length({from.x - t * along.x, from.y - t * along.y});
}

/// Looks along a line for where it passes nearest.
class Search {
public:
  Search(const PlotLayout& layout, Point place) : layout_(layout), place_(place) {}

  // `shown`: where the line passes; `recorded`: what is told of it.
  void add(CurvePoint shown, CurvePoint recorded) {
    const Point at{layout_.x.position(shown.x), layout_.y.position(shown.y)};
    if (!std::isfinite(at.x) || !std::isfinite(at.y)) {
      any_before_ = false; // a gap
      return;
    }
    const float own = length({at.x - place_.x, at.y - place_.y});
    if (const float d = any_before_ ? distance_to_segment(place_, before_, at) : own; d < least) {
      least = d;
      nearest = any_before_ && distance_before_ < own ? recorded_before_ : recorded;
    }
    any_before_ = true;
    before_ = at, recorded_before_ = recorded, distance_before_ = own;
  }

  float least = INFINITY;
  CurvePoint nearest;

private:
  const PlotLayout& layout_;
  Point place_;
  bool any_before_ = false;
  Point before_;
  CurvePoint recorded_before_;
  float distance_before_ = 0;
};

// The curve's points that can be within reach, and one more on either side.
std::pair<std::size_t, std::size_t> points_near(const Curve& curve, const PlotLayout& layout, Point place,
                                                float reach) {
  const CurveData& data = curve.data;
  const double low = layout.x.value(place.x - reach), high = layout.x.value(place.x + reach);
  const std::size_t begin = data.lower_bound(low), end = data.lower_bound(std::nextafter(high, INFINITY));
  return {begin > 0 ? begin - 1 : 0, std::min(data.size, end + 1)};
}

} // namespace

std::optional<NearestPoint> nearest_point(const LinePlot& plot, const PlotLayout& layout,
                                          const Hidden& hidden, Point place, float reach) {
  std::optional<NearestPoint> best;
  const auto consider = [&](std::size_t curve, const Search& search) {
    if (search.least <= reach && (!best || search.least < best->distance))
      best = NearestPoint{curve, search.nearest, {}, search.least};
  };
  for (const bool behind : {false, true}) {
    if (behind && best) break;
    for (std::size_t i = 0; i < plot.curves.size(); ++i) {
      const Curve& curve = plot.curves[i];
      const bool smooth = curve.smoothing > 0;
      if (is_hidden(curve, hidden) || curve.rings || curve.data.size == 0 || (behind && !smooth)) continue;
      Search search(layout, place);
      if (smooth && !behind) {
        // A mean costs more than a point: only those beside the place.
        const std::size_t after = curve.data.lower_bound(layout.x.value(place.x));
        for (std::size_t k = after > 0 ? after - 1 : 0; k < std::min(curve.data.size, after + 1); ++k) {
          const CurvePoint recorded = curve.data.at(k);
          if (const auto mean = value_at(curve, recorded.x)) search.add({recorded.x, mean->y}, recorded);
        }
      } else {
        const auto [begin, end] = points_near(curve, layout, place, reach);
        std::vector<CurvePoint> points(end - begin);
        if (!points.empty()) curve.data.read(curve.data.owner.get(), begin, points.size(), points.data());
        for (const CurvePoint& point : points) search.add(point, point);
      }
      consider(i, search);
    }
  }
  if (best && plot.curves[best->curve].smoothing > 0)
    if (const auto mean = value_at(plot.curves[best->curve], best->point.x)) best->smoothed = mean->y;
  return best;
}

} // namespace plateau::widgets
