#include "app/window/optimizer_tab.h"

#include <algorithm>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/tab_parts.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace {

/// "curvature probes take 0.9 ms per step, 24 % of the time"
std::string cost_text(const training::StepTimes& t) {
  const double sum = t.data + t.forward + t.backward + t.optimizer + t.evaluation + t.probes + t.curvature;
  if (!(t.curvature > 0) || !(sum > 0)) return {};
  return fmt::format("curvature probes take {:.2g} ms per step, {:.0f} % of the time", t.curvature,
                     100 * t.curvature / sum);
}

/// At the right end of the line if there is room, else below.
void cost(const View& view) {
  const std::string text = cost_text(view.snapshot.times);
  if (text.empty()) return;
  view.readings["curvature-cost"] = text;
  widgets::push_font(view.widgets.fonts.small);
  const float width = ImGui::CalcTextSize(text.c_str()).x;
  ImGui::SameLine();
  const float room = ImGui::GetContentRegionAvail().x;
  if (room > width + em())
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + room - width);
  else
    ImGui::NewLine();
  ImGui::AlignTextToFramePadding();
  fitted_text(view, text, std::max(room, width), view.widgets.theme.dim_text);
  ImGui::PopFont();
}

} // namespace

void OptimizerTab::draw(const View& view) {
  if (nothing_to_show(view, "diagnostics", false, true)) return;
  const bool linear = any_member(view, is_linear_transformer);
  std::vector<std::string> names = {"Noise", "Condition", "Smoothness", "Gradient and smoothness"};
  if (linear) names.insert(names.end(), {"P and Q", "Gradient descent"});
  shown_ = std::clamp(shown_, 0, static_cast<int>(names.size()) - 1);
  const LowControls low;
  segmented(view, "optimizer-view", names, shown_);
  view.readings["optimizer-view"] = names[static_cast<std::size_t>(shown_)];
  if (shown_ < 4) cost(view);
  switch (shown_) {
  case 0:
    return noise_.draw(view);
  case 1:
    return condition_.draw(view);
  case 2:
    return smoothness_.draw(view);
  case 3:
    return gradient_smoothness_.draw(view);
  case 4:
    return matrices_.draw(view);
  default:
    return descent_.draw(view);
  }
}

} // namespace plateau::window
