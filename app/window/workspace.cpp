#include "app/window/workspace.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/messages.h"
#include "app/window/splitter.h"
#include "app/window/tab_parts.h"
#include "app/window/text.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {
namespace {

/// Upon the last item.
void export_icon(const View& view) {
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  const float side = em() * 0.95f;
  widgets::ImGuiCanvas canvas(*ImGui::GetWindowDrawList(), view.widgets.fonts, view.widgets.textures);
  const auto& theme = view.widgets.theme;
  draw_icon(canvas, widgets::Icon::Image,
            {std::round((low.x + high.x - side) / 2), std::round((low.y + high.y - side) / 2), side, side},
            ImGui::IsItemHovered() ? theme.text : theme.dim_text);
}

} // namespace

/// A region of panels with some air inside. The window is cleared in the panels' colour and what lies between
/// regions is painted over it: filling the regions themselves would cost a third of a frame's time where
/// OpenGL is software.
template<class Content>
void Workspace::region(const View& view, const char* id, widgets::Size size, bool scrolls, Content content) {
  const ImVec2 low = ImGui::GetCursorScreenPos();
  regions_.push_back({low.x, low.y, size.width, size.height});
  const float width = splitter_width() + 1, rounding = ImGui::GetStyle().ChildRounding;
  ImGui::GetWindowDrawList()->AddRect({low.x - width / 2, low.y - width / 2},
                                      {low.x + size.width + width / 2, low.y + size.height + width / 2},
                                      widgets::to_u32(view.widgets.theme.background), rounding + width / 2, 0,
                                      width);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {em() * 0.6f, em() * 0.4f});
  const ImGuiWindowFlags flags =
      ImGuiWindowFlags_AlwaysUseWindowPadding |
      (scrolls ? 0 : ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  const bool shown = widgets::begin_child(id, {size.width, size.height}, false, flags);
  ImGui::PopStyleVar();
  if (shown) content();
  ImGui::EndChild();
}

std::optional<widgets::Rect> Workspace::panel_under_mouse() const {
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  for (const auto& rect : regions_)
    if (mouse.x >= rect.x && mouse.x < rect.right() && mouse.y >= rect.y && mouse.y < rect.bottom())
      return rect;
  return std::nullopt;
}

bool Workspace::perform(const Action& action) {
  // Dropped while the dialog asked what to open: that is answered.
  if (std::holds_alternative<OpenFiles>(action) && open_dialog_.is_open()) open_dialog_.close();
  if (std::holds_alternative<ShowOpenDialog>(action))
    open_dialog_.open();
  else if (const auto* wanted = std::get_if<ShowExport>(&action))
    export_figure(wanted->panel);
  else if (const auto* branch = std::get_if<ShowBranchDialog>(&action))
    branch_dialog_.open(branch->step);
  else if (std::holds_alternative<ToggleHelp>(action))
    help_dialog_.toggle();
  else if (const auto* tab = std::get_if<ShowTab>(&action))
    tab_wanted_ = tab->index;
  else if (const auto* edit = std::get_if<EditRemark>(&action))
    remark_editor_.open(*edit);
  else if (std::holds_alternative<RenameMember>(action))
    members_panel_.rename_selected();
  else if (std::holds_alternative<RemoveMember>(action))
    members_panel_.remove_selected();
  else
    return false;
  return true;
}

void Workspace::export_figure(figures::PanelSpec panel) {
  // What each tab is most about.
  static constexpr std::pair<const char*, const char*> figures_of_tabs[] = {
      {"Attention", "attention"},   {"Saturation", "saturation"},
      {"Components", "components"}, {"Gradients", "gradients"},
      {"Values", "values"},         {"Optimizer", "schedules"},
      {"Features", "grokking"},     {"Context", "in-context-scores"}};
  for (const auto& [tab, figure] : figures_of_tabs)
    if (panel.figure.empty() && open_tab_ == tab) panel.figure = figure;
  if (panel.figure.empty()) panel.figure = "loss";
  export_dialog_.open(std::move(panel));
}

void Workspace::draw(const View& view, Preferences& preferences) {
  const ImGuiViewport* viewport = ImGui::GetMainViewport();
  ImGui::SetNextWindowPos(viewport->Pos);
  ImGui::SetNextWindowSize(viewport->Size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  ImGui::Begin("Plateau", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoNavFocus);
  ImGui::PopStyleVar(3);

  ImGui::PushStyleColor(ImGuiCol_ChildBg, ImVec4{0, 0, 0, 0}); // see region()
  // A slider's value is written over its grip.
  ImGui::PushStyleColor(ImGuiCol_SliderGrab, widgets::to_vec4(view.widgets.theme.accent.with_alpha(0.45f)));
  const ImVec2 whole = viewport->Size;
  const float gap = splitter_width();
  const float middle = whole.y - TopBar::height() - TimelinePanel::height() - gap * 2;
  // At any size and font scale the centre keeps two fifths of the window.
  const float most = whole.x * 0.3f;
  const float usual = std::clamp(whole.x * 0.14f, em() * 17, em() * 24);
  const auto side = [&](float chosen) {
    return std::round(std::min(chosen > 0 ? chosen * em() : usual, most));
  };
  const float left_width = side(preferences.left_width), right_width = side(preferences.right_width);
  const float centre_width = whole.x - left_width - right_width - gap * 2;

  regions_.clear();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  region(view, "top-bar", {whole.x, TopBar::height()}, false, [&] {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {em() * 0.35f, 0});
    top_bar_.draw(view);
    ImGui::PopStyleVar();
  });
  ImGui::Dummy({0, gap});
  const ImVec2 spacing = {em() * 0.4f, em() * 0.3f};
  const auto column = [&](const char* id, float width, bool scrolls, auto content) {
    region(view, id, {width, middle}, scrolls, [&] {
      ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, spacing);
      content();
      ImGui::PopStyleVar();
    });
  };
  column("left", left_width, true, [&] { left(view); });
  ImGui::SameLine();
  if (const float moved = splitter(view, "splitter-left", true, middle))
    preferences.left_width = (left_width + moved) / em();
  ImGui::SameLine();
  ImGui::BeginChild("centre", {centre_width, middle}, false,
                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  centre(view, preferences);
  ImGui::EndChild();
  ImGui::SameLine();
  if (const float moved = splitter(view, "splitter-right", true, middle))
    preferences.right_width = (right_width - moved) / em();
  ImGui::SameLine();
  column("right", right_width, false, [&] { right(view); });
  ImGui::Dummy({0, gap});
  region(view, "bottom", {whole.x, TimelinePanel::height()}, false, [&] {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, spacing);
    timeline_panel_.draw(view);
    ImGui::PopStyleVar();
  });
  ImGui::PopStyleVar();
  ImGui::PopStyleColor(2);

  open_dialog_.draw(view, preferences.recent);
  help_dialog_.draw(view, tab_names_);
  export_dialog_.draw(view);
  branch_dialog_.draw(view);
  remark_editor_.draw(view);
  ImGui::End();
  preferences.smoothing = curves_.smoothing();
  preferences = in_range(std::move(preferences));
}

void Workspace::left(const View& view) {
  study_panel_.draw(view);
  attention_control_.draw(view);
  section(view, "SETTINGS");
  controls_panel_.draw(view);
}

void Workspace::centre(const View& view, Preferences& preferences) {
  const ImVec2 spacing = {em() * 0.4f, em() * 0.3f};
  draw_notice(view);
  draw_offer(view);
  const ImVec2 space = ImGui::GetContentRegionAvail();
  if (view.snapshot.state == training::State::Failed && view.snapshot.members.empty()) {
    region(view, "failure", {space.x, space.y}, true, [&] { draw_failure(view); });
    return;
  }
  const float gap = splitter_width();
  const float upper = std::round((space.y - gap) * preferences.curves_share);
  region(view, "curves", {space.x, upper}, false, [&] {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, spacing);
    if (view.snapshot.state == training::State::Failed)
      draw_failure(view);
    else
      curves_.draw(view);
    ImGui::PopStyleVar();
  });
  preferences.curves_share += splitter(view, "splitter-centre", false, space.x) / std::max(1.f, space.y);
  region(view, "tabs", {space.x, space.y - upper - gap}, false, [&] {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, spacing);
    tabs(view);
    ImGui::PopStyleVar();
  });
}

std::vector<Workspace::Tab> Workspace::tabs_of(const View& view) {
  const bool preparing = !view.snapshot.study;
  const bool heads = preparing || any_member(view, has_heads),
             linear = any_member(view, is_linear_transformer);
  const auto asks_for = [&](auto interval) { return std::ranges::any_of(view.snapshot.members, interval); };
  using Member = training::MemberView;
  const bool values = any_series(view, "values/") ||
                      asks_for([](const Member& m) { return m.settings.probes.values_every > 0; });
  const bool text = any_tensor(view, "text/samples") || asks_for([](const Member& m) {
                      return m.settings.task.kind == "text" && m.settings.probes.text_every > 0;
                    });
  std::vector<Tab> shown;
  const auto add = [&](bool means_something, const char* name, auto& tab) {
    if (means_something) shown.push_back({name, [&tab](const View& v) { tab.draw(v); }});
  };
  // What a study is about comes first.
  const bool arithmetic = any_member(view, is_modular_arithmetic),
             in_context = any_member(view, learns_in_context);
  const bool context = in_context || any_series(view, "context/") ||
                       any_series(view, "accuracy/in-context") || any_series(view, "head/");
  add(arithmetic || any_tensor(view, "features/embedding-spectrum"), "Features", features_tab_);
  add(in_context, "Context", context_tab_);
  add(linear && !heads, "Optimizer", optimizer_tab_);
  add(heads || any_tensor(view, "attention/mean"), "Attention", attention_tab_);
  add(heads || any_series(view, "saturation/"), "Saturation", saturation_tab_);
  add(heads || any_series(view, "component/"), "Components", components_tab_);
  add(context && !in_context, "Context", context_tab_);
  add(true, "Gradients", gradients_tab_);
  add(heads && values, "Values", values_tab_);
  add(text, "Text", text_tab_);
  add(heads || !linear, "Optimizer", optimizer_tab_);
  add(heads || !linear, "Lab", lab_tab_);
  add(!findings_tab_.empty(), "Findings", findings_tab_);
  add(true, "Summary", summary_tab_);
  return shown;
}

void Workspace::tabs(const View& view) {
  findings_tab_.update(view);
  const std::vector<Tab> shown = tabs_of(view);
  tab_names_.clear();
  for (const Tab& tab : shown) {
    if (tab.name == named_tab_wanted_) tab_wanted_ = static_cast<int>(tab_names_.size());
    tab_names_.push_back(tab.name);
  }
  named_tab_wanted_.clear();
  // Where they do not fit otherwise, tabs stand closer together and are smaller: cut names help nobody.
  static constexpr const char* export_label = "     ###export"; // an icon is drawn upon it
  const ImGuiStyle& style = ImGui::GetStyle();
  const auto room_beside = [&](float gap) {
    float text = ImGui::CalcTextSize(export_label, nullptr, true).x + gap;
    for (const Tab& tab : shown) text += ImGui::CalcTextSize(tab.name).x + gap;
    return (ImGui::GetContentRegionAvail().x - text) / (2 * static_cast<float>(shown.size() + 1));
  };
  float gap = style.ItemInnerSpacing.x, room = room_beside(gap);
  ImFont* font = ImGui::GetFont();
  if (room < em() * 0.25f) {
    gap = em() * 0.12f;
    font = view.widgets.fonts.small;
    widgets::push_font(view.widgets.fonts.small);
    room = room_beside(gap);
    ImGui::PopFont();
  }
  const float padding = std::clamp(std::floor(room) - 1, 2.f, style.FramePadding.x);
  const auto begin_narrow = [&] {
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {padding, style.FramePadding.y});
    ImGui::PushStyleVar(ImGuiStyleVar_ItemInnerSpacing, {gap, style.ItemInnerSpacing.y});
    widgets::push_font(font);
  };
  const auto end_narrow = [] {
    ImGui::PopFont();
    ImGui::PopStyleVar(2);
  };
  begin_narrow();
  const bool any = ImGui::BeginTabBar("tabs");
  end_narrow();
  if (!any) return;
  for (int i = 0; i < static_cast<int>(shown.size()); ++i) {
    const Tab& tab = shown[static_cast<std::size_t>(i)];
    begin_narrow();
    const bool open =
        ImGui::BeginTabItem(tab.name, nullptr, tab_wanted_ == i ? ImGuiTabItemFlags_SetSelected : 0);
    end_narrow();
    mark(view, std::string("tab-") + lower(tab.name));
    if (!open) continue;
    view.readings["tab"] = open_tab_ = tab.name;
    tab.draw(view);
    ImGui::EndTabItem();
  }
  tab_wanted_ = -1;
  begin_narrow();
  if (ImGui::TabItemButton(export_label, ImGuiTabItemFlags_Trailing | ImGuiTabItemFlags_NoTooltip))
    view.ask(ShowExport{});
  end_narrow();
  mark(view, "export-tab");
  export_icon(view);
  widgets::help(view.widgets, {.title = "Export a figure",
                               .text = "What this tab shows, as PDF, SVG or PNG for a paper or slides.",
                               .formula = {},
                               .source = {},
                               .shortcut = "Ctrl + E"});
  ImGui::EndTabBar();
}

void Workspace::right(const View& view) {
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float rows = static_cast<float>(view.snapshot.members.size()) + 4.5f;
  const float upper = std::clamp(rows * em() * 1.35f, em() * 7, space.y * 0.6f);
  ImGui::BeginChild("members-region", {space.x, upper});
  members_panel_.draw(view);
  ImGui::EndChild();
  ImGui::BeginChild("events-region", {space.x, ImGui::GetContentRegionAvail().y});
  events_panel_.draw(view);
  ImGui::EndChild();
}

} // namespace plateau::window
