// What the export dialog lets one choose: panels, their figures, the page, the members.
#include "app/window/export_dialog.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"

namespace plateau::window {

namespace {

constexpr std::size_t most_rows = 6, most_in_row = 4;

} // namespace

void ExportDialog::controls(const View& view) {
  ImGui::PushItemWidth(ImGui::GetContentRegionAvail().x);
  panel_controls(view);
  const auto at = std::ranges::find(available_, panel().figure);
  std::vector<std::string> shown;
  for (const auto& name : available_) shown.push_back(figures::figure(name).title);
  const auto chosen =
      combo(view, "export-figure", shown, int(at - available_.begin()), ImGui::GetContentRegionAvail().x);
  if (chosen) {
    choose_figure(available_[std::size_t(*chosen)]);
    name_file(view);
  }
  if (!available_.empty())
    wrapped_text(view, figures::figure(panel().figure).description, view.widgets.theme.dim_text);
  page_controls(view);
  figure_controls(view);
  member_controls(view);
  file_controls(view);
  ImGui::PopItemWidth();
}

void ExportDialog::panel_controls(const View& view) {
  section(view, "FIGURE");
  if (available_.empty()) return;
  const LowControls low;
  if (several_panels()) {
    char letter = 'a';
    for (std::size_t r = 0; r < recipe_.rows.size(); ++r) {
      const auto& panels = recipe_.rows[r].panels;
      const float gap = em() * 0.25f, room = ImGui::GetContentRegionAvail().x;
      const float each = (room - gap * float(panels.size() - 1)) / float(panels.size());
      for (std::size_t p = 0; p < panels.size(); ++p, ++letter) {
        if (p > 0) ImGui::SameLine(0, gap);
        const bool chosen = row_ == r && panel_ == p;
        const std::string id = fmt::format("export-panel-{}", letter);
        const std::string name = fmt::format("{}  {}", letter, figures::figure(panels[p].figure).title);
        if (chosen ? primary_button(view, id, name, each) : button(view, id, name, each))
          row_ = r, panel_ = p;
        widgets::help(view.widgets, "A panel of the page: what follows is about the one that is chosen.");
      }
    }
  }
  const auto& here = recipe_.rows[row_].panels;
  ImGui::BeginDisabled(recipe_.rows.size() == most_rows);
  if (button(view, "export-add-below", "+ below")) add_panel(true);
  ImGui::EndDisabled();
  widgets::help(view.widgets, "A further panel in a row of its own: then choose its figure and its step.");
  ImGui::SameLine(0, em() * 0.3f);
  ImGui::BeginDisabled(here.size() == most_in_row);
  if (button(view, "export-add-beside", "+ beside")) add_panel(false);
  ImGui::EndDisabled();
  widgets::help(view.widgets, "A further panel in the same row.");
  if (!several_panels()) return;
  ImGui::SameLine(0, em() * 0.3f);
  if (button(view, "export-remove-panel", "Remove")) remove_panel();
  widgets::help(view.widgets, "Takes the chosen panel off the page.");
  ImGui::SameLine(0, em() * 0.6f);
  checkbox(view, "export-letters", "a, b, c", recipe_.page.letters);
  widgets::help(view.widgets, "Letters at the panels, to speak of them in a text.");
}

void ExportDialog::add_panel(bool below) {
  figures::PanelSpec copy = panel(); // one changes in it what differs
  if (!several_panels()) recipe_.page.letters = true;
  if (below) {
    recipe_.rows.insert(recipe_.rows.begin() + std::ptrdiff_t(++row_),
                        figures::RowSpec{0, {std::move(copy)}});
    panel_ = 0;
  } else {
    auto& panels = recipe_.rows[row_].panels;
    panels.insert(panels.begin() + std::ptrdiff_t(++panel_), std::move(copy));
  }
  if (size_ != Free) choose_size(size_);
}

void ExportDialog::remove_panel() {
  auto& panels = recipe_.rows[row_].panels;
  panels.erase(panels.begin() + std::ptrdiff_t(panel_));
  if (panels.empty()) recipe_.rows.erase(recipe_.rows.begin() + std::ptrdiff_t(row_));
  row_ = std::min(row_, recipe_.rows.size() - 1);
  panel_ = std::min(panel_, recipe_.rows[row_].panels.size() - 1);
  if (!several_panels()) recipe_.page.letters = false;
  if (size_ != Free) choose_size(size_);
}

void ExportDialog::step_control(const View& view) {
  const auto* chosen = std::get_if<std::int64_t>(&panel().step);
  bool at_step = chosen != nullptr;
  if (checkbox(view, "export-step", "at step", at_step))
    panel().step = at_step ? figures::StepChoice(view.step) : figures::StepChoice();
  widgets::help(view.widgets, "A step of its own for this panel; otherwise the last one.");
  chosen = std::get_if<std::int64_t>(&panel().step);
  if (!chosen) return;
  std::int64_t step = *chosen;
  ImGui::SameLine(0, em() * 0.4f);
  ImGui::SetNextItemWidth(em() * 6);
  if (ImGui::InputScalar("##export-step-number", ImGuiDataType_S64, &step))
    panel().step = std::clamp<std::int64_t>(step, 0, view.last_step);
  mark(view, "export-step-number");
  widgets::help(view.widgets, "Arrays are shown as they were last recorded at or before it.");
}

void ExportDialog::part_controls(const View& view) {
  const unsigned choices = figures::figure(panel().figure).choices;
  if (!view.member) return;
  const auto& model = view.member->settings.model;
  const auto choose = [&](const char* id, const char* one, std::int64_t count, int& part) {
    std::vector<std::string> names = {fmt::format("all {}s", one)};
    for (std::int64_t i = 1; i <= count; ++i) names.push_back(fmt::format("{} {}", one, i));
    if (const auto now = combo(view, id, names, std::min(part, int(count)), em() * 7)) part = *now;
    widgets::help(view.widgets, fmt::format("Which {} of the model is shown.", one));
  };
  const bool layers = choices & figures::choose_layer && model.depth > 1;
  if (layers) choose("export-layer", "layer", model.depth, panel().layer);
  if (!(choices & figures::choose_head) || model.heads < 2) return;
  if (layers) ImGui::SameLine(0, em() * 0.4f);
  choose("export-head", "head", model.heads, panel().head);
}

void ExportDialog::range_control(const View& view, const std::string& id, const std::string& label,
                                 std::optional<widgets::Range>& range, widgets::Range proposed) {
  bool set = range.has_value();
  if (checkbox(view, id, label + " from", set)) range = set ? std::optional(proposed) : std::nullopt;
  widgets::help(view.widgets, "A range of one's own for this axis; otherwise what the curves need.");
  if (!range) return;
  const auto side = [&](const char* which, double& value) {
    ImGui::SetNextItemWidth(em() * 4.5f);
    ImGui::InputDouble(fmt::format("##{}-{}", id, which).c_str(), &value, 0, 0, "%.6g");
    mark(view, fmt::format("{}-{}", id, which));
  };
  ImGui::SameLine(0, em() * 0.4f);
  side("low", range->low);
  ImGui::SameLine(0, em() * 0.3f);
  ImGui::TextUnformatted("to");
  ImGui::SameLine(0, em() * 0.3f);
  side("high", range->high);
}

void ExportDialog::page_controls(const View& view) {
  section(view, "PAGE");
  static const std::vector<std::string> sizes = {"1 column", "2 columns", "Slide 16:9", "Free"};
  int size = size_;
  if (segmented(view, "export-size", sizes, size)) choose_size(size);
  const auto now = figures::page_size(recipe_);
  float width = now.width, height = now.height;
  const float each = em() * 5.5f;
  const auto side = [&](const char* id, float& value, const char* help) {
    ImGui::SetNextItemWidth(each);
    const bool changed = ImGui::InputFloat(fmt::format("##{}", id).c_str(), &value, 0, 0, "%.1f");
    mark(view, id);
    widgets::help(view.widgets, help);
    value = std::clamp(std::isfinite(value) ? value : 100.f, float(figures::smallest_page_mm),
                       float(figures::largest_page_mm));
    return changed;
  };
  if (side("export-width", width,
           "Width of the page in millimetres. A column of a journal is 89 mm wide, two are "
           "183 mm.")) {
    if (size_ != Free) choose_size(Free);
    recipe_.page.width_mm = width;
  }
  ImGui::SameLine(0, em() * 0.3f);
  ImGui::TextUnformatted("×");
  ImGui::SameLine(0, em() * 0.3f);
  if (side("export-height", height, "Height of the page in millimetres.")) recipe_.page.height_mm = height;
  ImGui::SameLine(0, em() * 0.3f);
  ImGui::TextUnformatted("mm, text");
  ImGui::SameLine(0, em() * 0.4f);
  float text = float(recipe_.page.text_pt);
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
  if (ImGui::SliderFloat("##export-text", &text, 5, 20, "%.1f pt", ImGuiSliderFlags_AlwaysClamp))
    recipe_.page.text_pt = std::round(text * 2) / 2;
  mark(view, "export-text");
  widgets::help(view.widgets,
                "Size of the small text as it will be on paper; titles go with it. Journals ask for "
                "7 points or a little less, slides for 12 and more.");
  static const std::vector<std::string> themes = {"Print", "Light", "Dark"};
  if (segmented(view, "export-theme", themes, theme_))
    recipe_.page.theme = figures::theme_names()[std::size_t(theme_)];
}

void ExportDialog::figure_controls(const View& view) {
  if (available_.empty()) return;
  constexpr unsigned here = figures::choose_log_x | figures::choose_log_y | figures::choose_seed_bands |
                            figures::choose_legend | figures::choose_events | figures::choose_guides |
                            figures::choose_smoothing | figures::choose_layer | figures::choose_head |
                            figures::choose_x | figures::choose_y;
  const unsigned choices = figures::figure(panel().figure).choices;
  const bool offers_step = choices & figures::choose_step;
  if (!(choices & here) && !offers_step) return;
  section(view, "SHOWN");
  int count = 0;
  const auto box = [&](figures::Choice choice, const char* id, const char* label, bool& value,
                       const char* help) {
    if (!(choices & choice)) return;
    if (count++ % 2 == 1) ImGui::SameLine(ImGui::GetContentRegionMax().x * 0.5f);
    checkbox(view, id, label, value);
    widgets::help(view.widgets, help);
  };
  const auto log_box = [&](figures::Choice choice, const char* id, const char* label, auto& scale) {
    bool logarithmic = scale == widgets::ScaleKind::Log;
    const bool before = logarithmic;
    box(choice, id, label, logarithmic, "A logarithmic axis.");
    if (logarithmic != before) scale = logarithmic ? std::optional(widgets::ScaleKind::Log) : std::nullopt;
  };
  log_box(figures::choose_log_x, "export-log-x", "log steps", panel().x_scale);
  log_box(figures::choose_log_y, "export-log-y", "log values", panel().y_scale);
  bool bands = panel().seed_bands.has_value();
  box(figures::choose_seed_bands, "export-seed-bands", "seed bands", bands,
      "Members that differ in their seed alone: their median, in a band from the lowest to the highest.");
  if (bands != panel().seed_bands.has_value())
    panel().seed_bands = bands ? std::optional(figures::BandEdges::MinMax) : std::nullopt;
  box(figures::choose_legend, "export-legend", "legend", panel().legend, "Names of the curves above them.");
  box(figures::choose_events, "export-events", "events", panel().events,
      "Plateaus, Eureka-moments and interventions.");
  if (!view.annotations.remarks.empty())
    box(figures::choose_remarks, "export-remarks", "remarks", panel().remarks,
        "What you have written at steps.");
  box(figures::choose_guides, "export-guides", "levels", panel().guides,
      "Horizontal lines at levels that follow from the task, such as that of the plateau.");
  if (offers_step) step_control(view);
  part_controls(view);
  if (choices & figures::choose_x)
    range_control(view, "export-x", "steps", panel().x, {0, double(view.last_step)});
  if (choices & figures::choose_y) range_control(view, "export-y", "values", panel().y, {0, 1});
  if (choices & figures::choose_smoothing) {
    static const std::vector<std::string> kinds = {"auto", "none", "mean of"};
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Smoothing");
    ImGui::SameLine(0, em() * 0.6f);
    segmented(view, "export-smoothing", kinds, smoothing_);
    if (smoothing_ == Chosen) {
      const double steps = double(smoothing_share_) * smoothing_share_ * 0.1 * double(view.last_step);
      ImGui::SameLine(0, em() * 0.4f);
      ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
      ImGui::SliderFloat("##export-smoothing-steps", &smoothing_share_, 0.02f, 1,
                         fmt::format("{:.0f} steps", steps).c_str(), ImGuiSliderFlags_AlwaysClamp);
      mark(view, "export-smoothing-steps");
    }
    panel().smoothing =
        smoothing_ == Automatic ? -1
        : smoothing_ == None
            ? 0
            : std::round(double(smoothing_share_) * smoothing_share_ * 0.1 * double(view.last_step));
  }
}

void ExportDialog::member_controls(const View& view) {
  const auto& members = view.snapshot.members;
  if (members.size() < 2) return;
  section(view, "MEMBERS");
  const auto is_chosen = [&](const std::string& name) {
    return panel().members.empty() || std::ranges::find(panel().members, name) != panel().members.end();
  };
  std::vector<std::string> chosen;
  for (const auto& member : members)
    if (is_chosen(member.name)) chosen.push_back(member.name);
  const std::size_t before = chosen.size();
  const LowControls low;
  const float row = ImGui::GetFrameHeightWithSpacing();
  ImGui::BeginChild("export-members", {0, std::min(float(members.size()), 6.f) * row}, false);
  for (const auto& member : members) {
    bool shown = is_chosen(member.name);
    ImGui::AlignTextToFramePadding();
    widgets::color_dot(view.widgets, widgets::member_color(view.widgets.theme, std::size_t(member.id)));
    ImGui::SameLine();
    if (!checkbox(view, fmt::format("export-member-{}", member.id), member.name, shown)) continue;
    if (shown)
      chosen.push_back(member.name);
    else
      std::erase(chosen, member.name);
  }
  ImGui::EndChild();
  if (chosen.size() == before || chosen.empty()) return; // the last one stays
  panel().members.clear();
  // Naming none means those that are not hidden.
  if (chosen.size() < members.size() || view.visible_members().size() < members.size())
    for (const auto& member : members)
      if (std::ranges::find(chosen, member.name) != chosen.end()) panel().members.push_back(member.name);
}

} // namespace plateau::window
