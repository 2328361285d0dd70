// Which average of the validation prompts' losses is shown.
#pragma once

#include "app/figures/optimizer.h"
#include "app/window/view.h"

namespace plateau::window {

/// The one that `selected` stands for: it counts in those that visible members have.
figures::Average average_of(const View& view, int selected);
/// Neighbouring buttons, or a combo, for these; false (and nothing drawn) where there is only the mean.
bool average_buttons(const View& view, const char* id, int& selected);
bool average_combo(const View& view, const char* id, int& selected);

/// In a few words for people.
std::string average_meaning(figures::Average average);

} // namespace plateau::window
