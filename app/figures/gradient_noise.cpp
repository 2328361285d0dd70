// How far single batches' gradients lie from the mean gradient.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "app/figures/optimizer.h"
#include "app/figures/tensors.h"
#include "engine/analysis/normal.h"

namespace plateau::figures {
namespace {

constexpr std::size_t bins = 60;

std::string at_step(const training::MemberView& member, const PlotOptions& options) {
  const auto numbers = noise_numbers(member, options.step);
  return numbers ? fmt::format("{} at step {}", member.name, widgets::format_step(double(numbers->step)))
                 : member.name;
}

} // namespace

std::optional<NoiseNumbers> noise_numbers(const training::MemberView& member,
                                          std::optional<std::int64_t> step) {
  const auto skew = point_at(member, "noise/skew", step);
  if (!skew) return std::nullopt;
  const auto value = [&](const char* metric) {
    const auto point = point_at(member, metric, step);
    return point ? point->value : NAN;
  };
  const auto errors = tensor(member, "noise/errors");
  return NoiseNumbers{.step = skew->step,
                      .draws = errors ? std::int64_t(errors->data.size()) : 0,
                      .skew = skew->value,
                      .kurtosis = value("noise/kurtosis"),
                      .median = value("noise/median"),
                      .p99 = value("noise/p99")};
}

widgets::Histogram noise_histogram(const training::MemberView& member, const PlotOptions& options) {
  widgets::Histogram histogram;
  histogram.x_title = "|g_k − g|";
  histogram.y_title = options.title ? "density" : "";
  histogram.y_numbers = widgets::NumberStyle::Plain;
  histogram.color = widgets::member_color(options.theme, std::size_t(member.id)).with_alpha(0.75f);
  histogram.line_color = options.theme.text;
  if (options.title) histogram.title = at_step(member, options);
  const auto errors = tensor(member, "noise/errors");
  if (!errors || errors->data.size() < 2) return histogram;
  const auto& sorted = errors->data; // ascending
  const auto normal = analysis::fit_normal(sorted);
  // The last thousandth would leave the rest no room in a heavy tail: it is told by the quantiles beside.
  const double last = sorted[std::size_t(0.998 * double(sorted.size() - 1))];
  const double high = std::max({last, double(sorted[sorted.size() / 2]) * 1.01, normal.quantile(0.999)});
  const double low = std::max(0.0, std::min(double(sorted.front()), normal.quantile(0.001)));
  histogram.range = {low, high > low ? high : low + 1};
  const double width = histogram.range.length() / double(bins);
  histogram.shares.assign(bins, 0);
  for (const float error : sorted) {
    const double bin = (error - low) / width;
    if (bin >= 0 && bin < double(bins))
      histogram.shares[std::size_t(bin)] += 1 / (double(sorted.size()) * width);
  }
  if (normal.deviation > 0)
    for (std::size_t i = 0; i <= 2 * bins; ++i) {
      const double x = low + width * double(i) / 2;
      histogram.line.push_back({x, normal.density(x)});
    }
  return histogram;
}

widgets::Scatter noise_quantiles(const training::MemberView& member, const PlotOptions& options) {
  widgets::Scatter plot;
  plot.x.title = "quantile of the fitted normal";
  plot.y.title = options.title ? "quantile of |g_k − g|" : "";
  plot.color = widgets::member_color(options.theme, std::size_t(member.id));
  plot.empty_text = "No gradient noise yet";
  if (options.title) plot.title = "normal quantiles";
  const auto errors = tensor(member, "noise/errors");
  if (!errors || errors->data.size() < 3) return plot;
  const auto& sorted = errors->data;
  const auto normal = analysis::fit_normal(sorted);
  if (!(normal.deviation > 0)) return plot;
  // In the middle neighbours lie on one another; the ends are what one looks at.
  constexpr std::size_t ends = 40, most_between = 160;
  const std::size_t n = sorted.size(), stride = std::max<std::size_t>(1, n / most_between);
  for (std::size_t i = 0; i < n; ++i)
    if (i < ends || i + ends >= n || i % stride == 0)
      plot.points.push_back({normal.quantile((double(i) + 0.5) / double(n)), double(sorted[i])});
  const double low = plot.points.front().x, high = plot.points.back().x;
  plot.line = {{low, low}, {high, high}};
  return plot;
}

} // namespace plateau::figures
