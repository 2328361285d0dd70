#include "tests/catch.h"

#include <cmath>
#include <set>

#include "widgets/axis.h"

using namespace plateau::widgets;

namespace {

std::vector<std::string> labels(const Scale& scale, int most, NumberStyle style = NumberStyle::Plain) {
  std::vector<std::string> all;
  for (const Tick& tick : ticks(scale, most, style))
    if (!tick.label.empty()) all.push_back(tick.label);
  return all;
}

Scale linear(double low, double high) {
  return Scale(ScaleKind::Linear, {low, high}, 0, 500);
}
Scale logarithmic(double low, double high) {
  return Scale(ScaleKind::Log, {low, high}, 0, 500);
}

} // namespace

TEST_CASE("a scale and its inverse agree") {
  const auto kind = GENERATE(ScaleKind::Linear, ScaleKind::Log, ScaleKind::SymLog);
  const double low = kind == ScaleKind::Log ? 1e-4 : kind == ScaleKind::SymLog ? -300 : -2.5;
  const Scale scale(kind, {low, 4000}, 520, 20, 10); // a y axis: low values at larger positions
  CHECK(scale.position(low) == Approx(520));
  CHECK(scale.position(4000) == Approx(20));
  for (float at = 20; at <= 520; at += 12.5f)
    CHECK(scale.position(scale.value(at)) == Approx(at).margin(0.01));
}

TEST_CASE("a logarithmic scale spaces decades evenly and has no place for zero") {
  const Scale scale = logarithmic(0.001, 100);
  CHECK(scale.position(0.01) == Approx(100));
  CHECK(scale.position(1) == Approx(300));
  CHECK_FALSE(std::isfinite(scale.position(0)));
  CHECK_FALSE(std::isfinite(scale.position(-1)));
}

TEST_CASE("a symmetric logarithmic scale passes through zero without a jump") {
  const Scale scale(ScaleKind::SymLog, {0, 10000}, 0, 400, 10);
  CHECK(scale.position(0) == Approx(0));
  CHECK(scale.position(10.001) - scale.position(9.999) < 0.1f);
  CHECK(scale.position(1000) - scale.position(100) == Approx(scale.position(10000) - scale.position(1000)));
}

TEST_CASE("an empty or reversed range still gives a usable scale") {
  for (const Range range : {Range{0, 0}, Range{3, 3}, Range{-2, -2}, Range{5, 1}}) {
    const Scale scale(ScaleKind::Linear, range, 0, 100);
    CHECK(std::isfinite(scale.position(range.low)));
    CHECK(scale.range().high > scale.range().low);
  }
  CHECK(std::isfinite(Scale(ScaleKind::Log, {-1, 10}, 0, 100).position(10)));
}

TEST_CASE("linear ticks are round, inside the range and few") {
  for (const Range range : {Range{0, 1}, Range{0.48, 2.31}, Range{-3, 17}, Range{0, 6000}, Range{1e-9, 3e-9},
                            Range{123456, 123457}, Range{-1e7, 1e7}, Range{0.9999, 1.0001}})
    for (const int most : {2, 3, 5, 8, 12}) {
      const auto all = ticks(Scale(ScaleKind::Linear, range, 0, 1), most);
      INFO(range.low << " to " << range.high << ", " << most);
      CHECK(all.size() >= 1);
      CHECK(int(all.size()) <= most + 1);
      std::set<std::string> seen;
      for (const Tick& tick : all) {
        CHECK(tick.value >= range.low - 1e-6 * range.length());
        CHECK(tick.value <= range.high + 1e-6 * range.length());
        CHECK(seen.insert(tick.label).second); // labels tell ticks apart
      }
      for (std::size_t i = 2; i < all.size(); ++i)
        CHECK(all[i].value - all[i - 1].value == Approx(all[1].value - all[0].value).epsilon(1e-6));
    }
}

TEST_CASE("tick labels have the same number of decimals") {
  CHECK(labels(linear(0, 1), 5) == std::vector<std::string>{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"});
  CHECK(labels(linear(0, 1), 4) == std::vector<std::string>{"0.00", "0.25", "0.50", "0.75", "1.00"});
  CHECK(labels(linear(-2, 2), 4) == std::vector<std::string>{"−2", "−1", "0", "1", "2"});
}

TEST_CASE("steps are whole, grouped, and short when large") {
  CHECK(labels(linear(0, 2), 10, NumberStyle::Steps) == std::vector<std::string>{"0", "1", "2"});
  CHECK(labels(linear(0, 10), 4, NumberStyle::Steps) == std::vector<std::string>{"0", "5", "10"});
  CHECK(labels(linear(0, 2000), 4, NumberStyle::Steps) ==
        std::vector<std::string>{"0", "500", "1\u202f000", "1\u202f500", "2\u202f000"});
  CHECK(labels(linear(0, 30000), 3, NumberStyle::Steps) ==
        std::vector<std::string>{"0", "10k", "20k", "30k"});
  CHECK(labels(linear(0, 12000), 5, NumberStyle::Steps) ==
        std::vector<std::string>{"0", "2.5k", "5.0k", "7.5k", "10.0k"});
  CHECK(labels(linear(0, 4e6), 4, NumberStyle::Steps) ==
        std::vector<std::string>{"0", "1M", "2M", "3M", "4M"});
}

TEST_CASE("percentages") {
  CHECK(labels(linear(0, 1), 2, NumberStyle::Percent) ==
        std::vector<std::string>{"0\u202f%", "50\u202f%", "100\u202f%"});
}

TEST_CASE("logarithmic ticks stand at decades, thinned when there are many") {
  CHECK(labels(logarithmic(1e-7, 1), 8) ==
        std::vector<std::string>{"10⁻⁷", "10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "0.01", "0.1", "1"});
  for (const double low : {1e-30, 1e-12, 1e-5, 0.2})
    for (const int most : {2, 4, 7}) {
      const auto found = labels(logarithmic(low, 1), most);
      CHECK(found.size() >= 1);
      CHECK(int(found.size()) <= most + 2);
    }
  // Within less than a decade, round numbers as on a linear axis.
  CHECK(labels(logarithmic(0.5, 1), 5).size() >= 3);
}

TEST_CASE("values to be read off") {
  CHECK(format_value(0.62381) == "0.6238");
  CHECK(format_value(1.0246) == "1.0246");
  CHECK(format_value(12.3456) == "12.346");
  CHECK(format_value(0) == "0");
  CHECK(format_value(-0.5) == "−0.5000");
  CHECK(format_value(1.0234e-5) == "1.02e-05");
  CHECK(format_value(9.9999e-4) == "1.00e-03");
  CHECK(format_value(NAN) == "–");
  CHECK(format_value(INFINITY) == "∞");
  CHECK(format_value(0.5432, NumberStyle::Percent) == "54.3\u202f%");
  CHECK(format_step(1234567) == "1\u202f234\u202f567");
  CHECK(format_step(999) == "999");
  CHECK(format_step(0) == "0");
}

TEST_CASE("room around data does not cross zero") {
  const Range loss = nice_range({0.01, 2.3}, ScaleKind::Linear);
  CHECK(loss.low == 0);
  CHECK(loss.high > 2.3);
  CHECK(nice_range({-1, 1}, ScaleKind::Linear).low < -1);
  const Range decades = nice_range({1e-3, 10}, ScaleKind::Log);
  CHECK((decades.low > 0 && decades.low < 1e-3));
  CHECK(nice_range({0.7, 0.7}, ScaleKind::Linear).contains(0.7));
}

TEST_CASE("a symmetric logarithmic axis is linear below the data's smallest decade") {
  CHECK(symlog_threshold(0.0034, 2) == Approx(0.001));
  CHECK(symlog_threshold(1, 1e6) == Approx(1));
  CHECK(symlog_threshold(100, 6000) == Approx(100));
  CHECK(symlog_threshold(1e-30, 2) == Approx(1e-6)); // noise about 0 gets no more than six decades
  CHECK(symlog_threshold(INFINITY, 0) == 1);         // without data
}

TEST_CASE("symlog ticks: zero, decades on either side, labels that tell them apart") {
  const auto of = [](double low, double high, double threshold, int most) {
    return labels(Scale(ScaleKind::SymLog, {low, high}, 0, 500, threshold), most);
  };
  CHECK(of(-100, 1000, 1, 8) == std::vector<std::string>{"−100", "−10", "−1", "0", "1", "10", "100", "1000"});
  CHECK(of(0, 1000, 1, 8).front() == "0");
  CHECK(of(-0.5, 0.5, 1, 4).size() >= 3); // inside the linear part
  for (const int most : {2, 4, 8}) {
    const Scale scale(ScaleKind::SymLog, {-2e-3, 30}, 500, 0, 1e-4);
    double before = -INFINITY;
    std::set<std::string> seen;
    for (const Tick& tick : ticks(scale, most)) {
      CHECK(tick.value > before);
      CHECK(scale.range().contains(tick.value));
      if (!tick.label.empty()) CHECK(seen.insert(tick.label).second);
      before = tick.value;
    }
    CHECK(seen.contains("0"));
  }
}

TEST_CASE("room around data on a symlog axis, none beyond zero") {
  const Range both = nice_range({-1, 100}, ScaleKind::SymLog, 0.1);
  CHECK(both.low < -1);
  CHECK(both.low > -3);
  CHECK(both.high > 100);
  CHECK(both.high < 200);
  CHECK(nice_range({0, 100}, ScaleKind::SymLog, 0.1).low == 0);
}

TEST_CASE("scales have names") {
  for (const ScaleKind kind : {ScaleKind::Linear, ScaleKind::Log, ScaleKind::SymLog})
    CHECK(scale_kind(to_string(kind)) == kind);
  CHECK_FALSE(scale_kind("loglog"));
}
