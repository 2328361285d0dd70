// Small things that several panels are made of.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/window/view.h"
#include "widgets/help.h"

namespace plateau::window {

/// The size of the text: panels measure in it, so that they scale with the font.
float em();

/// Names the item just drawn, for scripts; brings it into sight when a script wants it.
void mark(const View& view, std::string_view id);

/// A caption over a group of things, with a hairline.
void section(const View& view, std::string_view text);

void dim_text(const View& view, std::string_view text);
/// Wraps at the region's right edge.
void wrapped_text(const View& view, std::string_view text, widgets::Color color);
/// A line that is cut with an ellipsis where it does not fit; then the tooltip tells it whole.
void fitted_text(const View& view, std::string_view text, float width, widgets::Color color);
void mono_text(const View& view, std::string_view text, bool small = true);

/// An ordinary button.
bool button(const View& view, std::string_view id, std::string_view label, float width = 0);
/// One filled with the accent colour.
bool primary_button(const View& view, std::string_view id, std::string_view label, float width = 0);

/// Neighbouring buttons of which one is down; marks "ID/LABEL". Returns true when the choice changed.
bool segmented(const View& view, std::string_view id, std::span<const std::string> labels, int& selected);

/// A combo whose entries are marked "ID/ENTRY"; returns the chosen index.
std::optional<int> combo(const View& view, std::string_view id, std::span<const std::string> entries,
                         int selected, float width);

bool checkbox(const View& view, std::string_view id, std::string_view label, bool& value);

/// While it lives, controls are low: for the rows of tools above plots.
class LowControls {
public:
  LowControls();
  ~LowControls();
  LowControls(const LowControls&) = delete;
  LowControls& operator=(const LowControls&) = delete;
};

/// The next item stands beside the last one if `width` fits there, else below.
void beside(float width, float gap);

/// In the middle of the region: what there is not, and what to do about it.
void empty_state(const View& view, std::string_view what, std::string_view advice);

/// How long something takes, for people: "45 s", "12 min", "3 h 20 min".
std::string duration(double seconds);
/// "4.6k", "12.3", "0.35": a rate in three digits.
std::string rate(double value);

} // namespace plateau::window
