#include "app/figures/recipe_command.h"

#include <fmt/format.h>

#include "app/figures/compose.h"
#include "app/shell_word.h"

namespace plateau::figures {

using app::shell_word;

std::optional<std::string> command_of(const Recipe& recipe, const std::string& recording,
                                      const std::string& out) {
  if (recipe.rows.size() != 1 || recipe.rows[0].panels.size() != 1) return std::nullopt;
  const PanelSpec& panel = recipe.rows[0].panels[0];
  const auto* step = std::get_if<std::int64_t>(&panel.step);
  const bool latest = std::holds_alternative<std::monostate>(panel.step);
  if (!panel.title.empty() || panel.x || panel.y || !panel.without.empty() || (!step && !latest))
    return std::nullopt;
  const auto size = page_size(recipe);
  std::string line = fmt::format("plateau figure {} {}", shell_word(recording), panel.figure);
  line += fmt::format(" --size {:g}x{:g}", size.width, size.height);
  if (recipe.page.theme != PageSpec().theme) line += " --theme " + recipe.page.theme;
  if (recipe.page.text_pt != PageSpec().text_pt) line += fmt::format(" --text {:g}", recipe.page.text_pt);
  for (const auto& member : panel.members) line += " --member " + shell_word(member);
  if (step) line += fmt::format(" --step {}", *step);
  if (panel.smoothing >= 0) line += fmt::format(" --smoothing {:g}", panel.smoothing);
  const auto flag = [&](bool given, const char* name) {
    if (given) line += name;
  };
  const auto scale = [&](const std::optional<widgets::ScaleKind>& kind, const char* axis) {
    if (kind == widgets::ScaleKind::Log)
      line += fmt::format(" --log-{}", axis);
    else if (kind)
      line += fmt::format(" --{}-scale {}", axis, widgets::to_string(*kind));
  };
  scale(panel.x_scale, "x");
  scale(panel.y_scale, "y");
  flag(panel.seed_bands == BandEdges::MinMax, " --seed-bands");
  flag(panel.seed_bands == BandEdges::Quartiles, " --seed-bands=quartiles");
  if (!panel.reference.empty()) line += " --reference " + shell_word(panel.reference);
  flag(!panel.events, " --no-events");
  flag(!panel.remarks, " --no-remarks");
  flag(!panel.guides, " --no-guides");
  flag(!panel.legend, " --no-legend");
  if (panel.layer > 0) line += fmt::format(" --layer {}", panel.layer);
  if (panel.head > 0) line += fmt::format(" --head {}", panel.head);
  return line + " --out " + shell_word(out);
}

} // namespace plateau::figures
