#include "app/window/findings_tab.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/overlay_run.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace {

using analysis::Finding;

constexpr double seconds_between = 0.5; // while the run goes on

struct Sign {
  widgets::Icon icon;
  widgets::Color color;
  const char* word;
};

// Shape and word tell the verdict, not the colour alone.
Sign sign_of(const widgets::Theme& theme, Finding::Verdict verdict) {
  switch (verdict) {
  case Finding::Verdict::Shown:
    return {widgets::Icon::Check, theme.good, "shown"};
  case Finding::Verdict::NotShown:
    return {widgets::Icon::Close, theme.error, "not shown"};
  case Finding::Verdict::Reported:
    return {widgets::Icon::Number, theme.accent, "reported"};
  case Finding::Verdict::Open:
    break;
  }
  return {widgets::Icon::Circle, theme.dim_text, "open"};
}

/// With as many digits after the point as give the mean three in all.
std::string beside_mean(double value, double mean) {
  const double size = std::abs(mean);
  if (size >= 1e3 && size < 1e6) return fmt::format("{:.0f}", value);
  if (size == 0 || size >= 1e6 || size < 1e-3) return analysis::number_text(value);
  return fmt::format("{:.{}f}", value, std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), 0, 5));
}

std::string mean_of(const Finding& finding) {
  if (finding.values.empty() || !std::isfinite(finding.mean)) return "–";
  std::string text = beside_mean(finding.mean, finding.mean);
  if (std::isfinite(finding.deviation) && finding.values.size() > 1)
    text += " ± " + beside_mean(finding.deviation, finding.mean);
  return text;
}

std::string values_of(const Finding& finding) {
  std::string text;
  for (const double value : finding.values) text += (text.empty() ? "" : "  ") + analysis::number_text(value);
  return text;
}

void verdict(const View& view, const Finding& finding) {
  const Sign sign = sign_of(view.widgets.theme, finding.verdict);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float side = ImGui::GetTextLineHeight();
  {
    widgets::ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), view.widgets.fonts, view.widgets.textures);
    draw_icon(canvas, sign.icon, {at.x, at.y + side * 0.08f, side * 0.84f, side * 0.84f}, sign.color);
  }
  ImGui::Dummy({side, side});
  ImGui::SameLine(0, em() * 0.4f);
  widgets::push_font(view.widgets.fonts.semibold);
  ImGui::PushStyleColor(ImGuiCol_Text, widgets::to_vec4(sign.color));
  ImGui::TextUnformatted(sign.word);
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void small_text(const View& view, const std::string& text) {
  if (text.empty()) return;
  widgets::push_font(view.widgets.fonts.small);
  wrapped_text(view, text, view.widgets.theme.dim_text);
  ImGui::PopFont();
}

} // namespace

void draw_findings(const View& view, std::span<const Finding> findings) {
  const widgets::Theme& theme = view.widgets.theme;
  constexpr int flags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_SizingStretchProp |
                        ImGuiTableFlags_NoSavedSettings | ImGuiTableFlags_BordersInnerH;
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {em() * 0.5f, em() * 0.35f});
  if (ImGui::BeginTable("findings", 4, flags, ImGui::GetContentRegionAvail())) {
    ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("verdict", ImGuiTableColumnFlags_WidthFixed, em() * 7);
    ImGui::TableSetupColumn("statement", ImGuiTableColumnFlags_WidthStretch, 1.5f);
    ImGui::TableSetupColumn("expected", ImGuiTableColumnFlags_WidthStretch, 0.6f);
    ImGui::TableSetupColumn("measured", ImGuiTableColumnFlags_WidthStretch, 0.9f);
    ImGui::TableHeadersRow();
    for (const Finding& finding : findings) {
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      verdict(view, finding);
      mark(view, "finding-" + finding.name);
      view.readings["finding-" + finding.name] = analysis::to_string(finding.verdict);
      ImGui::TableNextColumn();
      wrapped_text(view, finding.title, theme.text);
      widgets::help(view.widgets, {.title = finding.title,
                                   .text = finding.measure,
                                   .formula = {},
                                   .source = finding.source,
                                   .shortcut = {}});
      small_text(view, finding.measure);
      small_text(view, finding.note);
      ImGui::TableNextColumn();
      wrapped_text(view, finding.expected.empty() ? "–" : finding.expected,
                   finding.expected.empty() ? theme.dim_text : theme.text);
      ImGui::TableNextColumn();
      widgets::push_font(view.widgets.fonts.semibold);
      wrapped_text(view, mean_of(finding), theme.text);
      ImGui::PopFont();
      if (finding.values.size() > 1) {
        small_text(view, values_of(finding));
        widgets::help(view.widgets, "One value per seed.");
      }
    }
    ImGui::EndTable();
  }
  ImGui::PopStyleVar();
}

void FindingsTab::update(const View& view) {
  // Of all members as they were recorded: what is removed from the view still happened.
  const training::Snapshot& s = view.recorded ? *view.recorded : view.snapshot;
  const bool same_run = run_ == view.run;
  if (same_run && step_ == s.step && state_ == s.state) return;
  if (same_run && state_ == s.state && ImGui::GetTime() < next_) return;
  run_ = view.run;
  step_ = s.step;
  state_ = s.state;
  next_ = ImGui::GetTime() + seconds_between;
  if (view.beside.empty()) {
    findings_ = analysis::findings(s);
    return;
  }
  training::Snapshot own = s; // recordings beside have findings of their own
  std::erase_if(own.members, [](const auto& m) { return is_beside(m.id); });
  std::erase_if(own.events, [](const auto& e) { return is_beside(e.member); });
  findings_ = analysis::findings(own);
}

} // namespace plateau::window
