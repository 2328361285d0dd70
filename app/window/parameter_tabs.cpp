#include "app/window/parameter_tabs.h"

#include <array>

#include <imgui.h>

#include "app/figures/curves.h"
#include "app/window/elements.h"
#include "app/window/plots.h"
#include "app/window/tab_parts.h"

namespace plateau::window {

void ComponentsTab::draw(const View& view) {
  const bool recorded = view.member && has_series(*view.member, "component/");
  if (nothing_to_show(view, "components", true, recorded)) return;
  probe_help(view, "components");
  ImGui::SameLine();
  all_members_box(view, "components-all-members", all_members_);
  if (view.snapshot.members.size() < 2) ImGui::NewLine();
  const auto& measures = figures::component_measures();
  const PlotGrid grid = plot_grid(static_cast<int>(measures.size()), em() * 15, em() * 9);
  for (std::size_t i = 0; i < measures.size(); ++i) {
    if (i % static_cast<std::size_t>(grid.columns)) ImGui::SameLine();
    figures::PlotOptions options = tab_options(view, all_members_);
    options.log_y = measures[i].logarithmic;
    draw_plot(view, "component-" + measures[i].name,
              figures::component_plot(view.snapshot, options, measures[i].name), plots_[measures[i].name],
              grid.each);
  }
}

void GradientsTab::draw(const View& view) {
  static const std::vector<std::string> names = {"gradient norm", "mean |gradient|", "weight norm"};
  static constexpr std::array kinds = {"gradient", "gradient-mean", "weight"};
  const std::string kind = kinds[static_cast<std::size_t>(kind_)];
  const bool recorded = view.member && has_series(*view.member, kind + "/");
  if (segmented(view, "gradient-kind", names, kind_)) plots_.clear();
  ImGui::SameLine(0, em());
  checkbox(view, "gradients-log", "log", log_);
  ImGui::SameLine(0, em() * 0.7f);
  if (view.snapshot.members.size() > 1) {
    all_members_box(view, "gradients-all-members", all_members_);
    ImGui::SameLine();
  }
  probe_help(view, kind == "weight" ? "weights" : "gradients");
  if (nothing_to_show(view, "norms", false, recorded)) return;

  figures::PlotOptions options = tab_options(view, all_members_);
  options.log_y = log_;
  // A network without attention has no W_Q and so on: what it lacks takes no room.
  std::vector<std::pair<std::string, widgets::LinePlot>> plots;
  for (const std::string& part : figures::parameter_parts()) {
    widgets::LinePlot plot = figures::parameter_plot(view.snapshot, options, kind, part);
    if (!plot.curves.empty()) plots.emplace_back(part, std::move(plot));
  }
  if (plots.empty()) return;
  const PlotGrid grid = plot_grid(static_cast<int>(plots.size()), em() * 15, em() * 9);
  for (std::size_t i = 0; i < plots.size(); ++i) {
    if (i % static_cast<std::size_t>(grid.columns)) ImGui::SameLine();
    draw_plot(view, "gradient-" + plots[i].first, plots[i].second, plots_[plots[i].first], grid.each);
  }
}

} // namespace plateau::window
