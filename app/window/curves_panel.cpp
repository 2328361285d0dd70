#include "app/window/curves_panel.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <imgui.h>

#include "app/figures/curves.h"
#include "app/window/averages.h"
#include "app/window/elements.h"
#include "app/window/member_looks.h"
#include "app/window/plots.h"
#include "app/window/tab_parts.h"

namespace plateau::window {

figures::PlotOptions CurvesPanel::options(const View& view) const {
  figures::PlotOptions options = view.plot_options();
  options.events = events_;
  seed_bands_.set(options);
  // Up to a tenth of the run; squared, so that the slider is fine where it matters.
  options.smoothing = smoothing_ * smoothing_ * 0.1 * static_cast<double>(view.last_step);
  return options;
}

void CurvesPanel::begin_run(const View& view) {
  if (run_ == view.run || !view.snapshot.study) return;
  run_ = view.run;
  reference_.reset();
  difference_cache_ = {};
  // Regression has no floor to stand out from, and what was memorised none either: losses fall over decades.
  const bool decades = any_member(view, is_linear_transformer) || any_member(view, is_modular_arithmetic);
  for (auto* plot : {&loss_, &accuracy_, &loss_difference_, &accuracy_difference_}) {
    plot->fit();
    plot->y_kind.reset();
  }
  if (decades) loss_.y_kind = widgets::ScaleKind::Log;
}

namespace {
constexpr const char* layouts[] = {"both", "loss", "accuracy", "difference"};
}

CurvesLook CurvesPanel::look(const View& view) const {
  const auto name = [](std::optional<widgets::ScaleKind> kind) {
    return kind ? std::string(widgets::to_string(*kind)) : std::string();
  };
  return {.shown = layouts[shown_],
          .average = average_,
          .step_scale = name(step_scale(view, loss_)),
          .loss_scale = name(loss_.y_kind),
          .events = events_,
          .seed_bands = seed_bands_.on(),
          .band_edges = seed_bands_.edges()};
}

void CurvesPanel::take_look(const View& view, const CurvesLook& look) {
  for (int i = Both; i <= Difference; ++i)
    if (look.shown == layouts[i]) shown_ = i;
  average_ = std::max(0, look.average);
  for (auto* plot : {&loss_, &accuracy_, &loss_difference_, &accuracy_difference_})
    set_step_scale(view, *plot, widgets::scale_kind(look.step_scale));
  loss_.y_kind = widgets::scale_kind(look.loss_scale);
  events_ = look.events;
  seed_bands_.set(look.seed_bands, look.band_edges);
}

void CurvesPanel::draw(const View& view) {
  begin_run(view);
  if (const auto look = std::exchange(wanted_look_, std::nullopt)) take_look(view, *look);
  // Regression has no accuracy.
  const bool accuracies = any_series(view, "accuracy/") || !any_member(view, is_linear_transformer);
  tools(view, accuracies);
  if (view.snapshot.members.empty()) {
    empty_state(view, "Preparing", "Data are loaded and models built; the first losses follow in a moment.");
    return;
  }
  const figures::PlotOptions both = options(view);
  figures::PlotOptions loss_options = both;
  const ImVec2 space = ImGui::GetContentRegionAvail();
  loss_options.average = average_of(view, average_);
  if (shown_ == Difference) return differences(view, both, accuracies);
  if (shown_ == Loss || !accuracies) {
    draw_plot(view, "loss", figures::loss_plot(view.snapshot, loss_options), loss_, {space.x, space.y});
    return;
  }
  if (shown_ == Accuracy) {
    draw_plot(view, "accuracy", figures::accuracy_plot(view.snapshot, both), accuracy_, {space.x, space.y});
    return;
  }
  const bool side_by_side = space.x > space.y * 1.5f;
  const float gap = em() * 0.4f;
  const widgets::Size each = side_by_side ? widgets::Size{(space.x - gap) / 2, space.y}
                                          : widgets::Size{space.x, (space.y - gap) / 2};
  draw_plot(view, "loss", figures::loss_plot(view.snapshot, loss_options), loss_, each);
  if (side_by_side) ImGui::SameLine(0, gap);
  draw_plot(view, "accuracy", figures::accuracy_plot(view.snapshot, both), accuracy_, each);
}

void CurvesPanel::tools(const View& view, bool accuracies) {
  const LowControls low;
  static const std::vector<std::string> names = {"Both", "Loss", "Accuracy", "Difference"};
  static const std::vector<std::string> without_accuracy = {"Loss", "Difference"};
  const bool several = view.snapshot.members.size() > 1;
  if (!several && shown_ == Difference) shown_ = Both;
  if (accuracies) {
    segmented(view, "curves", std::span(names).first(several ? 4 : 3), shown_);
    beside(em() * 5, em());
  } else if (several) {
    int chosen = shown_ == Difference;
    if (segmented(view, "curves", without_accuracy, chosen)) shown_ = chosen ? Difference : Both;
    beside(em() * 5, em());
  }
  if (shown_ == Difference) return difference_tools(view);
  if (average_combo(view, "loss-average", average_)) beside(em() * 5, em() * 0.7f);
  log_box(view, "log-loss", "log loss", loss_.y_kind);
  widgets::help(view.widgets, "Logarithmic loss axis. A right click in a plot offers more.");
  log_steps_box(view);
  beside(em() * 5, em() * 0.7f);
  checkbox(view, "events", "events", events_);
  widgets::help(view.widgets,
                any_member(view, is_modular_arithmetic)
                    ? "Marks where a member has memorised and where it generalises, and interventions."
                    : "Plateaus shaded; Eureka-moments and interventions marked.");
  seed_bands_.box(view, "seed-bands");
  smoothing_slider(view);
  export_button(view);
}

void CurvesPanel::log_steps_box(const View& view) {
  beside(em() * 6, em() * 0.7f);
  auto scale = step_scale(view, loss_);
  if (log_box(view, "log-steps", "log steps", scale))
    for (auto* plot : {&loss_, &accuracy_, &loss_difference_, &accuracy_difference_})
      set_step_scale(view, *plot, scale);
  widgets::help(view.widgets, "Logarithmic step axis: shows the first steps, and delays as ratios.");
  beside(em() * 5, em() * 0.7f);
  if (checkbox(view, "link-x", "link x", view.plots.linked) && view.plots.linked)
    view.plots.range = loss_.x, view.plots.scale = loss_.x_kind;
  widgets::help(view.widgets,
                "All plots over steps show the same steps: zooming or moving one does it to all.");
}

void CurvesPanel::export_button(const View& view) {
  beside(em() * 2, em() * 0.5f);
  if (widgets::icon_button(view.widgets, "export-curves", widgets::Icon::Image)) {
    const auto now = options(view);
    figures::PanelSpec panel;
    panel.figure = shown_ == Accuracy ? "accuracy" : shown_ == Difference ? "difference" : "loss";
    if (shown_ == Difference)
      for (const auto& m : view.snapshot.members)
        if (m.id == reference(view)) panel.reference = m.name;
    const auto& plot = shown_ == Accuracy ? accuracy_ : shown_ == Difference ? loss_difference_ : loss_;
    panel.x_scale = step_scale(view, plot), panel.y_scale = plot.y_kind;
    if (now.seed_bands) panel.seed_bands = now.band_edges;
    panel.events = now.events;
    panel.smoothing = now.smoothing;
    view.ask(ShowExport{std::move(panel)});
  }
  mark(view, "export-curves");
  widgets::help(view.widgets, {.title = "Export these curves",
                               .text = "As PDF, SVG or PNG for a paper or slides, as they are shown here.",
                               .formula = {},
                               .source = {},
                               .shortcut = "Ctrl + E"});
}

void CurvesPanel::smoothing_slider(const View& view) {
  const float width = em() * 7;
  beside(width, em() * 0.7f);
  ImGui::SetNextItemWidth(width);
  ImGui::SliderFloat("##smoothing", &smoothing_, 0, 0.99f, smoothing_ == 0 ? "not smoothed" : "smooth %.2f",
                     ImGuiSliderFlags_AlwaysClamp);
  mark(view, "smoothing");
  widgets::help(view.widgets,
                "Running mean of the training curves, up to a tenth of the run wide. The raw curve "
                "stays faintly behind it.");
}

// --- differences

int CurvesPanel::reference(const View& view) const {
  const auto& members = view.snapshot.members;
  const auto is_there = [&](int id) {
    return std::ranges::find(members, id, &training::MemberView::id) != members.end();
  };
  if (reference_ && is_there(*reference_)) return *reference_;
  for (const auto& m : members)
    if (is_pinned(view, m.id)) return m.id;
  return members.empty() ? -1 : members.front().id;
}

void CurvesPanel::difference_tools(const View& view) {
  dim_text(view, "minus");
  ImGui::SameLine(0, em() * 0.4f);
  std::vector<std::string> names;
  int now = 0;
  for (const auto& m : view.snapshot.members) {
    if (m.id == reference(view)) now = static_cast<int>(names.size());
    names.push_back(m.name);
  }
  if (const auto chosen = combo(view, "difference-reference", names, now, em() * 11))
    reference_ = view.snapshot.members[static_cast<std::size_t>(*chosen)].id;
  widgets::help(view.widgets,
                "The member that is subtracted, at the steps that both have. At first the pinned one.");
  beside(em() * 7, em() * 0.7f);
  checkbox(view, "difference-all", "all members", all_differences_);
  widgets::help(view.widgets, "Every visible member less the reference, or the selected one alone.");
  log_steps_box(view);
  smoothing_slider(view);
}

void CurvesPanel::differences(const View& view, figures::PlotOptions options, bool accuracies) {
  options.reference = reference(view);
  options.events = false;
  if (!all_differences_ && view.member) options.members = {view.member->id};
  const auto loss = figures::loss_difference_plot(view.snapshot, options, difference_cache_);
  if (!all_differences_ && view.member && view.member->id == *options.reference)
    return empty_state(view, view.member->name + " is the reference",
                       "Select another member, or subtract another one.");
  if (loss.curves.empty())
    return empty_state(view, "Nothing to subtract", "The two have no recorded step in common yet.");
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const auto accuracy = figures::accuracy_difference_plot(view.snapshot, options, difference_cache_);
  if (!accuracies || accuracy.curves.empty())
    return draw_plot(view, "loss-difference", loss, loss_difference_, {space.x, space.y});
  const bool side_by_side = space.x > space.y * 1.5f;
  const float gap = em() * 0.4f;
  const widgets::Size each = side_by_side ? widgets::Size{(space.x - gap) / 2, space.y}
                                          : widgets::Size{space.x, (space.y - gap) / 2};
  draw_plot(view, "loss-difference", loss, loss_difference_, each);
  if (side_by_side) ImGui::SameLine(0, gap);
  draw_plot(view, "accuracy-difference", accuracy, accuracy_difference_, each);
}

} // namespace plateau::window
