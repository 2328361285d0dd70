#include "app/window/saturation_tab.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/curves.h"
#include "app/figures/maps.h"
#include "app/window/elements.h"
#include "app/window/plots.h"
#include "app/window/tab_parts.h"
#include "widgets/interactive_map.h"

namespace plateau::window {

void SaturationTab::draw(const View& view) {
  const bool recorded = view.member && has_series(*view.member, "saturation/");
  if (nothing_to_show(view, "measures of saturation", true, recorded, "probes.saturation_every")) return;
  const int layers = static_cast<int>(view.member->settings.model.depth);
  layer_ = std::min(layer_, layers);
  tools(view, layers);

  const auto& measures = figures::saturation_measures();
  const figures::Measure& measure = measures[static_cast<std::size_t>(measure_)];
  figures::PlotOptions options = tab_options(view, all_members_);
  options.layer = layer_;
  if (measure.logarithmic) options.y_scale = widgets::ScaleKind::Log;
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float gap = em() * 0.4f;
  const bool has_history = !view.member->histograms.empty();
  const widgets::Size each = {has_history ? (space.x - gap) / 2 : space.x, space.y};
  draw_plot(view, "saturation", figures::saturation_plot(view.snapshot, options, measure.name),
            plots_[measure.name], each);
  if (!has_history) return;
  ImGui::SameLine(0, gap);
  history(view, each);
}

void SaturationTab::tools(const View& view, int layers) {
  const LowControls low;
  std::vector<std::string> names;
  for (const auto& measure : figures::saturation_measures()) names.push_back(measure.title);
  if (const auto chosen = combo(view, "saturation-measure", names, measure_, em() * 14)) measure_ = *chosen;
  beside(em() * 9, em() * 0.4f);
  std::vector<std::string> which = {"all layers"};
  for (int layer = 1; layer <= layers; ++layer) which.push_back(fmt::format("heads of layer {}", layer));
  if (const auto chosen = combo(view, "saturation-layer", which, layer_, em() * 9)) {
    layer_ = *chosen;
    plots_.clear();
  }
  if (view.snapshot.members.size() > 1) {
    beside(em() * 8, em() * 0.7f);
    all_members_box(view, "saturation-all-members", all_members_);
  }
  ImGui::SameLine();
  probe_help(view, "saturation");
}

void SaturationTab::history(const View& view, widgets::Size size) {
  const training::MemberView& m = *view.member;
  const std::string key =
      fmt::format("{} {} {} {} {} {}", m.id, m.histograms.size(), m.histograms.back()->step,
                  view.following ? -1 : view.step, view.widgets.theme.dark, view.snapshot.events.size());
  if (key != histories_key_) {
    histories_key_ = key;
    figures::PlotOptions options = view.member_plot_options();
    options.title = true;
    histories_ = figures::saturation_histories(view.snapshot, m, options);
  }
  if (histories_.empty()) return;
  // All layers: one below the other; otherwise the chosen one.
  const bool all = layer_ == 0;
  const std::size_t first = all ? 0 : std::min(static_cast<std::size_t>(layer_ - 1), histories_.size() - 1);
  const std::size_t count = all ? histories_.size() : 1;
  const float gap = em() * 0.3f;
  const float each =
      std::max((size.height - gap * static_cast<float>(count - 1)) / static_cast<float>(count), em() * 6);
  if (!ImGui::BeginChild("histories", {size.width, size.height})) return ImGui::EndChild();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, gap});
  for (std::size_t i = first; i < first + count; ++i) {
    const auto done = widgets::interactive_history(view.widgets, fmt::format("histogram-layer-{}", i + 1),
                                                   histories_[i], {ImGui::GetContentRegionAvail().x, each});
    if (done.hovered_x) view.plots.next_cursor = done.hovered_x;
    if (done.clicked_x) view.ask(Scrub{std::llround(*done.clicked_x)});
  }
  ImGui::PopStyleVar();
  ImGui::EndChild();
}

} // namespace plateau::window
