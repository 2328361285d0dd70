#include "app/window/messages.h"

#include <algorithm>

#include <imgui.h>

#include "app/window/elements.h"
#include "widgets/imgui_compat.h"
#include "widgets/word_wrap.h"

namespace plateau::window {

void draw_notice(const View& view) {
  view.readings["message"] = view.message;
  if (view.message.empty()) return;
  const widgets::Theme& theme = view.widgets.theme;
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const float side = ImGui::GetFrameHeight();
  const float pad = em() * 0.6f;
  const float text_width = width - side - pad * 2;
  const std::string lines = widgets::word_wrap(view.message, text_width);
  const ImVec2 text = ImGui::CalcTextSize(lines.c_str());
  const float height = std::max(side, text.y + pad);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(origin, {origin.x + width, origin.y + height},
                      widgets::to_u32(mix(theme.panel, theme.warning, 0.18f)), em() * 0.25f);
  list->AddRectFilled(origin, {origin.x + em() * 0.22f, origin.y + height}, widgets::to_u32(theme.warning));
  ImGui::SetCursorScreenPos({origin.x + pad, origin.y + (height - text.y) / 2});
  ImGui::TextUnformatted(lines.c_str());
  mark(view, "message");
  ImGui::SetCursorScreenPos({origin.x + width - side, origin.y + (height - side) / 2});
  if (widgets::icon_button(view.widgets, "dismiss", widgets::Icon::Close)) view.ask(DismissNotice{});
  mark(view, "dismiss");
  ImGui::SetCursorScreenPos({origin.x, origin.y + height + em() * 0.3f});
  ImGui::Dummy({0, 0});
}

void draw_failure(const View& view) {
  const widgets::Theme& theme = view.widgets.theme;
  const bool started = !view.snapshot.members.empty();
  const char* title = !view.live ? "The recording cannot be shown"
                      : started  ? "The run stopped"
                                 : "The run could not start";
  const char* advice =
      !view.live ? "Open another recording or a study."
      : started  ? "What was recorded up to here is kept. Put right what the line says, then restart; or "
                   "open another study or a recording. The terminal and the log tell more."
                 : "Put right what the line says, then restart; or open another study or a recording.";
  view.readings["error"] = view.snapshot.error;
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float width = std::min(space.x - em() * 2, em() * 36);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {em() * 0.5f, em() * 0.7f});
  ImGui::SetCursorPos(
      {ImGui::GetCursorPosX() + (space.x - width) / 2, ImGui::GetCursorPosY() + space.y * 0.15f});
  ImGui::BeginGroup();
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width);
  widgets::push_font(view.widgets.fonts.heading);
  ImGui::TextUnformatted(title);
  ImGui::PopFont();
  ImGui::PushStyleColor(ImGuiCol_Text, widgets::to_vec4(theme.error));
  ImGui::TextUnformatted(widgets::word_wrap(view.snapshot.error, width).c_str());
  mark(view, "error");
  ImGui::PopStyleColor();
  dim_text(view, advice);
  ImGui::PopTextWrapPos();
  if (view.live) {
    if (primary_button(view, "restart-failed", "Restart")) view.ask(Restart{});
    ImGui::SameLine();
  }
  if (button(view, "open-failed", "Open ...")) view.ask(ShowOpenDialog{});
  ImGui::EndGroup();
  ImGui::PopStyleVar();
}

} // namespace plateau::window
