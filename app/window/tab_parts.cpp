#include "app/window/tab_parts.h"

#include <algorithm>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "engine/probes/catalogue.h"

namespace plateau::window {

bool has_series(const training::MemberView& member, const std::string& prefix) {
  const auto found = member.series.lower_bound(prefix);
  return found != member.series.end() && found->first.starts_with(prefix);
}

bool is_linear_transformer(const study::Settings& settings) {
  return settings.model.kind == "linear-transformer";
}

bool has_heads(const study::Settings& settings) {
  return settings.model.kind == "vision-transformer" || settings.model.kind == "decoder" ||
         settings.model.kind == "arithmetic-transformer";
}

bool is_modular_arithmetic(const study::Settings& settings) {
  return settings.task.kind == "modular-arithmetic";
}

bool learns_in_context(const study::Settings& settings) {
  const auto& task = settings.task;
  return task.kind == "factor-labels" || task.kind == "in-context-classification" ||
         task.kind == "markov-chains" || (task.kind == "text" && task.alphabets > 0);
}

bool any_member(const View& view, bool (*holds)(const study::Settings& settings)) {
  if (view.snapshot.members.empty()) return view.snapshot.study && holds(view.snapshot.study->settings);
  return std::ranges::any_of(view.snapshot.members, [&](const auto& m) { return holds(m.settings); });
}

bool any_series(const View& view, const std::string& prefix) {
  return std::ranges::any_of(view.snapshot.members, [&](const auto& m) { return has_series(m, prefix); });
}

bool any_tensor(const View& view, const std::string& name) {
  return std::ranges::any_of(view.snapshot.members,
                             [&](const auto& m) { return m.frame && m.frame->tensors.contains(name); });
}

bool nothing_to_show(const View& view, const std::string& what, bool needs_attention, bool recorded,
                     const std::string& field) {
  if (!view.member) {
    empty_state(view, "No run yet", "Preparing: data are loaded and models built.");
    return true;
  }
  if (recorded) return false;
  const training::TokenLayout& tokens = view.member->tokens;
  if (needs_attention && tokens.rows * tokens.columns == 0) {
    empty_state(
        view, view.member->name + " has no attention",
        is_linear_transformer(view.member->settings)
            ? "A linear transformer is computed in closed form: its tokens are never built."
            : "A convolutional network has no tokens that look at one another. Select a transformer in "
              "the table of members.");
    return true;
  }
  if (view.step < view.last_step)
    empty_state(view, "Nothing recorded at this step",
                fmt::format("Move the playhead to a later step to see the {}.", what));
  else
    empty_state(view, "Nothing recorded yet",
                fmt::format("The {} come with the first probed step; {} must not be 0.", what,
                            field.empty() ? "the interval under Probes" : field));
  return true;
}

figures::PlotOptions tab_options(const View& view, bool all_members) {
  figures::PlotOptions options = all_members ? view.plot_options() : view.member_plot_options();
  options.title = true;
  return options;
}

void all_members_box(const View& view, const char* id, bool& all_members, const char* label) {
  if (view.snapshot.members.size() < 2) return;
  checkbox(view, id, label, all_members);
  widgets::help(view.widgets, "The curves of every visible member, or of the selected one alone.");
}

void probe_help(const View& view, const char* name) {
  for (const probes::ProbeInfo& probe : probes::probes())
    if (probe.name == name)
      widgets::help_sign(view.widgets, {.title = probe.title,
                                        .text = probe.description,
                                        .formula = probe.formula,
                                        .source = probe.source,
                                        .shortcut = {}});
}

void metrics_help(const View& view, const char* probe, std::span<const figures::MetricPlot> plots) {
  std::string text;
  std::vector<std::string> told;
  for (const auto& plot : plots)
    for (const auto& curve : plot.curves) {
      const std::string formula = probes::metric_formula(curve.metric);
      if (formula.empty() || std::ranges::find(told, curve.metric) != told.end()) continue;
      told.push_back(curve.metric);
      text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", probes::metric_title(curve.metric), formula);
    }
  for (const probes::ProbeInfo& info : probes::probes())
    if (info.name == probe)
      widgets::help_sign(view.widgets, {.title = info.title,
                                        .text = info.description + "\n\n" + text,
                                        .formula = {},
                                        .source = info.source,
                                        .shortcut = {}});
}

void CurveScope::boxes(const View& view, const std::string& id) {
  if (view.snapshot.members.size() < 2) return;
  beside(em() * 3, em() * 0.7f);
  // With another box behind it the row must not break.
  const bool wide = ImGui::GetContentRegionAvail().x > em() * 16;
  all_members_box(view, (id + "-all-members").c_str(), all_members_, wide ? "all members" : "all");
  if (all_members_) seed_bands_.box(view, (id + "-seed-bands").c_str());
}

bool CurveScope::several(const View& view) const {
  return all_members_ && view.visible_members().size() > 1;
}

figures::PlotOptions CurveScope::options(const View& view) const {
  figures::PlotOptions options = tab_options(view, all_members_);
  if (all_members_) seed_bands_.set(options);
  return options;
}

Parts split_region(float share, float least_width, float least_height) {
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const ImVec2 spacing = ImGui::GetStyle().ItemSpacing;
  if (space.x >= least_width) {
    const float gap = em() * 0.6f, first = (space.x - gap) * share;
    return {true, {first, space.y}, {space.x - gap - first, space.y}, gap};
  }
  const float height = space.y - spacing.y, first = std::max(least_height, height * share);
  return {false, {space.x, first}, {space.x, std::max(least_height, height - first)}, 0};
}

} // namespace plateau::window
