// Curves: reading, smoothing, and thinning to what a screen or a page can show.
#include <cmath>
#include <limits>
#include <type_traits>

#include "widgets/line_plot.h"

namespace plateau::widgets {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

std::vector<CurvePoint> read(const CurveData& data, std::size_t begin, std::size_t end) {
  std::vector<CurvePoint> points(end > begin ? end - begin : 0);
  if (!points.empty()) data.read(data.owner.get(), begin, points.size(), points.data());
  return points;
}

// Calls visit(points) block by block, without a copy of the whole.
template<class Visit>
void for_each_block(const CurveData& data, std::size_t begin, std::size_t end, Visit visit) {
  constexpr std::size_t block = 1024;
  CurvePoint buffer[block];
  for (std::size_t at = begin; at < end; at += block) {
    const std::size_t count = std::min(block, end - at);
    data.read(data.owner.get(), at, count, buffer);
    visit(std::span<const CurvePoint>(buffer, count));
  }
}

// Calls visit(points) or visit(block) in order, with as many whole blocks as lie in [begin, end).
template<class Visit>
void for_each_part(const CurveData& data, std::size_t begin, std::size_t end, Visit visit) {
  const std::size_t size = data.block_size;
  const std::size_t first = data.block ? (begin + data.lead + size - 1) / size : 0;
  const std::size_t last = data.block ? (end + data.lead) / size : 0;
  if (begin >= end || first >= last) return for_each_block(data, begin, end, visit);
  for_each_block(data, begin, first * size - data.lead, visit);
  for (std::size_t i = first; i < last; ++i) visit(data.block(data.owner.get(), i));
  for_each_block(data, last * size - data.lead, end, visit);
}

// Sum and number of finite values.
struct Total {
  double sum = 0;
  std::size_t finite = 0;
  void operator()(std::span<const CurvePoint> points) {
    for (const auto& p : points)
      if (std::isfinite(p.y)) sum += p.y, ++finite;
  }
  void operator()(const CurveBlock& block) { sum += block.sum, finite += block.finite; }
  double mean() const { return finite > 0 ? sum / double(finite) : NAN; }
};

Total total(const CurveData& data, std::size_t begin, std::size_t end) {
  Total result;
  for_each_part(data, begin, end, [&](const auto& part) { result(part); });
  return result;
}

// A sum that values come into and go out of. What rounding takes is kept apart (Neumaier, 1974), so that
// nothing stays of a spike of 1e12 when it has gone.
class SlidingSum {
public:
  void add(double value) {
    if (!std::isfinite(value)) return;
    accumulate(value);
    ++finite_;
  }
  void remove(double value) {
    if (!std::isfinite(value)) return;
    accumulate(-value);
    --finite_;
  }
  double mean() const { return finite_ > 0 ? (sum_ + lost_) / double(finite_) : NAN; }

private:
  void accumulate(double value) {
    const double next = sum_ + value;
    lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
    sum_ = next;
  }
  double sum_ = 0, lost_ = 0;
  std::size_t finite_ = 0;
};

// Of the points at most `half` away from `x`.
Total window_around(const CurveData& data, double x, double half) {
  return total(data, data.lower_bound(x - half), data.lower_bound(std::nextafter(x + half, INFINITY)));
}

// Far outside the area a position only has to be outside; floats of back ends overflow otherwise.
Point place(double x, double y, const PlotLayout& layout) {
  const float margin = 4 * (layout.area.width + layout.area.height);
  const float px = layout.x.position(x), py = layout.y.position(y);
  return {std::clamp(px, layout.area.x - margin, layout.area.right() + margin),
          std::clamp(py, layout.area.y - margin, layout.area.bottom() + margin)};
}

// Keeps the lowest and highest point of each column of `resolution`, in their order: the picture is the same
// as with all points, spikes included. Compares data, so that only what is kept costs a scale.
class Thinner {
public:
  Thinner(std::vector<Point>& out, const PlotLayout& layout, float resolution)
      : out_(out), layout_(layout), resolution_(resolution), log_x_(layout.x.kind() == ScaleKind::Log),
        log_y_(layout.y.kind() == ScaleKind::Log) {}

  void add(double x, double y) {
    if (!std::isfinite(y) || (log_y_ && y <= 0) || (log_x_ && x <= 0)) return gap();
    if (count_ > 0 && x < column_end_) {
      if (y < low_.y) low_ = {x, y};
      if (y > high_.y) high_ = {x, y};
      ++count_;
      return;
    }
    flush();
    low_ = high_ = {x, y};
    count_ = 1;
    const float column = std::floor(layout_.x.position(x) / resolution_);
    column_end_ = std::max(layout_.x.value((column + 1) * resolution_), std::nextafter(x, INFINITY));
  }

  // Whether `block` was added as a whole: it ends, at `last_x`, inside the column that is open, without gap.
  bool add(const CurveBlock& block, std::size_t size, double last_x) {
    if (count_ == 0 || last_x >= column_end_ || block.finite < size || (log_y_ && block.low.y <= 0))
      return false;
    if (block.low.y < low_.y) low_ = block.low;
    if (block.high.y > high_.y) high_ = block.high;
    count_ += size;
    return true;
  }

  void gap() {
    flush();
    if (!out_.empty() && std::isfinite(out_.back().x)) out_.push_back({nan, nan});
  }

  void flush() {
    if (count_ == 0) return;
    push(low_.x < high_.x ? low_ : high_);
    push(low_.x < high_.x ? high_ : low_);
    count_ = 0;
  }

private:
  void push(const CurvePoint& point) {
    const Point p = place(point.x, point.y, layout_);
    if (out_.empty() || !(out_.back() == p)) out_.push_back(p);
  }
  std::vector<Point>& out_;
  const PlotLayout& layout_;
  float resolution_;
  bool log_x_, log_y_;
  double column_end_ = 0;
  std::size_t count_ = 0;
  CurvePoint low_, high_;
};

} // namespace

CurvePoint CurveData::at(std::size_t i) const {
  CurvePoint point;
  read(owner.get(), i, 1, &point);
  return point;
}

std::size_t CurveData::lower_bound(double x) const {
  std::size_t low = 0, high = size;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (at(middle).x < x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

CurveData CurveData::of(std::vector<CurvePoint> points) {
  auto owner = std::make_shared<const std::vector<CurvePoint>>(std::move(points));
  return {.owner = owner,
          .size = owner->size(),
          .read =
              [](const void* owner, std::size_t begin, std::size_t count, CurvePoint* out) {
                const auto& all = *static_cast<const std::vector<CurvePoint>*>(owner);
                std::copy_n(all.begin() + std::ptrdiff_t(begin), count, out);
              },
          .identity = owner.get()};
}

const std::string& group_of(const Curve& curve) {
  return curve.group.empty() ? curve.label : curve.group;
}

namespace {

void thin(const CurveData& data, std::size_t begin, std::size_t end, Thinner thinner) {
  std::size_t at = begin; // of the next part
  const auto add = [&](std::span<const CurvePoint> points) {
    for (const auto& p : points) thinner.add(p.x, p.y);
  };
  for_each_part(data, begin, end, [&]<class Part>(const Part& part) {
    if constexpr (std::is_same_v<Part, CurveBlock>) {
      const std::size_t size = data.block_size;
      if (!thinner.add(part, size, data.at(at + size - 1).x)) for_each_block(data, at, at + size, add);
      at += size;
    } else {
      add(part);
      at += part.size();
    }
  });
  thinner.flush();
}

// The mean of so many points changes little from one to the next: it is taken where a pixel begins, and more
// often where the window is narrower than that.
void smooth_sparsely(const Curve& curve, std::size_t begin, std::size_t end, const PlotLayout& layout,
                     std::vector<Point>& out) {
  const CurveData& data = curve.data;
  const double half = curve.smoothing / 2;
  const double points = double(end - begin) / std::max(1.0, data.at(end - 1).x - data.at(begin).x);
  const double pixels = double(layout.area.width);
  const double in_window = std::max(1.0, curve.smoothing * points);
  const double places = std::max(2 * pixels, 4 * double(end - begin) / in_window);
  const std::size_t stride = std::max<std::size_t>(1, std::size_t(double(end - begin) / places));
  Thinner smooth(out, layout, 0.5f);
  const auto add = [&](const CurvePoint& at) {
    const bool known = std::isfinite(at.y);
    smooth.add(at.x, known ? window_around(data, at.x, half).mean() : NAN);
  };
  for (std::size_t i = begin; i < end; i += stride) add(data.at(i));
  add(data.at(end - 1));
  smooth.flush();
}

} // namespace

DrawnCurve prepare(const Curve& curve, const PlotLayout& layout, float resolution) {
  DrawnCurve drawn;
  const CurveData& data = curve.data;
  if (data.size == 0) return drawn;
  const Range x = layout.x.range();
  // One point more on each side, so that the line reaches the edge.
  const auto before = [](std::size_t i) { return i == 0 ? i : i - 1; };
  const std::size_t begin = before(data.lower_bound(x.low));
  const std::size_t end = std::min(data.size, data.lower_bound(std::nextafter(x.high, INFINITY)) + 1);

  thin(data, begin, end, Thinner(drawn.raw, layout, resolution));
  if (curve.smoothing <= 0) return drawn;

  constexpr std::size_t most_smoothed = 16384; // points of which each has its mean taken
  if (end - begin > most_smoothed) {
    smooth_sparsely(curve, begin, end, layout, drawn.smooth);
    return drawn;
  }
  const double half = curve.smoothing / 2;
  const std::size_t from = data.lower_bound(data.at(begin).x - half);
  const std::size_t to = data.lower_bound(std::nextafter(data.at(end - 1).x + half, INFINITY));
  const auto points = read(data, from, to);
  Thinner smooth(drawn.smooth, layout, resolution);
  std::size_t head = 0, tail = 0; // the window is [tail, head)
  SlidingSum window;
  for (std::size_t i = begin - from; i < end - from; ++i) {
    for (; head < points.size() && points[head].x <= points[i].x + half; ++head) window.add(points[head].y);
    for (; points[tail].x < points[i].x - half; ++tail) window.remove(points[tail].y);
    smooth.add(points[i].x, std::isfinite(points[i].y) ? window.mean() : NAN);
  }
  smooth.flush();
  return drawn;
}

std::optional<Range> y_extent(const CurveData& data, std::optional<Range> x, bool positive) {
  const std::size_t begin = x ? data.lower_bound(x->low) : 0;
  const std::size_t end = x ? data.lower_bound(std::nextafter(x->high, INFINITY)) : data.size;
  Range extent{INFINITY, -INFINITY};
  std::size_t at = begin; // of the next part
  const auto add = [&](std::span<const CurvePoint> points) {
    for (const auto& p : points) {
      if (!std::isfinite(p.y) || (positive && p.y <= 0)) continue;
      extent.low = std::min(extent.low, p.y);
      extent.high = std::max(extent.high, p.y);
    }
  };
  for_each_part(data, begin, end, [&]<class Part>(const Part& part) {
    if constexpr (std::is_same_v<Part, CurveBlock>) {
      if (positive && part.finite > 0 && part.low.y <= 0)
        for_each_block(data, at, at + data.block_size, add);
      else if (part.finite > 0)
        extent = {std::min(extent.low, part.low.y), std::max(extent.high, part.high.y)};
      at += data.block_size;
    } else {
      add(part);
      at += part.size();
    }
  });
  if (extent.low > extent.high) return std::nullopt;
  return extent;
}

std::optional<Range> magnitudes(const CurveData& data) {
  Range sizes{INFINITY, 0};
  for_each_block(data, 0, data.size, [&](std::span<const CurvePoint> points) {
    for (const auto& p : points)
      if (const double size = std::abs(p.y); size > 0 && std::isfinite(size))
        sizes = {std::min(sizes.low, size), std::max(sizes.high, size)};
  });
  return sizes.high > 0 ? std::optional(sizes) : std::nullopt;
}

std::optional<CurvePoint> value_at(const Curve& curve, double x) {
  const CurveData& data = curve.data;
  if (data.size == 0) return std::nullopt;
  std::size_t i = data.lower_bound(x);
  if (i == data.size) --i;
  if (i > 0 && x - data.at(i - 1).x < data.at(i).x - x) --i;
  CurvePoint nearest = data.at(i);
  // Between two samples the nearer one counts; beyond the ends there is no value.
  const double first = data.at(0).x, last = data.at(data.size - 1).x;
  const double spacing = data.size > 1 ? (last - first) / double(data.size - 1) : 1;
  if (x < first - spacing || x > last + spacing) return std::nullopt;
  if (curve.smoothing > 0) {
    const Total window = window_around(data, nearest.x, curve.smoothing / 2);
    if (window.finite > 0) nearest.y = window.mean();
  }
  return nearest;
}

struct CurveCache::Entry {
  struct DrawnKey {
    const void* identity = nullptr;
    std::size_t size = 0;
    double smoothing = 0;
    Range x, y;
    ScaleKind x_kind{}, y_kind{};
    double x_linear = 0, y_linear = 0;
    Rect area;
    float resolution = 0;
    bool operator==(const DrawnKey&) const = default;
  };
  struct ExtentKey {
    const void* identity = nullptr;
    std::size_t size = 0;
    std::optional<Range> x;
    bool positive = false;
    bool operator==(const ExtentKey&) const = default;
  };
  std::optional<DrawnKey> drawn_key;
  DrawnCurve drawn;
  std::optional<ExtentKey> extent_key;
  std::optional<Range> extent;
  std::optional<std::pair<const void*, std::size_t>> sizes_key; // identity and size
  std::optional<Range> sizes;
};

CurveCache::Entry& CurveCache::entry(std::size_t index) {
  while (entries_.size() <= index) entries_.push_back(std::make_shared<Entry>());
  return *entries_[index];
}

const DrawnCurve& CurveCache::drawn(std::size_t index, const Curve& curve, const PlotLayout& layout,
                                    float resolution) {
  Entry& kept = entry(index);
  const Entry::DrawnKey key{
      curve.data.identity,     curve.data.size, curve.smoothing, layout.x.range(),
      layout.y.range(),        layout.x.kind(), layout.y.kind(), layout.x.linear_below(),
      layout.y.linear_below(), layout.area,     resolution};
  if (!curve.data.identity || kept.drawn_key != key) {
    kept.drawn = prepare(curve, layout, resolution);
    kept.drawn_key = key;
  }
  return kept.drawn;
}

std::optional<Range> CurveCache::extent(std::size_t index, const Curve& curve, std::optional<Range> x,
                                        bool positive) {
  Entry& kept = entry(index);
  const Entry::ExtentKey key{curve.data.identity, curve.data.size, x, positive};
  if (!curve.data.identity || kept.extent_key != key) {
    kept.extent = y_extent(curve.data, x, positive);
    kept.extent_key = key;
  }
  return kept.extent;
}

std::optional<Range> CurveCache::sizes(std::size_t index, const Curve& curve) {
  Entry& kept = entry(index);
  const std::pair key{curve.data.identity, curve.data.size};
  if (!curve.data.identity || kept.sizes_key != key) {
    kept.sizes = magnitudes(curve.data);
    kept.sizes_key = key;
  }
  return kept.sizes;
}

} // namespace plateau::widgets
