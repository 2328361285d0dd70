// What the tabs of diagnostics have in common.
#pragma once

#include <string>

#include "app/window/view.h"

namespace plateau::window {

/// Whether the member has a curve whose name begins so.
bool has_series(const training::MemberView& member, const std::string& prefix);

/// Draws the reason when there is nothing to show of `what` ("saturation"), whose curves or arrays exist or
/// not, and returns true. `field` sets its interval.
bool nothing_to_show(const View& view, const std::string& what, bool needs_attention, bool recorded,
                     const std::string& field = {});

bool is_linear_transformer(const study::Settings& settings);
/// Of a vision transformer or a decoder: attention by heads.
bool has_heads(const study::Settings& settings);
/// Does it hold for a member's settings (of the study, while there are no members)?
bool any_member(const View& view, bool (*holds)(const study::Settings& settings));
/// Has any member a curve whose name begins so?
bool any_series(const View& view, const std::string& prefix);
/// Has any member this array?
bool any_tensor(const View& view, const std::string& name);

figures::PlotOptions tab_options(const View& view, bool all_members);
void all_members_box(const View& view, const char* id, bool& all_members);

/// A (?) that explains the probe called `name`.
void probe_help(const View& view, const char* name);

} // namespace plateau::window
