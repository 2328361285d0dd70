#include "app/window/messages.h"

#include <algorithm>
#include <vector>

#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/splitter.h"
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
  ImGui::SetCursorScreenPos({origin.x, origin.y + height + splitter_width()});
  ImGui::Dummy({0, 0});
}

void draw_offer(const View& view) {
  view.readings["offer"] = view.offer ? view.offer->text : "";
  if (!view.offer) return;
  const Offer& offer = *view.offer;
  struct Answer {
    const char *id, *label, *help;
    Action action;
    bool primary = false;
  };
  std::vector<Answer> answers;
  if (offer.kind == Offer::Kind::Last) {
    answers.push_back(
        {"offer-open", "Open again",
         "The recording, with what was beside it and as it was looked at. Nothing is trained until "
         "you ask for it; the run that trains now ends, and its recording stays.",
         TakeOffer{}});
  } else {
    if (offer.can_be_trained)
      answers.push_back({"offer-train", "Go on training",
                         "From the last checkpoint to the planned end, in the same recording.",
                         TakeOffer{true}, true});
    answers.push_back(
        {"offer-open", "Open the recording", "What was recorded is whole. Nothing is trained.", TakeOffer{}});
  }
  answers.push_back(
      {"offer-decline", "Not now", "The recording stays, and Ctrl + O lists it.", DeclineOffer{}});

  const widgets::Theme& theme = view.widgets.theme;
  const ImGuiStyle& style = ImGui::GetStyle();
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, pad = em() * 0.6f, gap = em() * 0.4f;
  float buttons = 0;
  for (const Answer& answer : answers)
    buttons += ImGui::CalcTextSize(answer.label).x + 2 * style.FramePadding.x + gap;
  const bool one_row = width - buttons - 3 * pad > em() * 16;
  const std::string lines =
      widgets::word_wrap(offer.text, one_row ? width - buttons - 3 * pad : width - 2 * pad);
  const ImVec2 text = ImGui::CalcTextSize(lines.c_str());
  const float button_height = ImGui::GetFrameHeight();
  const float height = one_row ? std::max(button_height, text.y) + pad : text.y + button_height + 2 * pad;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(origin, {origin.x + width, origin.y + height},
                      widgets::to_u32(mix(theme.panel, theme.accent, 0.12f)), em() * 0.25f);
  list->AddRectFilled(origin, {origin.x + em() * 0.22f, origin.y + height}, widgets::to_u32(theme.accent));
  ImGui::SetCursorScreenPos({origin.x + pad, origin.y + (one_row ? (height - text.y) / 2 : pad / 2)});
  ImGui::TextUnformatted(lines.c_str());
  mark(view, "offer");
  float x = one_row ? origin.x + width - buttons - pad + gap : origin.x + pad;
  const float y = one_row ? origin.y + (height - button_height) / 2 : origin.y + text.y + pad;
  for (const Answer& answer : answers) {
    ImGui::SetCursorScreenPos({x, y});
    const bool pressed = answer.primary ? primary_button(view, answer.id, answer.label)
                                        : button(view, answer.id, answer.label);
    x = ImGui::GetItemRectMax().x + gap;
    widgets::help(view.widgets, answer.help);
    if (pressed) view.ask(answer.action);
  }
  ImGui::SetCursorScreenPos({origin.x, origin.y + height + splitter_width()});
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
