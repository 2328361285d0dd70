#include "app/window/text_tab.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/curves.h"
#include "app/window/elements.h"
#include "app/window/overlay_run.h"
#include "app/window/tab_parts.h"
#include "app/window/text_layout.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace {

constexpr std::size_t most_columns = 3;

const training::Tensor* find_tensor(const training::TensorFrame* frame, const char* name) {
  if (!frame) return nullptr;
  const auto found = frame->tensors.find(name);
  return found == frame->tensors.end() ? nullptr : found->second.get();
}

/// Tokens in print of `count` indices.
void append(std::vector<std::string>& tokens, const training::TaskInfo& task, const float* indices,
            std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::size_t>(std::max(0.f, indices[i]));
    tokens.push_back(index < task.vocabulary.size() ? task.vocabulary[index] : "?");
  }
}

/// Visible members that write: one of each name before others of its seeds, and these only where there is no
/// other name to compare with.
std::vector<const training::MemberView*> writers(const View& view) {
  std::vector<const training::MemberView*> first, others;
  std::set<std::string> names;
  for (const auto& m : view.snapshot.members)
    // Texts of another recording are of another vocabulary.
    if (view.is_visible(m.id) && (!view.member || same_recording(m.id, view.member->id)) &&
        find_tensor(m.frame.get(), "text/samples"))
      (names.insert(figures::without_seed(m.name)).second ? first : others).push_back(&m);
  if (first.size() == 1) first.insert(first.end(), others.begin(), others.end());
  first.resize(std::min(first.size(), most_columns));
  return first;
}

} // namespace

void TextTab::draw(const View& view) {
  const bool recorded = any_tensor(view, "text/samples");
  if (nothing_to_show(view, "texts", false, recorded, "probes.text_every")) return;
  settings(view);
  const auto shown = writers(view);
  if (shown.empty())
    return empty_state(view, "No visible member writes", "Show one in the table of members.");
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float gap = em() * 0.8f, count = static_cast<float>(shown.size());
  const widgets::Size each = {(space.x - gap * (count - 1)) / count, space.y};
  for (const auto* member : shown) {
    if (member != shown.front()) ImGui::SameLine(0, gap);
    column(view, *member, each);
  }
}

void TextTab::settings(const View& view) {
  const LowControls low;
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const auto& settings = view.member->settings;
  const bool can_edit = view.live && training::can_intervene(view.snapshot.state) && view.following;
  const std::string when =
      can_edit ? fmt::format("Acts from the next writing on: the models write every {} steps.",
                             settings.probes.text_every)
               : (view.live ? "Settings change at the newest step: go back to live (L) first."
                            : "This is a recording: continue its training first.");
  const float gap = em() * 0.8f;
  const auto field = [&](const char* name, const char* label, float width, const char* hint) {
    const study::Field& described = study::field(name);
    const study::Value shown = sent_.shown(described.name, described.get(settings));
    ImGui::AlignTextToFramePadding();
    dim_text(view, label);
    ImGui::SameLine(0, em() * 0.5f);
    ImGui::BeginDisabled(!can_edit);
    const auto chosen = editor_.draw_control(view, described, shown, width, hint);
    ImGui::EndDisabled();
    widgets::help(view.widgets, {.title = described.label,
                                 .text = described.help + "\n" + when,
                                 .formula = described.formula,
                                 .source = {},
                                 .shortcut = {}});
    if (!chosen || *chosen == shown) return;
    study::Intervention change;
    change.kind = study::Intervention::Kind::Set;
    change.changes = {{described.name, *chosen}};
    view.ask(Post{training::Intervene{change}});
    sent_.add(described.name, *chosen);
  };
  field("probes.text_prompt", "written after", std::clamp(space.x * 0.3f, em() * 6, em() * 22),
        "(validation text)");
  beside(em() * 15, gap);
  field("probes.text_temperature", "temperature", std::min(space.x * 0.16f, em() * 9), "");
  probe_help(view, "text");
  if (!can_edit) return;
  ImGui::SameLine(0, gap);
  ImGui::AlignTextToFramePadding();
  widgets::push_font(view.widgets.fonts.small);
  fitted_text(view, "from the next writing on", ImGui::GetContentRegionAvail().x,
              view.widgets.theme.dim_text);
  ImGui::PopFont();
}

void TextTab::column(const View& view, const training::MemberView& member, widgets::Size size) {
  const widgets::Theme& theme = view.widgets.theme;
  const std::string id = fmt::format("text-of-{}", member.id);
  if (!ImGui::BeginChild(id.c_str(), widgets::to_imgui(size))) return ImGui::EndChild();
  widgets::color_dot(view.widgets, widgets::member_color(theme, static_cast<std::size_t>(member.id)));
  ImGui::SameLine(0, em() * 0.4f);
  const auto bits = value_at(member, "loss/bits-per-character", view.step);
  const float room = ImGui::GetContentRegionAvail().x, gap = em() * 0.8f;
  widgets::push_font(view.widgets.fonts.semibold);
  const float name_width = ImGui::CalcTextSize(member.name.c_str()).x;
  std::string value;
  float value_width = 0;
  for (const char* unit : {"bits per character", "bits/char."}) { // the longer word where it fits
    value = bits ? fmt::format("{:.2f} {}", *bits, unit) : "";
    value_width = value.empty() ? 0 : ImGui::CalcTextSize(value.c_str()).x + gap;
    if (name_width + value_width < room) break;
  }
  fitted_text(view, member.name, std::max(em() * 3, room - value_width), theme.text);
  ImGui::PopFont();
  if (bits) {
    ImGui::SameLine(0, gap);
    fitted_text(view, value, ImGui::GetContentRegionAvail().x, theme.dim_text);
    view.readings["bits-per-character-" + std::to_string(member.id)] = fmt::format("{:.2f}", *bits);
  }
  const auto frame = view.frame_of(member.id);
  if (find_tensor(frame.get(), "text/samples")) {
    if (ImGui::BeginChild("written", ImGui::GetContentRegionAvail())) written(view, *frame);
    ImGui::EndChild();
    mark(view, id);
  } else {
    dim_text(view, "nothing written yet at this step");
  }
  ImGui::EndChild();
}

void TextTab::written(const View& view, const training::TensorFrame& frame) {
  const auto& samples = *find_tensor(&frame, "text/samples");
  const auto* prompt = find_tensor(&frame, "text/prompt");
  if (!view.snapshot.task || samples.shape.size() != 2) return;
  const training::TaskInfo& task = *view.snapshot.task;
  const widgets::Theme& theme = view.widgets.theme;
  widgets::push_font(view.widgets.fonts.mono);
  const float character = ImGui::CalcTextSize("M").x, line_height = ImGui::GetTextLineHeight() * 1.15f;
  const float width = ImGui::GetContentRegionAvail().x - em() * 0.3f;
  const auto columns = static_cast<std::size_t>(std::max(8.f, width / character));
  std::vector<std::string> given;
  if (prompt) append(given, task, prompt->data.data(), prompt->data.size());
  const auto length = static_cast<std::size_t>(samples.shape[1]);
  ImDrawList* list = ImGui::GetWindowDrawList();
  for (std::int64_t sample = 0; sample < samples.shape[0]; ++sample) {
    std::vector<std::string> tokens = given;
    append(tokens, task, samples.data.data() + static_cast<std::size_t>(sample) * length, length);
    if (sample > 0) {
      const ImVec2 at = ImGui::GetCursorScreenPos();
      list->AddLine({at.x, at.y + em() * 0.3f}, {at.x + width, at.y + em() * 0.3f},
                    widgets::to_u32(theme.border));
      ImGui::Dummy({width, em() * 0.6f});
    }
    const auto lines = wrap(tokens, columns);
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const TextLine line = lines[i];
      const std::size_t split = std::clamp(given.size(), line.begin, line.end);
      const std::string dim = readable(tokens, line.begin, split), own = readable(tokens, split, line.end);
      const ImVec2 at = {corner.x, corner.y + line_height * static_cast<float>(i)};
      list->AddText(at, widgets::to_u32(theme.dim_text), dim.c_str());
      list->AddText({at.x + ImGui::CalcTextSize(dim.c_str()).x, at.y}, widgets::to_u32(theme.text),
                    own.c_str());
    }
    ImGui::Dummy({width, line_height * static_cast<float>(lines.size())});
  }
  ImGui::PopFont();
}

} // namespace plateau::window
