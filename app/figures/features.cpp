#include "app/figures/features.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "app/figures/curve_parts.h"
#include "app/figures/tensors.h"

namespace plateau::figures {
namespace {

constexpr std::size_t marked_frequencies = 5; // as restricted and excluded loss take
constexpr std::int64_t most_labels = 31;      // tokens that have room for their numbers

std::string at_step(const training::MemberView& member, const PlotOptions& options) {
  const auto measured = point_at(member, "features/effective-rank", options.step);
  return measured ? fmt::format("{} at step {}", member.name, widgets::format_step(double(measured->step)))
                  : member.name;
}

/// A token by its number; where the task's cyclic group is multiplicative, as a power of its generator.
std::string element_name(const training::MemberView& member, std::int64_t index) {
  const auto& operation = member.settings.task.operation;
  const bool powers = operation == "multiply" || operation == "divide";
  return powers ? fmt::format("g^{}", index) : std::to_string(index);
}

std::shared_ptr<const training::Tensor> array_of(const MemberArrays& arrays, const char* name) {
  if (!arrays.frame) return nullptr;
  const auto found = arrays.frame->tensors.find(name);
  return found == arrays.frame->tensors.end() ? nullptr : found->second;
}

widgets::Curve curve_of(const training::MemberView& member, const PlotOptions& options,
                        std::vector<widgets::CurvePoint> points) {
  widgets::Curve curve;
  curve.label = member.name;
  curve.color = widgets::member_color(options.theme, std::size_t(member.id));
  curve.data = widgets::CurveData::of(std::move(points));
  curve.markers = true;
  return curve;
}

/// `metrics` in turn: of training samples, of test samples.
widgets::LinePlot two_sets(const training::Snapshot& snapshot, const PlotOptions& options,
                           const std::string& title, const std::string& y_title, const char* train,
                           const char* test) {
  auto plot = plot_over_steps(options, title, y_title);
  add_member_curves(plot, snapshot, options,
                    {{.name = "train", .metric = train, .dash = widgets::Dash::Dashed, .per_batch = true},
                     {.name = "test", .metric = test}});
  if (options.events) add_events(plot, snapshot, options);
  return plot;
}

} // namespace

std::vector<MemberArrays> chosen_arrays(const training::Snapshot& snapshot, const PlotOptions& options) {
  std::vector<MemberArrays> arrays;
  for (const auto* member : chosen_members(snapshot, options)) arrays.push_back({member, member->frame});
  return arrays;
}

std::vector<std::int64_t> strongest_frequencies(const training::MemberView& member, std::size_t count) {
  const auto spectrum = tensor(member, "features/embedding-spectrum");
  if (!spectrum) return {};
  std::vector<std::int64_t> order(spectrum->data.size());
  std::iota(order.begin(), order.end(), 1);
  std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) {
    return spectrum->data[std::size_t(a - 1)] > spectrum->data[std::size_t(b - 1)];
  });
  order.resize(std::min(count, order.size()));
  return order;
}

widgets::Histogram embedding_spectrum(const training::MemberView& member, const PlotOptions& options) {
  widgets::Histogram histogram;
  histogram.x_title = "frequency k";
  histogram.y_title = options.title ? "share of power" : "";
  histogram.x_numbers = widgets::NumberStyle::Steps;
  histogram.color = options.theme.dim_text.with_alpha(0.6f);
  if (options.title) histogram.title = at_step(member, options);
  const auto spectrum = tensor(member, "features/embedding-spectrum");
  if (!spectrum || spectrum->data.empty()) return histogram;
  histogram.shares.assign(spectrum->data.begin(), spectrum->data.end());
  // A bar stands over its frequency: 1, 2, …
  histogram.range = {0.5, double(histogram.shares.size()) + 0.5};
  histogram.colors.assign(histogram.shares.size(), histogram.color);
  for (const auto frequency : strongest_frequencies(member, marked_frequencies)) {
    const auto bar = std::size_t(frequency - 1);
    histogram.colors[bar] = widgets::member_color(options.theme, std::size_t(member.id));
    histogram.labels.push_back({bar, std::to_string(frequency)});
  }
  return histogram;
}

widgets::Scatter embedding_circle(const training::MemberView& member, const PlotOptions& options) {
  widgets::Scatter plot;
  plot.same_scale = true;
  plot.empty_text = "No embedding yet";
  plot.color = widgets::member_color(options.theme, std::size_t(member.id));
  if (options.title) plot.title = "embedding";
  const auto circle = tensor(member, "features/circle");
  if (!circle || circle->shape.size() != 2 || circle->shape[1] != 2) return plot;
  const auto n = circle->shape[0];
  const auto strongest = strongest_frequencies(member, 1);
  const std::int64_t k = strongest.empty() ? 1 : strongest.front();
  plot.x.title = fmt::format("cos(2π {} j / {})", k, n);
  plot.y.title = fmt::format("sin(2π {} j / {})", k, n);
  if (options.title) plot.title = fmt::format("frequency {}", k);
  double most = 0;
  for (const float value : circle->data)
    if (std::isfinite(value)) most = std::max(most, std::abs(double(value)));
  plot.x.range = plot.y.range = widgets::Range{-most * 1.15 - 1e-9, most * 1.15 + 1e-9};
  plot.bar = {.map = widgets::ColorMap::Viridis,
              .range = {},
              .gamma = 1,
              .title = fmt::format("{} j mod {}", k, n),
              .numbers = widgets::NumberStyle::Steps,
              // Neither end may vanish in the ground.
              .part = options.theme.dark ? widgets::Range{0.2, 1} : widgets::Range{0, 0.88}};
  std::vector<std::int64_t> around(std::size_t(n), 0);
  for (std::int64_t j = 0; j < n; ++j) {
    plot.points.push_back({circle->data[std::size_t(2 * j)], circle->data[std::size_t(2 * j + 1)]});
    plot.shades.push_back(double(k * j % n));
    plot.labels.push_back(element_name(member, j));
    around[std::size_t(j)] = j;
  }
  plot.draw_labels = n <= most_labels;
  std::ranges::stable_sort(around, {}, [&](std::int64_t j) { return k * j % n; });
  around.push_back(around.front());
  for (const auto j : around) plot.line.push_back(plot.points[std::size_t(j)]);
  plot.line_dash = widgets::Dash::Solid;
  return plot;
}

widgets::LinePlot feature_spectrum(const std::vector<MemberArrays>& arrays, const PlotOptions& options) {
  widgets::LinePlot plot;
  if (options.title) plot.title = "eigenvalues of XᵀX";
  plot.x = {.title = "rank of the eigenvalue", .kind = widgets::ScaleKind::Log};
  plot.y = {.title = options.title ? "λ" : "eigenvalue λ of XᵀX", .kind = widgets::ScaleKind::Log};
  plot.empty_text = "No spectrum here yet";
  for (const auto& one : arrays) {
    const auto spectrum = array_of(one, "features/spectrum");
    if (!spectrum || spectrum->data.empty()) continue;
    // What lies below is rounding of float32 features, and would take most of the axis.
    const double least = 1e-8 * double(spectrum->data.front());
    std::vector<widgets::CurvePoint> points;
    for (std::size_t i = 0; i < spectrum->data.size(); ++i) {
      const double value = spectrum->data[i];
      points.push_back({double(i + 1), value > least ? value : NAN});
    }
    plot.curves.push_back(curve_of(*one.member, options, std::move(points)));
  }
  return plot;
}

widgets::BarChart operand_attention(const training::MemberView& member, const PlotOptions& options) {
  widgets::BarChart chart;
  chart.y = {.title = options.title ? "mean attention" : "",
             .numbers = widgets::NumberStyle::Percent,
             .range = widgets::Range{0, 1}};
  if (options.title) chart.title = at_step(member, options);
  const auto attention = tensor(member, "features/attention");
  if (!attention || attention->shape.size() != 2) return chart;
  const auto heads = attention->shape[0], positions = attention->shape[1];
  for (std::int64_t head = 1; head <= heads; ++head) chart.groups.push_back(fmt::format("head {}", head));
  static const char* names[] = {"a", "b", "="};
  for (std::int64_t position = 0; position < positions; ++position) {
    widgets::BarChart::Series series;
    series.name = positions == 3 ? names[position] : fmt::format("token {}", position + 1);
    series.color = options.theme.members[std::size_t(position) % options.theme.members.size()];
    if (positions == 3 && position == 2) series.color = options.theme.dim_text.with_alpha(0.6f);
    for (std::int64_t head = 0; head < heads; ++head)
      series.values.push_back(attention->data[std::size_t(head * positions + position)]);
    chart.series.push_back(std::move(series));
  }
  return chart;
}

widgets::HeatMap correct_logit(const training::MemberView& member, const PlotOptions& options) {
  widgets::HeatMap map;
  const auto logits = tensor(member, "features/correct-logit");
  if (!logits || logits->shape.size() != 2) return map;
  map.rows = int(logits->shape[0]);
  map.columns = int(logits->shape[1]);
  map.values = logits->data;
  map.map = widgets::sequential_map(options.theme);
  map.range = widgets::value_range(map.values);
  map.blank_missing = true;
  map.finish();
  return map;
}

widgets::HeatMapGrid correct_logit_grid(const training::MemberView& member, const PlotOptions& options) {
  widgets::HeatMapGrid grid;
  grid.empty_text = "No logits recorded yet";
  auto map = correct_logit(member, options);
  if (map.rows == 0) return grid;
  if (options.title) grid.title = at_step(member, options);
  grid.row_captions = grid.column_captions = {""};
  grid.x_label = "b";
  grid.y_label = "a";
  grid.bar = widgets::ColorBar{
      .map = map.map, .range = map.range, .gamma = map.gamma, .title = "logit of the right class"};
  grid.cells.push_back(std::move(map));
  return grid;
}

std::optional<std::int64_t> result_of(const study::TaskSettings& task, std::int64_t a, std::int64_t b) {
  const std::int64_t p = task.modulus;
  if (task.operation == "add") return (a + b) % p;
  if (task.operation == "subtract") return (a - b + p) % p;
  if (task.operation == "multiply") return a * b % p;
  if (task.operation == "quadratic") return (a * a + a * b + b * b) % p;
  if (b == 0) return std::nullopt;
  std::int64_t inverse = 1; // b^(p - 2), by Fermat
  for (std::int64_t i = 0; i < p - 2; ++i) inverse = inverse * b % p;
  return a * inverse % p;
}

widgets::LinePlot diagonal_profile(const std::vector<MemberArrays>& arrays, const PlotOptions& options) {
  widgets::LinePlot plot;
  if (options.title) plot.title = "logits about the right class";
  plot.x = {.title = "c − a ∘ b mod p"};
  plot.y = {.title = options.title ? "" : "mean logit of class c"};
  plot.empty_text = "No logits here yet";
  for (const auto& one : arrays) {
    const auto diagonal = array_of(one, "features/diagonal");
    if (!diagonal || diagonal->data.empty()) continue;
    // The right class stands in the middle.
    const auto p = std::int64_t(diagonal->data.size()), half = p / 2;
    std::vector<widgets::CurvePoint> points;
    for (std::int64_t distance = half - p + 1; distance <= half; ++distance)
      points.push_back({double(distance), diagonal->data[std::size_t((distance + p) % p)]});
    plot.curves.push_back(curve_of(*one.member, options, std::move(points)));
    plot.curves.back().markers = false;
  }
  return plot;
}

widgets::LinePlot grokking_loss_plot(const training::Snapshot& snapshot, const PlotOptions& options) {
  PlotOptions own = options;
  own.y_scale = widgets::ScaleKind::Log;
  return two_sets(snapshot, own, "Loss", "loss", "loss/train", "loss/validation");
}

widgets::LinePlot grokking_accuracy_plot(const training::Snapshot& snapshot, const PlotOptions& options) {
  PlotOptions own = options;
  own.y_scale = widgets::ScaleKind::Linear;
  auto plot = two_sets(snapshot, own, "Accuracy", "accuracy", "accuracy/train", "accuracy/validation");
  plot.y.numbers = widgets::NumberStyle::Percent;
  plot.y.at_least = plot.y.at_most = widgets::Range{0, 1};
  return plot;
}

} // namespace plateau::figures
