#include "widgets/color_map.h"

#include <array>
#include <cmath>
#include <span>

namespace plateau::widgets {
namespace {

// Viridis and magma (S. van der Walt, N. Smith; CC0) and cividis (Nunez et al. 2018) at ten even places.
constexpr std::uint32_t viridis[] = {0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e,
                                     0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725};
constexpr std::uint32_t magma[] = {0x000004, 0x180f3d, 0x440f76, 0x721f81, 0x9e2f7f,
                                   0xcd4071, 0xf1605d, 0xfd9668, 0xfeca8d, 0xfcfdbf};
constexpr std::uint32_t cividis[] = {0x00224e, 0x123570, 0x3b496c, 0x575d6d, 0x707173,
                                     0x8a8678, 0xa59c74, 0xc3b369, 0xe1cc55, 0xfee838};

// Our own two are drawn in the Oklab space (B. Ottosson 2020), where equal steps look equal.
struct Oklch {
  double l, c, h; // lightness, chroma, hue in degrees
};

double to_srgb(double linear) {
  linear = std::clamp(linear, 0.0, 1.0);
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
}

Color from_oklch(Oklch o) {
  const double a = o.c * std::cos(o.h * M_PI / 180), b = o.c * std::sin(o.h * M_PI / 180);
  const double l = std::pow(o.l + 0.3963377774 * a + 0.2158037573 * b, 3);
  const double m = std::pow(o.l - 0.1055613458 * a - 0.0638541728 * b, 3);
  const double s = std::pow(o.l - 0.0894841775 * a - 1.2914855480 * b, 3);
  return {float(to_srgb(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)),
          float(to_srgb(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)),
          float(to_srgb(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)), 1};
}

// Chroma rises from none at the white end to the middle and falls again towards the dark end.
Color shade(double t, double darkest, double chroma, double hue_light, double hue_dark) {
  return from_oklch({1 + (darkest - 1) * t, chroma * std::sin(M_PI * std::pow(t, 0.9)) + 0.06 * t * t,
                     hue_light + (hue_dark - hue_light) * t});
}

// Catmull-Rom through the anchors, clamped at the ends.
Color interpolate(std::span<const std::uint32_t> anchors, double t) {
  const double at = t * double(anchors.size() - 1);
  const int i = std::min(int(at), int(anchors.size()) - 2);
  const float u = float(at - i);
  const auto anchor = [&](int k) { return rgb(anchors[std::clamp(k, 0, int(anchors.size()) - 1)]); };
  const Color p0 = anchor(i - 1), p1 = anchor(i), p2 = anchor(i + 1), p3 = anchor(i + 2);
  const auto blend = [&](float a, float b, float c, float d) {
    const float v = b + 0.5f * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)));
    return std::clamp(v, 0.f, 1.f);
  };
  return {blend(p0.r, p1.r, p2.r, p3.r), blend(p0.g, p1.g, p2.g, p3.g), blend(p0.b, p1.b, p2.b, p3.b), 1};
}

Color compute(ColorMap map, double t) {
  switch (map) {
  case ColorMap::Viridis:
    return interpolate(viridis, t);
  case ColorMap::Magma:
    return interpolate(magma, t);
  case ColorMap::Cividis:
    return interpolate(cividis, t);
  case ColorMap::Ink:
    return shade(t, 0.27, 0.12, 243, 268);
  case ColorMap::Balance:
    return t < 0.5 ? shade(1 - 2 * t, 0.32, 0.15, 240, 264) : shade(2 * t - 1, 0.32, 0.17, 45, 22);
  }
  return {};
}

using Table = std::array<Color, 256>;

const Table& table(ColorMap map) {
  static const auto tables = [] {
    std::array<Table, 5> all;
    for (std::size_t m = 0; m < all.size(); ++m)
      for (std::size_t i = 0; i < 256; ++i) all[m][i] = compute(ColorMap(m), double(i) / 255);
    return all;
  }();
  return tables[std::size_t(map)];
}

} // namespace

Color color_at(ColorMap map, double t) {
  if (std::isnan(t)) return rgb(0x808080);
  const double at = std::clamp(t, 0.0, 1.0) * 255;
  const auto i = std::size_t(at);
  if (i == 255) return table(map)[255];
  return mix(table(map)[i], table(map)[i + 1], float(at - i));
}

std::string_view to_string(ColorMap map) {
  switch (map) {
  case ColorMap::Viridis:
    return "viridis";
  case ColorMap::Magma:
    return "magma";
  case ColorMap::Cividis:
    return "cividis";
  case ColorMap::Ink:
    return "ink";
  case ColorMap::Balance:
    return "balance";
  }
  return "";
}

double lightness(Color color) {
  const auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
  const double y = 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b);
  return y > 216.0 / 24389 ? 116 * std::cbrt(y) - 16 : y * 24389.0 / 27;
}

} // namespace plateau::widgets
