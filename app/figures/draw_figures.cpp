#include "app/figures/draw_figures.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "app/figures/curves.h"
#include "app/figures/maps.h"

namespace plateau::figures {
namespace {

using widgets::Canvas;
using widgets::PlotStyle;
using widgets::Rect;

// Measures of one member are told apart by layer; with several members colours tell members.
template<class Build, class Names> std::vector<widgets::LinePlot> build_all(const Names& names, Build build) {
  std::vector<widgets::LinePlot> plots;
  for (const auto& name : names) plots.push_back(build(name));
  std::erase_if(plots, [](const auto& plot) { return plot.curves.empty(); });
  return plots;
}

void draw_parameters(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                     const PlotOptions& options, const PlotStyle& style, const char* kind) {
  auto own = with_title(options);
  auto plots = build_all(parameter_parts(),
                         [&](const auto& part) { return parameter_plot(snapshot, own, kind, part); });
  // Norms of different matrices are compared: one range for all.
  std::optional<widgets::Range> all;
  for (const auto& plot : plots)
    if (const auto fit = widgets::fit_y(plot, {}))
      all = all ? widgets::Range{std::min(all->low, fit->low), std::max(all->high, fit->high)} : *fit;
  if (all && !options.y)
    for (auto& plot : plots) plot.y.range = widgets::nice_range(*all, plot.y.kind);
  draw_plots(canvas, outer, std::move(plots), outer.width > outer.height ? 3 : 2, style);
}

} // namespace

void draw_plots(Canvas& canvas, const Rect& outer, std::vector<widgets::LinePlot> plots, int columns,
                const PlotStyle& style) {
  const int rows = (int(plots.size()) + columns - 1) / columns;
  widgets::LinePlot together;
  const bool legend =
      std::ranges::any_of(plots, [](const auto& plot) { return plot.legend != widgets::LegendPlace::None; });
  for (std::size_t i = 0; i < plots.size(); ++i) {
    if (legend) together.curves.insert(together.curves.end(), plots[i].curves.begin(), plots[i].curves.end());
    plots[i].legend = widgets::LegendPlace::None;
    for (auto& mark : plots[i].marks) mark.label.clear();
    for (auto& span : plots[i].spans) span.label.clear();
    if (int(i) / columns + 1 < rows) plots[i].x.title.clear();
  }
  float above = 0;
  const widgets::Point corner{outer.x + style.gap, outer.y + style.gap};
  const auto entries = legend_rows(together, canvas, corner, outer.width - 2 * style.gap, style, above);
  draw_legend(canvas, entries, style);

  const float space = style.gap * 2, top = outer.y + above + style.gap;
  const float width = (outer.width - space * float(columns - 1)) / float(columns);
  const float height = (outer.bottom() - top - space * float(rows - 1)) / float(rows);
  const auto place = [&](std::size_t i) {
    return Rect{outer.x + float(int(i) % columns) * (width + space),
                top + float(int(i) / columns) * (height + space), width, height};
  };
  float margin = 0;
  for (std::size_t i = 0; i < plots.size(); ++i)
    margin = std::max(margin, widgets::left_margin(plots[i], canvas, place(i), style));
  for (std::size_t i = 0; i < plots.size(); ++i)
    draw(canvas, plots[i], layout(plots[i], canvas, place(i), style, {}, margin), style);
}

PlotOptions with_title(PlotOptions options) {
  options.title = true;
  return options;
}

void draw_loss(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
               const PlotOptions& options, const PlotStyle& style) {
  draw(canvas, loss_plot(snapshot, options), outer, style);
}

void draw_accuracy(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                   const PlotOptions& options, const PlotStyle& style) {
  PlotOptions own = options;
  // On paper: what is learnt, and the intermediate decision behind it; not sixteen lines.
  own.without.insert("train");
  if (chosen_members(snapshot, options).size() > 2) own.without.insert("either target");
  draw(canvas, accuracy_plot(snapshot, own), outer, style);
}

void draw_attention(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                    const PlotOptions& options, const PlotStyle& style) {
  const auto* member = chosen_member(snapshot, options, "attention/mean");
  PlotOptions own = options;
  own.title = options.caption;
  draw(canvas, attention_grid(*member, own, {}), outer, style);
}

void draw_class_token(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                      const PlotOptions& options, const PlotStyle& style) {
  const auto* member = chosen_member(snapshot, options, "attention/maps");
  const auto& shape = member->frame->tensors.at("attention/maps")->shape;
  const auto images = input_images(*snapshot.task);
  // Two samples side by side where there are two: the same weights, other inputs, the same colours.
  const int samples = int(std::min<std::int64_t>(2, shape[0]));
  AttentionOptions attention{
      .view = AttentionView::Query, .sample = 0, .query = 0, .gamma = 0.5, .maximum = 0};
  for (int sample = 0; sample < samples; ++sample) {
    attention.sample = sample;
    const double maximum = attention_grid(*member, options, attention).bar->range.high;
    attention.maximum = std::max(attention.maximum, maximum);
  }
  attention.sample = 0;
  const auto bar = *attention_grid(*member, options, attention).bar;
  const float bar_width = color_bar_width(canvas, bar, style) + 3 * style.gap;
  const float each = (outer.width - bar_width) / float(samples);
  // Maps as wide as there is room; what height they leave is for the pictures.
  const float maps_height = each / float(shape[2]) * float(shape[1]) + style.label * 4;
  const float side = std::clamp(outer.height - maps_height, outer.height * 0.2f, each * 0.4f);
  for (int sample = 0; sample < samples; ++sample) {
    const Rect part{outer.x + each * float(sample), outer.y, each, outer.height};
    const Rect picture{part.x + style.gap * 4, part.y + style.gap * 2, side, side};
    if (std::size_t(sample) < images.size()) {
      canvas.image(picture, *images[std::size_t(sample)], widgets::Interpolation::Nearest);
      canvas.stroke_rect(picture, {style.theme.border, style.hairline});
    }
    const float text = picture.right() + style.gap * 2, room = part.right() - text;
    if (sample == 0) {
      const auto about =
          fmt::format("class token, step {}", widgets::format_step(double(member->frame->step)));
      canvas.text({text, picture.y + style.heading},
                  fit_text(canvas, member->name, room, style.heading, widgets::FontFace::Semibold),
                  {.size = style.heading, .color = style.theme.text, .face = widgets::FontFace::Semibold});
      canvas.text({text, picture.y + style.heading + style.label * 1.5f},
                  fit_text(canvas, about, room, style.label),
                  {.size = style.label, .color = style.theme.dim_text});
    }
    if (const auto& labels = snapshot.task->input_labels; std::size_t(sample) < labels.size())
      canvas.text({text, picture.bottom() - style.label * 0.3f},
                  fit_text(canvas, labels[std::size_t(sample)], room, style.label),
                  {.size = style.label, .color = style.theme.text});
    PlotStyle below = style;
    below.transparent = true;
    attention.sample = sample;
    auto grid = attention_grid(*member, options, attention);
    grid.bar.reset();
    const float top = picture.bottom() + style.gap;
    draw(canvas, grid, Rect{part.x, top, part.width, part.bottom() - top}, below);
  }
  const float bar_top = outer.y + side + style.gap * 6;
  draw(canvas, bar,
       Rect{outer.right() - bar_width + 2 * style.gap, bar_top, bar_width - 3 * style.gap,
            (outer.bottom() - bar_top) * 0.6f},
       style);
}

void draw_saturation(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                     const PlotOptions& options, const PlotStyle& style) {
  const auto own = with_title(options);
  auto plots = build_all(saturation_measures(), [&](const Measure& measure) {
    PlotOptions each = own;
    if (!options.y_scale && measure.logarithmic) each.y_scale = widgets::ScaleKind::Log;
    return saturation_plot(snapshot, each, measure.name);
  });
  draw_plots(canvas, outer, std::move(plots), outer.width > 1.2f * outer.height ? 3 : 2, style);
}

void draw_saturation_histogram(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                               const PlotOptions& options, const PlotStyle& style) {
  const auto* member = chosen_member(snapshot, options, "saturation/histogram");
  auto histories = saturation_histories(snapshot, *member, with_title(options));
  const float space = style.gap;
  const float height = (outer.height - space * float(histories.size() - 1)) / float(histories.size());
  for (std::size_t i = 0; i < histories.size(); ++i) {
    if (i + 1 < histories.size()) histories[i].x.title.clear();
    draw(canvas, histories[i], Rect{outer.x, outer.y + float(i) * (height + space), outer.width, height},
         style);
  }
}

void draw_components(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                     const PlotOptions& options, const PlotStyle& style) {
  const auto own = with_title(options);
  draw_plots(canvas, outer,
             build_all(component_measures(),
                       [&](const Measure& measure) { return component_plot(snapshot, own, measure.name); }),
             2, style);
}

void draw_gradients(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                    const PlotOptions& options, const PlotStyle& style) {
  PlotOptions own = options;
  own.y_scale = widgets::ScaleKind::Log; // norms of layers differ by decades
  draw_parameters(canvas, outer, snapshot, own, style, "gradient");
}

void draw_gradient_means(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                         const PlotOptions& options, const PlotStyle& style) {
  PlotOptions own = options;
  own.y_scale = widgets::ScaleKind::Log;
  draw_parameters(canvas, outer, snapshot, own, style, "gradient-mean");
}

void draw_weights(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                  const PlotOptions& options, const PlotStyle& style) {
  draw_parameters(canvas, outer, snapshot, options, style, "weight");
}

void draw_schedules(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                    const PlotOptions& options, const PlotStyle& style) {
  std::vector<widgets::LinePlot> plots;
  for (const char* metric : {"optimizer/learning-rate", "attention/temperature"})
    plots.push_back(schedule_plot(snapshot, with_title(options), metric));
  std::erase_if(plots, [](const auto& plot) { return plot.curves.empty(); });
  const int columns = int(plots.size());
  draw_plots(canvas, outer, std::move(plots), std::max(1, columns), style);
}

void draw_summary(Canvas& canvas, const Rect& outer, const training::Snapshot& snapshot,
                  const PlotOptions& options, const PlotStyle& style) {
  // Loss and accuracy on one step axis above; attention and what became of the probabilities below.
  auto loss = loss_plot(snapshot, options);
  PlotOptions own = options;
  own.without.insert("train");
  own.without.insert("either target");
  auto accuracy = accuracy_plot(snapshot, own);
  for (auto& mark : accuracy.marks) mark.label.clear();
  for (auto& span : accuracy.spans) span.label.clear();
  loss.x.title.clear();
  const auto* member = chosen_member(snapshot, options, "attention/mean");
  const bool maps = member && member->frame && member->frame->tensors.contains("attention/mean");
  const float curves = outer.height * (maps ? 0.6f : 1);
  const Rect above{outer.x, outer.y, outer.width, curves * 0.55f};
  const Rect below{outer.x, above.bottom(), outer.width, curves * 0.45f};
  const float margin = std::max(widgets::left_margin(loss, canvas, above, style),
                                widgets::left_margin(accuracy, canvas, below, style));
  draw(canvas, loss, layout(loss, canvas, above, style, {}, margin), style);
  draw(canvas, accuracy, layout(accuracy, canvas, below, style, {}, margin), style);
  if (!maps) return;
  const Rect bottom{outer.x, below.bottom() + style.gap, outer.width,
                    outer.bottom() - below.bottom() - style.gap};
  auto histories = saturation_histories(snapshot, *member, options);
  const float split = histories.empty() ? 1 : 0.5f;
  draw(canvas, attention_grid(*member, with_title(options), {}),
       Rect{bottom.x, bottom.y, bottom.width * split, bottom.height}, style);
  if (histories.empty()) return;
  // The deepest layer, which decides.
  histories.back().title = fmt::format("log₁₀ a, layer {}", histories.size());
  histories.back().y.title.clear();
  draw(canvas, histories.back(),
       Rect{bottom.x + bottom.width * split, bottom.y, bottom.width * (1 - split), bottom.height}, style);
}

} // namespace plateau::figures
