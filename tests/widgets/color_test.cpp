#include "tests/catch.h"

#include <array>
#include <cmath>

#include "widgets/color_map.h"
#include "widgets/theme.h"

using namespace plateau::widgets;

namespace {

double linear(double v) {
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

// How colours look to a reader without red, green or blue cones: Machado, Oliveira and Fernandes (2009),
// severity 1, on linear RGB.
constexpr Matrix normal = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix protanopia = {
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix deuteranopia = {
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};

// Oklab (Ottosson 2020), after the reader's eyes.
Vector seen(Color color, const Matrix& eyes) {
  const Vector rgb = {linear(color.r), linear(color.g), linear(color.b)};
  Vector v{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) v[i] += eyes[i][j] * rgb[j];
  const double l = std::cbrt(0.4122214708 * v[0] + 0.5363325363 * v[1] + 0.0514459929 * v[2]);
  const double m = std::cbrt(0.2119034982 * v[0] + 0.6806995451 * v[1] + 0.1073969566 * v[2]);
  const double s = std::cbrt(0.0883024619 * v[0] + 0.2817188376 * v[1] + 0.6299787005 * v[2]);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

double distance(Color a, Color b, const Matrix& eyes) {
  const Vector p = seen(a, eyes), q = seen(b, eyes);
  return std::sqrt(std::pow(p[0] - q[0], 2) + std::pow(p[1] - q[1], 2) + std::pow(p[2] - q[2], 2));
}

// WCAG 2.1.
double contrast(Color a, Color b) {
  const auto luminance = [](Color c) {
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
  };
  const double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
  return std::max(x, y) / std::min(x, y);
}

} // namespace

TEST_CASE("sequential maps grow evenly in lightness") {
  const auto map = GENERATE(ColorMap::Viridis, ColorMap::Magma, ColorMap::Cividis, ColorMap::Ink);
  INFO(to_string(map));
  const double sign = map == ColorMap::Ink ? -1 : 1; // dark on white
  const double whole = lightness(color_at(map, 1)) - lightness(color_at(map, 0));
  CHECK(sign * whole > 60);
  for (int i = 1; i <= 100; ++i) {
    const double step = lightness(color_at(map, i / 100.0)) - lightness(color_at(map, (i - 1) / 100.0));
    CHECK(sign * step > 0);
    CHECK(std::abs(step) < 2.2 * std::abs(whole) / 100);
  }
}

TEST_CASE("the diverging map is white in the middle and as dark at both ends") {
  CHECK(lightness(color_at(ColorMap::Balance, 0.5)) > 97);
  for (int i = 1; i <= 50; ++i) {
    const double low = lightness(color_at(ColorMap::Balance, 0.5 - i / 100.0));
    const double high = lightness(color_at(ColorMap::Balance, 0.5 + i / 100.0));
    CHECK(low == Approx(high).margin(7));
    CHECK(low < lightness(color_at(ColorMap::Balance, 0.5 - (i - 1) / 100.0)));
  }
}

TEST_CASE("values outside and missing values have a colour") {
  CHECK(color_at(ColorMap::Viridis, -3) == color_at(ColorMap::Viridis, 0));
  CHECK(color_at(ColorMap::Viridis, 7) == color_at(ColorMap::Viridis, 1));
  CHECK(color_at(ColorMap::Viridis, NAN) == rgb(0x808080));
}

TEST_CASE("known anchors of viridis") {
  const Color low = color_at(ColorMap::Viridis, 0), high = color_at(ColorMap::Viridis, 1);
  CHECK(low == rgb(0x440154));
  CHECK(high.r == Approx(rgb(0xfde725).r));
  CHECK(high.g == Approx(rgb(0xfde725).g));
  CHECK(high.b == Approx(rgb(0xfde725).b));
}

TEST_CASE("members' colours can be told apart, also by colour-blind readers") {
  for (const Theme* theme : {&dark_theme(), &light_theme(), &print_theme()})
    for (std::size_t a = 0; a < theme->members.size(); ++a)
      for (std::size_t b = 0; b < a; ++b) {
        INFO((theme->dark ? "dark " : "light ") << a << " and " << b);
        CHECK(distance(theme->members[a], theme->members[b], normal) > 0.09);
        CHECK(distance(theme->members[a], theme->members[b], protanopia) > 0.045);
        CHECK(distance(theme->members[a], theme->members[b], deuteranopia) > 0.045);
      }
}

TEST_CASE("text and lines stand out from their panels") {
  for (const Theme* theme : {&dark_theme(), &light_theme(), &print_theme()}) {
    CHECK(contrast(theme->text, theme->panel) > 7);
    CHECK(contrast(theme->dim_text, theme->panel) > 4.5);
    CHECK(contrast(theme->on_accent, theme->accent) > 4.5);
    for (const Color status : {theme->good, theme->warning, theme->error})
      CHECK(contrast(status, theme->panel) > 4.2);
    for (const Color member : theme->members) CHECK(contrast(member, theme->panel) > 2.2);
    for (std::size_t i = 0; i < 6; ++i) CHECK(contrast(ordered_color(*theme, i, 6), theme->panel) > 2.2);
  }
}
