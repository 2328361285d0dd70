#include "app/window/values_tab.h"

#include <algorithm>

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/values.h"
#include "app/window/elements.h"
#include "app/window/tab_parts.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {

void ValuesTab::draw(const View& view) {
  const bool recorded = view.member && has_series(*view.member, "values/");
  if (nothing_to_show(view, "spreads of the values", true, recorded, "probes.values_every")) return;
  const int layers = static_cast<int>(view.member->settings.model.depth);
  layer_ = std::min(layer_, layers);
  const LowControls low;
  std::vector<std::string> which = {"all layers"};
  for (int layer = 1; layer <= layers; ++layer) which.push_back(fmt::format("heads of layer {}", layer));
  if (const auto chosen = combo(view, "values-layer", which, layer_, em() * 9)) {
    layer_ = *chosen;
    table_.forget_zoom();
  }
  probe_help(view, "values");
  if (view.snapshot.members.size() > 1) ImGui::SameLine(0, em() * 0.7f);
  all_members_box(view, "values-all-members", all_members_);

  PlotTable::Plots plots;
  for (const auto& measure : figures::value_measures()) {
    figures::PlotOptions options = tab_options(view, all_members_);
    options.layer = layer_;
    auto plot = figures::value_plot(view.snapshot, options, measure.name);
    if (!plot.curves.empty())
      plots.emplace_back(measure.name.substr(measure.name.find('/') + 1), std::move(plot));
  }
  table_.draw(view, "values", std::move(plots), [&] {
    widgets::push_font(view.widgets.fonts.small);
    wrapped_text(view,
                 "r compares the gradients that reach the scores: LASER's |p − a| with the plain read's "
                 "|a (v − o)|. Near 1 LASER cannot differ; that takes values that lie far apart.",
                 view.widgets.theme.dim_text);
    ImGui::PopFont();
  });
}

} // namespace plateau::window
