// Measures per layer and head: saturation, components, norms of parameters and gradients.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/figures/curve_parts.h"
#include "engine/probes/catalogue.h"

namespace plateau::figures {
namespace {

// How many of "BASE/layer1", "BASE/layer2" ... (or heads of a layer) any chosen member has.
int count_parts(const training::Snapshot& snapshot, const PlotOptions& options, const std::string& base,
                const char* part) {
  int count = 0;
  for (const auto* member : chosen_members(snapshot, options)) {
    int own = 0;
    while (member->series.contains(fmt::format("{}/{}{}", base, part, own + 1))) ++own;
    count = std::max(count, own);
  }
  return count;
}

std::string measure_title(const std::vector<Measure>& measures, const std::string& name) {
  const auto found = std::ranges::find(measures, name, &Measure::name);
  return found == measures.end() ? name : found->title;
}

} // namespace

std::vector<CurveKind> part_kinds(const training::Snapshot& snapshot, const PlotOptions& options,
                                  const std::string& base, bool per_batch) {
  const bool heads = options.layer > 0;
  const auto where = heads ? fmt::format("{}/layer{}", base, options.layer) : base;
  const char* part = heads ? "head" : "layer";
  const int count = count_parts(snapshot, options, where, part);
  constexpr widgets::Dash dashes[] = {widgets::Dash::Solid, widgets::Dash::Dashed, widgets::Dash::Dotted,
                                      widgets::Dash::DashDot};
  std::vector<CurveKind> kinds;
  for (int i = 1; i <= count; ++i) {
    if (heads && options.head > 0 && i != options.head) continue;
    kinds.push_back({.name = fmt::format("{} {}", part, i),
                     .metric = fmt::format("{}/{}{}", where, part, i),
                     .dash = dashes[(i - 1) % 4],
                     .width = 0.85f,
                     .per_batch = per_batch});
  }
  // Measured without layers' heads (a norm of all heads): the layer alone.
  if (heads && kinds.empty())
    kinds.push_back(
        {.name = fmt::format("layer {}", options.layer), .metric = where, .per_batch = per_batch});
  return kinds;
}

void add_part_curves(widgets::LinePlot& plot, const training::Snapshot& snapshot, const PlotOptions& options,
                     const std::vector<CurveKind>& kinds) {
  const std::size_t before = plot.curves.size();
  add_member_curves(plot, snapshot, options, kinds);
  if (chosen_members(snapshot, options).size() != 1) return;
  for (std::size_t i = before; i < plot.curves.size(); ++i) {
    auto& curve = plot.curves[i];
    const auto kind = std::ranges::find(kinds, curve.kind, &CurveKind::name);
    curve.color = widgets::ordered_color(options.theme, std::size_t(kind - kinds.begin()), kinds.size());
    curve.dash = widgets::Dash::Solid;
    curve.width = 1;
    curve.label = curve.group = std::exchange(curve.kind, "");
  }
}

const std::vector<Measure>& saturation_measures() {
  static const std::vector<Measure> measures = {
      {"entropy", "row entropy / ln N", false},
      {"max-probability", "largest probability", false},
      {"share-below-1e-3", "share of a below 10⁻³", false},
      {"share-below-1e-7", "share of a below 10⁻⁷", false},
      {"jacobian-norm", "softmax Jacobian norm", true},
      {"laser-zeros", "LASER: sums that underflow", false},
      {"laser-not-finite", "LASER: not finite", false},
  };
  return measures;
}

const std::vector<Measure>& component_measures() {
  static const std::vector<Measure> measures = {
      {"weights-norm", "weights component, norm", false},
      {"context-norm", "context component, norm", false},
      {"cosine", "cosine of the components", false},
      {"context-share", "share of the context component", false},
  };
  return measures;
}

widgets::LinePlot saturation_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                  const std::string& measure) {
  const auto title = measure_title(saturation_measures(), measure);
  auto plot = plot_over_steps(options, title, options.title ? "" : title);
  const bool share = measure != "jacobian-norm";
  if (share && options.y_scale != widgets::ScaleKind::Log) {
    plot.y.at_most = widgets::Range{0, 1};
    if (measure == "entropy")
      plot.y.at_least = widgets::Range{0, 1};
    else
      plot.y.at_least = widgets::Range{0, 0};
  }
  if (measure.starts_with("share")) plot.y.numbers = widgets::NumberStyle::Percent;
  add_part_curves(plot, snapshot, options, part_kinds(snapshot, options, "saturation/" + measure));
  if (options.events) add_events(plot, snapshot, options);
  return plot;
}

widgets::LinePlot component_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                 const std::string& measure) {
  const auto title = measure_title(component_measures(), measure);
  PlotOptions own = options;
  own.layer = own.head = 0; // components belong to layers
  if (measure == "cosine") own.y_scale = widgets::ScaleKind::Linear;
  auto plot = plot_over_steps(own, title, options.title ? "" : title);
  plot.y.at_least = widgets::Range{0, 0};
  auto kinds = part_kinds(snapshot, own, "component/" + measure);
  if (options.layer > 0)
    std::erase_if(kinds,
                  [&](const auto& kind) { return kind.name != fmt::format("layer {}", options.layer); });
  add_part_curves(plot, snapshot, own, kinds);
  if (options.events) add_events(plot, snapshot, own);
  return plot;
}

const std::vector<std::string>& parameter_parts() {
  static const std::vector<std::string> parts = {"W_Q", "W_K", "W_V", "W_O", "W_G", "P", "Q", "mlp", "ends"};
  return parts;
}

widgets::LinePlot parameter_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                                 const std::string& kind, const std::string& part) {
  PlotOptions own = options;
  own.layer = own.head = 0;
  const std::string name = part == "ends" ? "embedding and readout" : part == "mlp" ? "MLP" : part;
  const std::string quantity = kind == "weight"     ? "weight norm"
                               : kind == "gradient" ? "gradient norm"
                                                    : "mean |gradient|";
  auto plot = plot_over_steps(own, name, options.title ? quantity : name + ", " + quantity);
  const bool per_batch = kind != "weight";
  std::vector<CurveKind> kinds;
  if (part == "ends") {
    kinds = {{.name = "embedding", .metric = kind + "/embedding", .per_batch = per_batch},
             {.name = "readout",
              .metric = kind + "/readout",
              .dash = widgets::Dash::Dashed,
              .per_batch = per_batch}};
  } else {
    kinds = part_kinds(snapshot, own, kind + "/" + part, per_batch);
  }
  if (options.layer > 0 && part != "ends")
    std::erase_if(kinds, [&](const auto& k) { return k.name != fmt::format("layer {}", options.layer); });
  add_part_curves(plot, snapshot, own, kinds);
  if (part == "ends")
    for (auto& curve : plot.curves) // not the colours of layers
      if (curve.group == "embedding" || curve.group == "readout")
        curve.color = options.theme.members[curve.group == "embedding" ? 3 : 7];
  if (options.events) add_events(plot, snapshot, own);
  return plot;
}

} // namespace plateau::figures
