#include "app/figures/metric_plots.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "app/figures/curve_parts.h"

namespace plateau::figures {
namespace {

using widgets::NumberStyle;
using widgets::Range;

constexpr Range unit{0, 1}, from_zero{0, 0};
const double ln3 = std::log(3.0);

MetricPlot share(std::string name, std::string title, std::vector<MetricCurve> curves) {
  return {.name = std::move(name),
          .title = std::move(title),
          .curves = std::move(curves),
          .numbers = NumberStyle::Percent,
          .at_least = unit,
          .at_most = unit};
}

/// Where a few per cent matter.
MetricPlot fitted_share(std::string name, std::string title, std::vector<MetricCurve> curves) {
  auto plot = share(std::move(name), std::move(title), std::move(curves));
  plot.at_least.reset();
  return plot;
}

MetricPlot number(std::string name, std::string title, std::vector<MetricCurve> curves,
                  std::optional<Range> at_least = from_zero) {
  return {
      .name = std::move(name), .title = std::move(title), .curves = std::move(curves), .at_least = at_least};
}

MetricPlot logarithm(std::string name, std::string title, std::vector<MetricCurve> curves) {
  return {
      .name = std::move(name), .title = std::move(title), .curves = std::move(curves), .logarithmic = true};
}

MetricPlot with_guide(MetricPlot plot, double y, std::string label) {
  plot.guides.push_back({.y = y, .label = std::move(label), .kind = {}});
  return plot;
}

/// Names of one table have a colour each: they share a legend.
std::vector<MetricPlot> coloured(std::vector<MetricPlot> plots) {
  int next = 0;
  for (auto& plot : plots)
    for (auto& curve : plot.curves)
      if (!curve.name.empty() && !curve.reference) curve.color = next++;
  return plots;
}

/// "METRIC/layer1" … as far as any chosen member has them.
int count_layers(const training::Snapshot& snapshot, const PlotOptions& options, const std::string& metric) {
  int count = 0;
  for (const auto* member : chosen_members(snapshot, options)) {
    int own = 0;
    while (member->series.contains(fmt::format("{}/layer{}", metric, own + 1))) ++own;
    count = std::max(count, own);
  }
  return count;
}

struct Kind {
  CurveKind curve;
  widgets::Color color; // where one member is drawn
  bool reference = false;
};

std::vector<Kind> kinds_of(const training::Snapshot& snapshot, const PlotOptions& options,
                           const MetricPlot& plot) {
  std::vector<Kind> kinds;
  const auto& palette = options.theme.members;
  for (const MetricCurve& curve : plot.curves) {
    if (!curve.per_layer) {
      const bool recorded = std::ranges::any_of(chosen_members(snapshot, options), [&](const auto* member) {
        return member->series.contains(curve.metric);
      });
      const auto color =
          curve.reference ? options.theme.dim_text : palette[std::size_t(curve.color) % palette.size()];
      if (recorded)
        kinds.push_back({{.name = curve.name, .metric = curve.metric, .per_batch = curve.per_batch},
                         color,
                         curve.reference});
      continue;
    }
    const int layers = count_layers(snapshot, options, curve.metric);
    for (int layer = 1; layer <= layers; ++layer) {
      std::string name = curve.name;
      if (name.empty() || layers > 1) name += fmt::format("{}layer {}", name.empty() ? "" : ", ", layer);
      kinds.push_back(
          {{.name = name,
            .metric = fmt::format("{}/layer{}", curve.metric, layer),
            .per_batch = curve.per_batch},
           layers == 1 && !curve.name.empty()
               ? palette[std::size_t(curve.color) % palette.size()]
               : widgets::ordered_color(options.theme, std::size_t(layer - 1), std::size_t(layers))});
    }
  }
  constexpr widgets::Dash dashes[] = {widgets::Dash::Solid, widgets::Dash::Dashed, widgets::Dash::Dotted,
                                      widgets::Dash::DashDot};
  for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i].curve.dash = dashes[i % 4];
  return kinds;
}

void add_curves(widgets::LinePlot& plot, const training::Snapshot& snapshot, const PlotOptions& options,
                const std::vector<Kind>& kinds) {
  std::vector<CurveKind> sorts;
  for (const Kind& kind : kinds) sorts.push_back(kind.curve);
  add_member_curves(plot, snapshot, options, sorts);
  if (chosen_members(snapshot, options).size() != 1) return;
  for (auto& curve : plot.curves) {
    const auto kind = std::ranges::find(kinds, curve.kind, [](const Kind& k) { return k.curve.name; });
    if (curve.kind.empty()) {
      curve.in_legend = false; // the plot's title says what it is
      continue;
    }
    curve.color = kind->color;
    curve.dash = kind->reference ? widgets::Dash::Dashed : widgets::Dash::Solid;
    curve.label = curve.group = std::exchange(curve.kind, "");
  }
}

} // namespace

std::span<const MetricPlot> embedding_plots() {
  static const std::vector<MetricPlot> plots = {
      share("fourier-top5", "top-5 share", {{.name = "", .metric = "features/fourier-top5"}}),
      with_guide(number("fourier-concentration", "Fourier C_F",
                        {{.name = "", .metric = "features/fourier-concentration"}}),
                 1, "1"),
      number("fourier-entropy", "spectral entropy", {{.name = "", .metric = "features/fourier-entropy"}},
             unit),
      number("fourier-participation", "frequencies",
             {{.name = "", .metric = "features/fourier-participation"}}),
  };
  return plots;
}

std::span<const MetricPlot> rank_plots() {
  static const std::vector<MetricPlot> plots = {
      number("effective-rank", "effective rank", {{.name = "", .metric = "features/effective-rank"}}),
      number("rank", "rank", {{.name = "", .metric = "features/rank"}}),
      number("stable-rank", "stable rank", {{.name = "", .metric = "features/stable-rank"}}),
      number("tail-exponent", "tail exponent α", {{.name = "", .metric = "features/tail-exponent"}}),
  };
  return plots;
}

std::span<const MetricPlot> entropy_plots() {
  static const std::vector<MetricPlot> plots = {
      with_guide(number("entropy", "H of the heads' mean", {{.name = "", .metric = "features/entropy"}}), ln3,
                 "ln 3"),
      with_guide(
          number("entropy-per-head", "H per head", {{.name = "", .metric = "features/entropy-per-head"}}),
          ln3, "ln 3"),
  };
  return plots;
}

const MetricPlot& circuit_plot() {
  static const std::vector<MetricPlot> plots =
      coloured({logarithm("circuit", "losses of the whole and of its parts",
                          {{.name = "train", .metric = "loss/train", .per_batch = true},
                           {.name = "test", .metric = "loss/validation"},
                           {.name = "restricted (test)", .metric = "loss/restricted"},
                           {.name = "excluded (train)", .metric = "loss/excluded"},
                           {.name = "unit MLP input (train)", .metric = "loss/shortcut"}})});
  return plots.front();
}

std::span<const MetricPlot> circuit_plots() {
  static const std::vector<MetricPlot> plots = {
      logarithm("loss-train", "training loss", {{.name = "", .metric = "loss/train", .per_batch = true}}),
      logarithm("loss-test", "test loss", {{.name = "", .metric = "loss/validation"}}),
      logarithm("loss-restricted", "restricted (test)", {{.name = "", .metric = "loss/restricted"}}),
      logarithm("loss-excluded", "excluded (train)", {{.name = "", .metric = "loss/excluded"}}),
      logarithm("loss-shortcut", "unit MLP input (train)", {{.name = "", .metric = "loss/shortcut"}}),
  };
  return plots;
}

std::span<const MetricPlot> logit_plots() {
  static const std::vector<MetricPlot> plots = coloured({
      with_guide(number("margin", "margin",
                        {{.name = "train", .metric = "features/margin-train"},
                         {.name = "test", .metric = "features/margin-validation"}}),
                 0, "0"),
      number("logit-size", "mean |logit|", {{.name = "", .metric = "features/logit-size"}}),
      share("collapse", "softmax collapse", {{.name = "", .metric = "features/collapse"}}),
  });
  return plots;
}

std::span<const MetricPlot> norm_plots() {
  static const std::vector<MetricPlot> plots = coloured({
      number("weight-total", "|θ|", {{.name = "", .metric = "weight/total"}}),
      number("weight-parts", "norms of parts",
             {{.name = "embedding", .metric = "weight/embedding"},
              {.name = "MLP", .metric = "weight/mlp", .per_layer = true},
              {.name = "readout", .metric = "weight/readout"}}),
      logarithm("update-norm", "update |Δθ|", {{.name = "", .metric = "optimizer/update-norm"}}),
      logarithm("gradient-norm", "gradient |g|", {{.name = "", .metric = "optimizer/gradient-norm"}}),
      number("decay-share", "decay share", {{.name = "", .metric = "optimizer/decay-share"}}),
      number("scaling-cosine", "cos(−g, θ)", {{.name = "", .metric = "optimizer/scaling-cosine"}}),
      logarithm("kernel-drift", "kernel drift", {{.name = "", .metric = "features/kernel-drift"}}),
  });
  return plots;
}

std::span<const MetricPlot> score_plots() {
  static const std::vector<MetricPlot> plots = coloured({
      share("scores", "accuracy",
            {{.name = "in context", .metric = "accuracy/in-context"},
             {.name = "in weights", .metric = "accuracy/in-weights"},
             {.name = "fixed mapping", .metric = "accuracy/fixed-mapping"},
             {.name = "swapped labels", .metric = "accuracy/swapped-labels"}}),
      share("late", "accuracy, last quarter", {{.name = "", .metric = "accuracy/late"}}),
      number("second-losses", "2nd loss",
             {{.name = "attributes", .metric = "loss/attributes"}, {.name = "rule", .metric = "loss/rule"}}),
      number("reference-distances", "KL to ideal",
             {{.name = "unigram", .metric = "reference/unigram-distance"},
              {.name = "bigram", .metric = "reference/bigram-distance"}}),
  });
  return plots;
}

std::span<const MetricPlot> component_plots() {
  static const std::vector<MetricPlot> plots = coloured({
      fitted_share("weights-score", "factors from w_l",
                   {{.name = "", .metric = "component/weights-score", .per_layer = true},
                    {.name = "from the item", .metric = "component/item-score", .reference = true}}),
      fitted_share("weights-score-self", "factors, own token alone",
                   {{.name = "", .metric = "component/weights-score-self", .per_layer = true},
                    {.name = "from the item", .metric = "component/item-score", .reference = true}}),
      fitted_share("weights-score-none", "factors, no attention",
                   {{.name = "", .metric = "component/weights-score-none", .per_layer = true},
                    {.name = "from the item", .metric = "component/item-score", .reference = true}}),
      share("component-answers", "answers of one alone",
            {{.name = "weights", .metric = "component/answers-weights"},
             {.name = "context", .metric = "component/answers-context"}}),
      share("rule-score", "rule from h_l, last item",
            {{.name = "", .metric = "context/rule-score", .per_layer = true}}),
  });
  return plots;
}

std::span<const MetricPlot> collapse_plots() {
  static const std::vector<MetricPlot> plots = {
      with_guide(number("pairwise-cosine", "cosine between states",
                        {{.name = "", .metric = "features/pairwise-cosine"}}, unit),
                 1, "1: collapsed"),
      number("state-effective-rank", "effective rank", {{.name = "", .metric = "features/effective-rank"}}),
      number("state-stable-rank", "stable rank", {{.name = "", .metric = "features/stable-rank"}}),
      number("logit-deviation", "deviation of the logits",
             {{.name = "", .metric = "features/logit-deviation"}}),
  };
  return plots;
}

widgets::LinePlot metric_plot(const training::Snapshot& snapshot, const PlotOptions& options,
                              const MetricPlot& plot) {
  PlotOptions own = options;
  own.y_scale = plot.logarithmic ? widgets::ScaleKind::Log : widgets::ScaleKind::Linear;
  auto result = plot_over_steps(own, plot.title, options.title ? "" : plot.title);
  result.y.numbers = plot.numbers;
  if (!plot.logarithmic) {
    result.y.at_least = plot.at_least;
    result.y.at_most = plot.at_most;
  }
  add_curves(result, snapshot, own, kinds_of(snapshot, own, plot));
  if (options.guides) result.guides = plot.guides;
  if (options.events) add_events(result, snapshot, own);
  return result;
}

std::vector<widgets::LinePlot> metric_plots(const training::Snapshot& snapshot, const PlotOptions& options,
                                            std::span<const MetricPlot> plots) {
  std::vector<widgets::LinePlot> result;
  for (const MetricPlot& plot : plots)
    if (auto drawn = metric_plot(snapshot, options, plot); !drawn.curves.empty())
      result.push_back(std::move(drawn));
  return result;
}

} // namespace plateau::figures
