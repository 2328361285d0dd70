#include <cmath>

#include "widgets/axis.h"

namespace plateau::widgets {

const char* to_string(ScaleKind kind) {
  switch (kind) {
  case ScaleKind::Log:
    return "log";
  case ScaleKind::SymLog:
    return "symlog";
  default:
    return "linear";
  }
}

std::optional<ScaleKind> scale_kind(std::string_view name) {
  for (const ScaleKind kind : {ScaleKind::Linear, ScaleKind::Log, ScaleKind::SymLog})
    if (name == to_string(kind)) return kind;
  return std::nullopt;
}

double symlog_threshold(double smallest, double largest) {
  constexpr double most_decades = 6;
  const double lowest = std::max(smallest, largest * std::pow(10.0, -most_decades));
  return lowest > 0 && std::isfinite(lowest) ? std::pow(10.0, std::floor(std::log10(lowest) + 1e-9)) : 1;
}

Scale::Scale(ScaleKind kind, Range range, float at_low, float at_high, double linear_below)
    : kind_(kind), range_(range), at_low_(at_low), at_high_(at_high), linear_below_(linear_below) {
  if (kind_ == ScaleKind::Log) {
    if (!(range_.high > 0)) range_ = {0.1, 1};
    if (!(range_.low > 0)) range_.low = range_.high * 1e-6;
  }
  if (!(range_.high > range_.low)) range_.high = range_.low + (range_.low == 0 ? 1 : std::abs(range_.low));
  warped_low_ = warp(range_.low);
  warped_high_ = warp(range_.high);
}

double Scale::warp(double value) const {
  switch (kind_) {
  case ScaleKind::Linear:
    return value;
  case ScaleKind::Log:
    return std::log10(value); // not a number below 0: a gap in the curve
  case ScaleKind::SymLog: {
    const double size = std::abs(value) / linear_below_;
    return std::copysign(size <= 1 ? size : 1 + std::log10(size), value);
  }
  }
  return value;
}

double Scale::unwarp(double warped) const {
  switch (kind_) {
  case ScaleKind::Linear:
    return warped;
  case ScaleKind::Log:
    return std::pow(10.0, warped);
  case ScaleKind::SymLog: {
    const double size = std::abs(warped);
    return std::copysign(linear_below_ * (size <= 1 ? size : std::pow(10.0, size - 1)), warped);
  }
  }
  return warped;
}

float Scale::position(double value) const {
  const double t = (warp(value) - warped_low_) / (warped_high_ - warped_low_);
  return float(at_low_ + t * (double(at_high_) - at_low_));
}

double Scale::value(float position) const {
  const double t = (double(position) - at_low_) / (double(at_high_) - at_low_);
  return unwarp(warped_low_ + t * (warped_high_ - warped_low_));
}

} // namespace plateau::widgets
