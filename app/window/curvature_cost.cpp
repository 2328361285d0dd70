#include "app/window/curvature_cost.h"

#include <algorithm>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {

namespace {

/// Of the whole time, 0..1.
double share_of_curvature(const training::StepTimes& t) {
  const double sum = t.data + t.forward + t.backward + t.optimizer + t.evaluation + t.probes + t.curvature;
  return sum > 0 ? t.curvature / sum : 0;
}

} // namespace

std::string curvature_cost(const training::StepTimes& t) {
  if (!(t.curvature > 0)) return {};
  return fmt::format("curvature probes take {:.2g} ms per step, {:.0f} % of the time", t.curvature,
                     100 * share_of_curvature(t));
}

void end_row(const View& view, const std::string& text, const std::string& brief) {
  const widgets::Theme& theme = view.widgets.theme;
  const training::StepTimes& times = view.snapshot.times;
  const std::string whole = curvature_cost(times);
  const std::string in_short = whole.empty() ? ""
                                             : fmt::format("curvature {:.2g} ms/step, {:.0f} %",
                                                           times.curvature, 100 * share_of_curvature(times));
  const auto small_width = [&](const std::string& words) {
    widgets::push_font(view.widgets.fonts.small);
    const float width = words.empty() ? 0 : ImGui::CalcTextSize(words.c_str()).x;
    ImGui::PopFont();
    return width;
  };
  const float start = ImGui::GetCursorPosX(), room = ImGui::GetContentRegionAvail().x, gap = em();
  const float text_width = ImGui::CalcTextSize(text.c_str()).x;
  const bool fits = text_width + gap + small_width(whole) < room;
  const std::string& cost = fits ? whole : in_short;
  const float cost_width = small_width(cost);
  const bool shorter = !brief.empty() && text_width + gap + cost_width > room;
  ImGui::AlignTextToFramePadding();
  fitted_text(view, shorter ? brief : text, std::max(em() * 3, room - (cost.empty() ? 0 : cost_width + gap)),
              theme.dim_text);
  if (cost.empty()) return;
  view.readings["curvature-cost"] = whole;
  ImGui::SameLine(std::max(start, start + room - cost_width));
  widgets::push_font(view.widgets.fonts.small);
  ImGui::AlignTextToFramePadding();
  fitted_text(view, cost, ImGui::GetContentRegionAvail().x + 1, theme.dim_text);
  ImGui::PopFont();
  widgets::help(view.widgets, {.title = "What it costs",
                               .text = whole + ".\nSmoothness, condition number and gradient noise, of one "
                                               "member, averaged over the last few hundred steps.",
                               .formula = {},
                               .source = {},
                               .shortcut = {}});
}

} // namespace plateau::window
