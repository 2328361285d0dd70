// What a person has added about members (names, colours, hiding, removal, corrected plateaus), applied to a
// run as a whole: panels and figures then need not know of it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "engine/recording/annotations.h"
#include "engine/training/snapshot.h"
#include "widgets/theme.h"

namespace plateau::figures {

/// The run as it is to be shown: members under the names that they were given, in the texts of events, too,
/// without the removed ones and their events, plateaus with the ends that they were given. The same pointer
/// where that is as recorded; copies no curve.
std::shared_ptr<const training::Snapshot> with_looks(std::shared_ptr<const training::Snapshot> recorded,
                                                     const recording::Annotations& annotations);

/// Ids of members that are not drawn: hidden by the person; else as the study says; of a fork: as the member
/// that it goes on from. `recorded`: with the names as recorded.
std::set<int> hidden_members(const training::Snapshot& recorded, const recording::Annotations& annotations);
/// Annotations by which exactly these members are not drawn.
recording::Annotations with_hidden(const training::Snapshot& recorded, recording::Annotations annotations,
                                   const std::set<int>& hidden);

/// "#rrggbb"; empty for anything else. A colour of one theme's palette is the one in its place in `theme`, so
/// that it suits every ground.
std::optional<widgets::Color> parse_color(const std::string& text, const widgets::Theme& theme);
std::string to_string(widgets::Color color); // "#rrggbb"

/// From now on the theme has the members' own colours, and no others.
void take_colors(widgets::Theme& theme, const recording::Annotations& annotations);

} // namespace plateau::figures
