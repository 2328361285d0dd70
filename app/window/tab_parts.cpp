#include "app/window/tab_parts.h"

#include <algorithm>

#include <fmt/format.h>

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
  return settings.model.kind == "vision-transformer" || settings.model.kind == "decoder";
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

void all_members_box(const View& view, const char* id, bool& all_members) {
  if (view.snapshot.members.size() < 2) return;
  checkbox(view, id, "all members", all_members);
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

} // namespace plateau::window
