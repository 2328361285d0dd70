// What the tabs of diagnostics have in common.
#pragma once

#include <span>
#include <string>

#include "app/figures/metric_plots.h"
#include "app/window/seed_bands.h"
#include "app/window/view.h"

namespace plateau::window {

/// Whether the member has a curve whose name begins so.
bool has_series(const training::MemberView& member, const std::string& prefix);

/// Draws the reason when there is nothing to show of `what` ("saturation"), whose curves or arrays exist or
/// not, and returns true. `field` sets its interval.
bool nothing_to_show(const View& view, const std::string& what, bool needs_attention, bool recorded,
                     const std::string& field = {});

bool is_linear_transformer(const study::Settings& settings);
bool is_modular_arithmetic(const study::Settings& settings);
/// A task of sequences whose answers can be read from the context.
bool learns_in_context(const study::Settings& settings);
/// Attention by heads.
bool has_heads(const study::Settings& settings);
/// Does it hold for a member's settings (of the study, while there are no members)?
bool any_member(const View& view, bool (*holds)(const study::Settings& settings));
/// Has any member a curve whose name begins so?
bool any_series(const View& view, const std::string& prefix);
/// Has any member this array?
bool any_tensor(const View& view, const std::string& name);

figures::PlotOptions tab_options(const View& view, bool all_members);
void all_members_box(const View& view, const char* id, bool& all_members, const char* label = "all members");

/// A (?) that explains the probe called `name`.
void probe_help(const View& view, const char* name);
/// Likewise, and then the formulas of the metrics of these plots.
void metrics_help(const View& view, const char* probe, std::span<const figures::MetricPlot> plots);

/// Whose curves the small plots of a tab show: of all visible members or the selected one alone, seeds each
/// or together.
class CurveScope {
public:
  explicit CurveScope(bool all_members) : all_members_(all_members) {}
  /// Check boxes beside the last item: "ID-all-members", "ID-seed-bands".
  void boxes(const View& view, const std::string& id);
  /// With titles.
  figures::PlotOptions options(const View& view) const;
  /// Are there several?
  bool several(const View& view) const;

private:
  bool all_members_;
  SeedBands seed_bands_;
};

/// Two parts of the region beside one another where it is `least_width` wide, else one above the other.
struct Parts {
  bool beside = true;
  widgets::Size first, second;
  float gap = 0;
};
Parts split_region(float share, float least_width, float least_height);

} // namespace plateau::window
