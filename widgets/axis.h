// Scales, ticks and numbers as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "widgets/canvas.h"
#include "widgets/geometry.h"
#include "widgets/theme.h"

namespace plateau::widgets {

enum class ScaleKind {
  Linear,
  Log,    // values <= 0 have no place
  SymLog, // linear below `linear_below`, log beyond: for steps that start at 0
};

const char* to_string(ScaleKind kind); // "linear", "log", "symlog"
std::optional<ScaleKind> scale_kind(std::string_view name);

/// Below which magnitude a symlog axis is linear: the decade of `smallest`, the smallest magnitude beside 0,
/// but no more than six decades below `largest`, so that noise near 0 does not take the whole axis.
double symlog_threshold(double smallest, double largest);

/// Maps data values to positions along one axis and back.
class Scale {
public:
  /// `at_low` and `at_high` are the canvas positions of the range's ends (at_low > at_high for a y axis).
  Scale(ScaleKind kind, Range range, float at_low, float at_high, double linear_below = 1);
  float position(double value) const;
  double value(float position) const;
  ScaleKind kind() const { return kind_; }
  Range range() const { return range_; }
  float low_position() const { return at_low_; }
  float high_position() const { return at_high_; }
  double linear_below() const { return linear_below_; }

private:
  double warp(double value) const;
  double unwarp(double warped) const;
  ScaleKind kind_;
  Range range_;
  float at_low_, at_high_;
  double linear_below_;
  double warped_low_, warped_high_;
};

struct Tick {
  double value = 0;
  std::string label; // empty: a minor tick
};

/// How tick labels are written.
enum class NumberStyle {
  Plain,   // 0.25, 1e-5
  Steps,   // 0, 500, 1000, 1.5k, 20k, 1.2M
  Percent, // 25 %
};

/// Round values inside the scale's range with labels of even precision; at most about `most` labels.
std::vector<Tick> ticks(const Scale& scale, int most, NumberStyle style = NumberStyle::Plain);

/// A number to be read off: three to four significant digits, no trailing noise ("0.6238", "1.02e-05").
std::string format_value(double value, NumberStyle style = NumberStyle::Plain);
/// Thousands apart: "12 000".
std::string format_step(double step);

/// `data` with a little room around it; does not cross zero for the sake of room.
Range nice_range(Range data, ScaleKind kind, double linear_below = 1);

} // namespace plateau::widgets
