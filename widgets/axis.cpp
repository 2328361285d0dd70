#include "widgets/axis.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace plateau::widgets {
namespace {

// Smallest of 1, 2, 2.5, 5 x 10^k that is >= `step`.
double round_step(double step) {
  const double decade = std::pow(10.0, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0})
    if (factor * decade >= step * (1 - 1e-9)) return factor * decade;
  return 10 * decade;
}

// Digits after the point that tell multiples of `step` apart.
int decimals_of(double step) {
  for (int decimals = 0; decimals < 12; ++decimals) {
    const double scaled = step * std::pow(10.0, decimals);
    if (std::abs(scaled - std::round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 12;
}

std::string superscript(int number) {
  static const char* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = number < 0 ? "⁻" : "";
  for (const char digit : std::to_string(std::abs(number))) text += digits[digit - '0'];
  return text;
}

// A typographic minus.
std::string with_minus(std::string text) {
  if (!text.empty() && text.front() == '-') text.replace(0, 1, "−");
  return text;
}

// "1 000" with a narrow no-break space.
std::string grouped(long long number) {
  std::string digits = std::to_string(std::llabs(number));
  for (int i = int(digits.size()) - 3; i > 0; i -= 3) digits.insert(std::size_t(i), "\u202f");
  return number < 0 ? "−" + digits : digits;
}

std::string linear_label(double value, double step, double largest, NumberStyle style) {
  if (std::abs(value) < step * 1e-6) value = 0;
  if (style == NumberStyle::Percent)
    return with_minus(fmt::format("{:.{}f}\u202f%", value * 100, decimals_of(step * 100)));
  if (style == NumberStyle::Steps && decimals_of(step) == 0) {
    if (value == 0) return "0";
    if (largest >= 2e6) return with_minus(fmt::format("{:.{}f}M", value / 1e6, decimals_of(step / 1e6)));
    if (largest >= 1e4 && step >= 10)
      return with_minus(fmt::format("{:.{}f}k", value / 1e3, decimals_of(step / 1e3)));
    return grouped(std::llround(value));
  }
  if (largest >= 1e6 || largest < 1e-4) {
    if (value == 0) return "0";
    const int exponent = int(std::floor(std::log10(largest) + 1e-9));
    const double unit = std::pow(10.0, exponent);
    return with_minus(
        fmt::format("{:.{}f}×10{}", value / unit, decimals_of(step / unit), superscript(exponent)));
  }
  return with_minus(fmt::format("{:.{}f}", value, decimals_of(step)));
}

std::vector<Tick> linear_ticks(Range range, int most, NumberStyle style) {
  double step = round_step(range.length() / std::max(1, most));
  if (style == NumberStyle::Steps) step = decimals_of(step) == 0 ? step : step < 1 ? 1 : 5; // 2.5 is none
  const double largest = std::max(std::abs(range.low), std::abs(range.high));
  std::vector<Tick> ticks;
  const double first = std::ceil(range.low / step - 1e-9), last = std::floor(range.high / step + 1e-9);
  for (double i = first; i <= last && ticks.size() < 200; ++i)
    ticks.push_back({i * step, linear_label(i * step, step, largest, style)});
  return ticks;
}

std::string decade_label(int exponent, NumberStyle style) {
  if (style == NumberStyle::Steps && exponent >= 0) {
    if (exponent >= 9) return "10" + superscript(exponent);
    const char* unit = exponent >= 6 ? "M" : exponent >= 3 ? "k" : "";
    return fmt::format("{:.0f}{}",
                       std::pow(10.0, exponent - (exponent >= 6   ? 6
                                                  : exponent >= 3 ? 3
                                                                  : 0)),
                       unit);
  }
  if (style == NumberStyle::Percent && exponent >= -3 && exponent <= 0)
    return fmt::format("{:g}\u202f%", std::pow(10.0, exponent + 2));
  if (exponent >= -2 && exponent <= 3) return fmt::format("{:g}", std::pow(10.0, exponent));
  return "10" + superscript(exponent);
}

// `digit` x 10^`exponent`, on an axis so short that decades alone would not do.
std::string digit_label(int digit, int exponent, NumberStyle style) {
  const double value = digit * std::pow(10.0, exponent);
  if (digit == 1) return decade_label(exponent, style);
  if (style == NumberStyle::Steps && exponent >= 0) {
    if (value >= 1e6) return fmt::format("{:g}M", value / 1e6);
    if (value >= 1e3) return fmt::format("{:g}k", value / 1e3);
    return fmt::format("{:g}", value);
  }
  if (style == NumberStyle::Percent && exponent >= -3) return fmt::format("{:g}\u202f%", value * 100);
  if (exponent >= -2 && exponent <= 3) return fmt::format("{:g}", value);
  return fmt::format("{}×10{}", digit, superscript(exponent));
}

// Powers of ten from low > 0 to high, with minor ticks between where there is room.
std::vector<Tick> log_ticks(Range range, int most, NumberStyle style) {
  const double decades = std::log10(range.high / range.low);
  if (decades < 0.7) return linear_ticks(range, most, style);
  const int first = int(std::floor(std::log10(range.low) - 1e-9));
  const int last = int(std::ceil(std::log10(range.high) + 1e-9));
  const int stride = std::max(1, int(std::ceil(decades / std::max(1, most))));
  const bool label_125 = decades * 3 <= most, label_13 = decades * 2 <= most;
  std::vector<Tick> ticks;
  for (int exponent = first; exponent <= last; ++exponent)
    for (int digit = 1; digit <= 9; ++digit) {
      const double value = digit * std::pow(10.0, exponent);
      if (value < range.low * (1 - 1e-9) || value > range.high * (1 + 1e-9)) continue;
      const bool labelled = digit == 1  ? exponent % stride == 0
                            : label_125 ? digit == 2 || digit == 5
                            : label_13  ? digit == 3
                                        : false;
      if (labelled)
        ticks.push_back({value, digit_label(digit, exponent, style)});
      else if (digit == 1 || (stride == 1 && decades <= 8))
        ticks.push_back({value, ""});
    }
  // One label does not tell a scale: every decade then has one, and failing that its thirds.
  for (const int wanted : {1, 3}) {
    if (std::ranges::count_if(ticks, [](const Tick& tick) { return !tick.label.empty(); }) >= 2) break;
    for (Tick& tick : ticks) {
      const int exponent = int(std::floor(std::log10(tick.value) + 1e-9));
      const int digit = int(std::lround(tick.value / std::pow(10.0, exponent)));
      if (digit == wanted && tick.label.empty()) tick.label = digit_label(digit, exponent, style);
    }
  }
  return ticks;
}

} // namespace

std::vector<Tick> ticks(const Scale& scale, int most, NumberStyle style) {
  const Range range = scale.range();
  switch (scale.kind()) {
  case ScaleKind::Linear:
    return linear_ticks(range, most, style);
  case ScaleKind::Log:
    return log_ticks(range, most, style);
  case ScaleKind::SymLog:
    break;
  }
  const double threshold = scale.linear_below();
  if (range.high <= threshold && range.low >= -threshold) return linear_ticks(range, most, style);
  // Each side has labels by its decades; the linear part about 0 counts as one.
  const auto decades = [&](double end) { return std::log10(std::max(1.0, end / threshold)); };
  const double each = most / (decades(-range.low) + decades(range.high) + 1);
  const auto share = [&](double end) { return std::max(1, int(std::lround(each * decades(end)))); };
  std::vector<Tick> all;
  if (range.low < -threshold) {
    auto negative = log_ticks({std::max(threshold, -range.high), -range.low}, share(-range.low), style);
    for (auto it = negative.rbegin(); it != negative.rend(); ++it)
      all.push_back({-it->value, it->label.empty() ? "" : "−" + it->label});
  }
  if (range.contains(0)) all.push_back({0, linear_label(0, 1, 1, style)});
  if (range.high > threshold) {
    const auto positive = log_ticks({std::max(threshold, range.low), range.high}, share(range.high), style);
    all.insert(all.end(), positive.begin(), positive.end());
  }
  return all;
}

std::string format_value(double value, NumberStyle style) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  if (style == NumberStyle::Steps) return format_step(value);
  if (style == NumberStyle::Percent) return with_minus(fmt::format("{:.1f}\u202f%", value * 100));
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size >= 1e5 || size < 1e-3) return with_minus(fmt::format("{:.2e}", value));
  const int before = std::max(1, int(std::floor(std::log10(size))) + 1);
  return with_minus(fmt::format("{:.{}f}", value, std::clamp(size < 0.1 ? 5 : 5 - before, 0, 5)));
}

std::string format_step(double step) {
  return grouped(std::llround(step));
}

Range nice_range(Range data, ScaleKind kind, double linear_below) {
  if (!(data.high > data.low)) {
    const double room = data.low == 0 ? 1 : std::abs(data.low) * 0.1;
    return kind == ScaleKind::Log ? Range{data.low / 2, data.low * 2}
                                  : Range{data.low - room, data.high + room};
  }
  if (kind == ScaleKind::Log) {
    const double room = std::pow(data.high / data.low, 0.04);
    return {data.low / room, data.high * room};
  }
  if (kind == ScaleKind::SymLog) {
    const Scale scale(kind, data, 0, 1, linear_below);
    return {data.low == 0  ? 0
            : data.low > 0 ? std::max(0.0, scale.value(-0.04f))
                           : scale.value(-0.04f),
            data.high == 0  ? 0
            : data.high < 0 ? std::min(0.0, scale.value(1.04f))
                            : scale.value(1.04f)};
  }
  const double room = 0.04 * data.length();
  // Do not cross zero for the sake of room: a loss has no negative part.
  return {data.low >= 0 ? std::max(0.0, data.low - room) : data.low - room, data.high + room};
}

} // namespace plateau::widgets
