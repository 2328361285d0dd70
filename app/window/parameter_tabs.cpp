#include "app/window/parameter_tabs.h"

#include <array>

#include <imgui.h>

#include "app/figures/curves.h"
#include "app/window/elements.h"
#include "app/window/plots.h"
#include "app/window/tab_parts.h"

namespace plateau::window {

void PlotTable::draw(const View& view, const std::string& id, Plots plots,
                     const std::function<void()>& between) {
  if (plots.empty()) return;
  std::vector<const widgets::LinePlot*> all;
  for (const auto& [name, plot] : plots) all.push_back(&plot);
  legend_row(view, "legend-" + id, all, hidden_);
  if (between) between();
  const PlotScope scope(id.c_str());
  const PlotGrid grid = plot_grid(static_cast<int>(plots.size()), em() * 12.5f, em() * 6.5f);
  for (std::size_t i = 0; i < plots.size(); ++i) {
    auto& [name, plot] = plots[i];
    if (i % static_cast<std::size_t>(grid.columns)) ImGui::SameLine();
    make_compact(plot);
    plots_[name].hidden = hidden_;
    draw_plot(view, id + "-" + name, plot, plots_[name], grid.each);
  }
}

void ComponentsTab::draw(const View& view) {
  const bool recorded = view.member && has_series(*view.member, "component/");
  if (nothing_to_show(view, "components", true, recorded, "probes.components_every")) return;
  PlotTable::Plots plots;
  for (const auto& measure : figures::component_measures()) {
    figures::PlotOptions options = tab_options(view, all_members_);
    if (measure.logarithmic) options.y_scale = widgets::ScaleKind::Log;
    plots.emplace_back(measure.name, figures::component_plot(view.snapshot, options, measure.name));
  }
  const LowControls low;
  ImGui::AlignTextToFramePadding();
  dim_text(view, "weights and context");
  probe_help(view, "components");
  if (view.snapshot.members.size() > 1) ImGui::SameLine(0, em() * 0.7f);
  all_members_box(view, "components-all-members", all_members_);
  table_.draw(view, "component", std::move(plots));
}

void GradientsTab::draw(const View& view) {
  static const std::vector<std::string> names = {"gradient norm", "mean |gradient|", "weight norm"};
  static constexpr std::array kinds = {"gradient", "gradient-mean", "weight"};
  const LowControls low;
  if (segmented(view, "gradient-kind", names, kind_)) table_.forget_zoom();
  const std::string kind = kinds[static_cast<std::size_t>(kind_)];
  ImGui::SameLine();
  probe_help(view, kind == "weight" ? "weights" : "gradients");
  beside(em() * 3, em());
  if (checkbox(view, "gradients-log", "log", log_)) table_.forget_zoom(); // nor is one by hand otherwise
  if (view.snapshot.members.size() > 1) {
    beside(em() * 7, em() * 0.7f);
    all_members_box(view, "gradients-all-members", all_members_);
  }
  const bool recorded = view.member && has_series(*view.member, kind + "/");
  if (nothing_to_show(view, "norms", false, recorded,
                      kind == "weight" ? "probes.weights_every" : "probes.gradients_every"))
    return;

  figures::PlotOptions options = tab_options(view, all_members_);
  options.y_scale = log_ ? widgets::ScaleKind::Log : widgets::ScaleKind::Linear;
  // A network without attention has no W_Q and so on: what it lacks takes no room.
  PlotTable::Plots plots;
  for (const std::string& part : figures::parameter_parts()) {
    widgets::LinePlot plot = figures::parameter_plot(view.snapshot, options, kind, part);
    if (!plot.curves.empty()) plots.emplace_back(part, std::move(plot));
  }
  table_.draw(view, "gradient", std::move(plots));
}

} // namespace plateau::window
