#include "app/window/plot_menu.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/corrected_plateaus.h"
#include "app/window/elements.h"
#include "app/window/plots.h"
#include "app/window/remark_editor.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace {

constexpr const char* popup = "plot menu";

bool item(const View& view, const char* id, const std::string& label, const char* help,
          const char* key = nullptr, bool checked = false) {
  const bool chosen = ImGui::MenuItem(label.c_str(), key, checked);
  mark(view, id);
  widgets::help(view.widgets, help);
  return chosen;
}

PlotMenu menu_at(const View& view, const std::string& id, const widgets::LinePlot& plot,
                 const widgets::PlotInteraction& done) {
  // The step that the crosshair tells: a recorded one.
  const double step = view.plots.next_cursor.value_or(done.hovered_x.value_or(0));
  PlotMenu menu{.plot = id, .step = std::llround(step), .remark = {}, .plateau = {}};
  menu.step = std::clamp<std::int64_t>(menu.step, 0, view.last_step);
  if (done.mark && plot.marks[*done.mark].remark) {
    const auto& mark = plot.marks[*done.mark];
    const auto& remarks = view.annotations.remarks;
    const auto found = std::ranges::find_if(remarks, [&](const recording::Remark& remark) {
      return static_cast<double>(remark.step) == mark.x && remark.text == mark.note;
    });
    if (found != remarks.end()) menu.remark = *found;
  }
  if (done.span) menu.plateau = correction_of(view, plot.spans[*done.span]);
  return menu;
}

void remark_items(const View& view, const PlotMenu& menu) {
  if (menu.remark) {
    if (item(view, "plot-menu-edit-remark", "Edit the remark…", "Its text, and whom it is about."))
      view.ask(EditRemark{*menu.remark, false});
    if (item(view, "plot-menu-delete-remark", "Delete the remark", "Ctrl + Z brings it back."))
      delete_remark(view, *menu.remark);
  }
  const std::string step = widgets::format_step(static_cast<double>(menu.step));
  if (item(view, "plot-menu-remark", fmt::format("Add a remark at step {}…", step),
           "A text that is kept in the recording and shown in every plot over steps."))
    view.ask(EditRemark{{menu.step, -1, {}}, true});
  if (menu.plateau && item(view, "plot-menu-detected-ends", "Back to the detector's ends",
                           "The plateau begins and ends again where the detector found it."))
    forget_correction(view, *menu.plateau);
  ImGui::Separator();
}

/// Returns the scale that was chosen.
std::optional<widgets::ScaleKind> scales(const View& view, const char* id, const char* label,
                                         widgets::ScaleKind now) {
  static const std::vector<std::string> names = {"linear", "log", "symlog"};
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(label);
  ImGui::SameLine(em() * 4);
  int chosen = static_cast<int>(std::ranges::find(names, widgets::to_string(now)) - names.begin());
  const bool changed = segmented(view, id, names, chosen);
  widgets::help(view.widgets, "Symlog is logarithmic, but linear about 0: it shows 0 and what is below.");
  return changed ? widgets::scale_kind(names[static_cast<std::size_t>(chosen)]) : std::nullopt;
}

} // namespace

void plot_menu(const View& view, const std::string& id, const widgets::LinePlot& plot,
               widgets::PlotView& plot_view, const widgets::PlotInteraction& done, bool over_steps) {
  SharedPlots& shared = view.plots;
  ImGui::PushID(id.c_str());
  if (done.context_menu) {
    shared.menu = menu_at(view, id, plot, done);
    ImGui::OpenPopup(popup);
  }
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {em() * 0.6f, em() * 0.5f});
  const bool open = shared.menu.plot == id && ImGui::BeginPopup(popup);
  ImGui::PopStyleVar();
  if (!open) return ImGui::PopID();
  if (widgets::key_pressed(widgets::Key::Escape)) ImGui::CloseCurrentPopup();
  if (over_steps) remark_items(view, shared.menu);
  {
    const LowControls low;
    const auto x = over_steps ? step_scale(view, plot_view) : plot_view.x_kind;
    if (const auto chosen = scales(view, "plot-menu-x", "x axis", x.value_or(plot.x.kind))) {
      if (over_steps)
        set_step_scale(view, plot_view, chosen);
      else
        plot_view.x_kind = chosen;
    }
    if (const auto chosen = scales(view, "plot-menu-y", "y axis", plot_view.y_kind.value_or(plot.y.kind)))
      plot_view.y_kind = chosen;
  }
  ImGui::Separator();
  if (item(view, "plot-menu-fit", "Fit", "All that there is, in both directions.", "Double click")) {
    plot_view.fit();
    if (over_steps && shared.linked) shared.range.reset();
  }
  if (over_steps && item(view, "plot-menu-link", "Link x axes",
                         "All plots over steps show the same steps: zooming or moving one does it to all.",
                         nullptr, shared.linked)) {
    shared.linked = !shared.linked;
    shared.range = plot_view.x, shared.scale = plot_view.x_kind;
  }
  ImGui::EndPopup();
  ImGui::PopID();
}

} // namespace plateau::window
