// Tooltips that explain: what a thing is, its formula, where it comes from.
#pragma once

#include <string_view>
#include <vector>

#include "widgets/context.h"

namespace plateau::widgets {

struct Help {
  std::string_view title;
  std::string_view text;    // one or two sentences
  std::string_view formula; // in mono; may have several lines
  std::string_view source;  // "Eureka-Moments, eq. 3"; empty parts are left out
  std::string_view shortcut;
};

/// Tooltip for the item just drawn, after a short rest of the mouse on it.
void help(Context& context, const Help& help);
/// The same with text alone.
void help(Context& context, std::string_view text);
/// A small (?) sign with a tooltip, on the same line.
void help_sign(Context& context, const Help& help);

/// Icons drawn as shapes, crisp at any scale.
enum class Icon {
  Play,
  Pause,
  Step,
  Stop,
  Restart,
  Live,
  Branch,
  Pin,
  Eye,
  EyeOff,
  Close,
  Folder,
  Image,
  Gear,
  Check,
  Minus,
  Circle,
  EventBefore,
  EventAfter,
  Number
};
void draw_icon(Canvas& canvas, Icon icon, const Rect& where, Color color);
/// A button with an icon and, if given, a text. Marks `id`. Primary: filled with the accent colour.
bool icon_button(Context& context, std::string_view id, Icon icon, std::string_view text = {},
                 bool primary = false);
/// A round spot of colour in the line of text, for members.
void color_dot(Context& context, Color color);
/// A short text on a tinted, rounded ground: states, tags.
void badge(Context& context, std::string_view text, Color color);

} // namespace plateau::widgets
