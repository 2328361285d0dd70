#include "app/window/attention_control.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "engine/attention/row_reading.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/interactive_map.h"

namespace plateau::window {
using study::Field;
using study::Settings;

namespace {

double temperature_in_force(const training::MemberView& member, std::int64_t step) {
  return value_at(member, "attention/temperature", step).value_or(member.settings.attention.temperature);
}

} // namespace

Settings AttentionControl::proposed_settings(const training::MemberView& member) const {
  Settings settings = member.settings;
  for (const auto& [name, value] : proposed_) study::field(name).put(settings, value);
  return settings;
}

std::optional<study::Intervention> AttentionControl::proposal(const View& view, bool keep_twin) const {
  if (!view.member || proposed_.empty()) return std::nullopt;
  study::Intervention change;
  change.kind = study::Intervention::Kind::Set;
  change.member = view.member->name;
  change.keep_twin = keep_twin;
  for (const auto& [name, value] : proposed_) change.changes.push_back({name, value});
  return change;
}

void AttentionControl::forget_what_is_in_force(const training::MemberView& member) {
  std::erase_if(proposed_, [&](const auto& entry) {
    return study::field(entry.first).get(member.settings) == entry.second;
  });
}

void AttentionControl::draw(const View& view) {
  section(view, "ATTENTION");
  if (!view.member) {
    wrapped_text(view, "Its control appears when the run is prepared.", view.widgets.theme.dim_text);
    return;
  }
  if (view.run != run_ || view.member->id != member_) {
    run_ = view.run;
    member_ = view.member->id;
    proposed_.clear();
  }
  forget_what_is_in_force(*view.member);
  if (!study::field("attention.variant").applies(view.member->settings)) {
    const bool linear = view.member->settings.model.kind == "linear-transformer";
    wrapped_text(view,
                 linear
                     ? fmt::format("{} has one head of its own kind: scores z_i·Q z_j, read by P. See the "
                                   "tab Optimizer.",
                                   view.member->name)
                     : fmt::format("{} has no attention: it is the baseline to compare with. Select another "
                                   "member to switch its attention.",
                                   view.member->name),
                 view.widgets.theme.dim_text);
    return;
  }
  const Settings proposed = proposed_settings(*view.member);
  rows(view, proposed);
  buttons(view);
  picture(view, proposed);
}

void AttentionControl::rows(const View& view, const Settings& proposed) {
  const RunNumbers numbers = run_numbers(*view.member, view.snapshot.task.get(), view.step);
  for (const Field& field : study::fields()) {
    if (group_of(field) != "attention" || !field.applies(proposed)) continue;
    const auto chosen = editor_.draw(view, field, field.get(proposed), proposed_.contains(field.name));
    field_help(view, field, proposed, numbers);
    if (chosen) proposed_[field.name] = *chosen;
    if (field.name == "attention.variant") {
      const attention::VariantInfo& info = attention::variant(proposed.attention.variant);
      mono_text(view, info.formula);
      widgets::help(view.widgets, {.title = info.title,
                                   .text = info.description,
                                   .formula = info.formula,
                                   .source = info.source,
                                   .shortcut = {}});
    }
    if (field.name == "attention.temperature")
      if (const std::string worked = with_numbers(field, proposed, numbers); !worked.empty())
        mono_text(view, worked);
  }
}

void AttentionControl::update_picture(const View& view, const Settings& proposed) {
  const auto& now = view.member->settings.attention;
  const double sqrt_dk = std::sqrt(static_cast<double>(head_width(proposed.model)));
  const double tau_now = temperature_in_force(*view.member, view.step) * sqrt_dk;
  const double tau = proposed.attention.temperature * sqrt_dk;
  const std::string key =
      fmt::format("{} {} {} {} {}", view.member->id, tau_now, tau, scores_label_, view.widgets.theme.dark);
  if (key == picture_key_ && picture_frame_ == view.member->frame && picture_now_ == now &&
      picture_proposed_ == proposed.attention)
    return;
  picture_key_ = key;
  picture_now_ = now;
  picture_proposed_ = proposed.attention;
  picture_frame_ = view.member->frame;

  // What a head computes now are scores: other inputs have the example only.
  const auto input = attention::variant(proposed.attention.variant).row_input;
  const bool scores = input == attention::RowInput::Scores &&
                      attention::variant(now.variant).row_input == attention::RowInput::Scores;
  score_rows_ = scores ? current_scores(*view.member, tau_now) : std::vector<ScoreRow>{};
  score_rows_.push_back(example_scores(sqrt_dk, input));
  auto row = std::ranges::find(score_rows_, scores_label_, &ScoreRow::label);
  if (row == score_rows_.end()) row = score_rows_.begin();
  const std::size_t keys = row->scores.size();

  const auto weights =
      attention::row_weights(proposed.attention.variant, row->scores, {tau, sqrt_dk, proposed.attention});
  const auto jacobian =
      attention::row_jacobian(proposed.attention.variant, row->scores, {tau, sqrt_dk, proposed.attention});
  picture_.norm = attention::norm(jacobian);
  const auto row_now = scores ? *row : example_scores(sqrt_dk, attention::variant(now.variant).row_input);
  picture_.norm_now =
      attention::norm(attention::row_jacobian(now.variant, row_now.scores, {tau_now, sqrt_dk, now}));

  widgets::HeatMap map;
  map.rows = map.columns = static_cast<int>(keys);
  map.values.assign(jacobian.begin(), jacobian.end());
  map.map = widgets::ColorMap::Balance;
  map.range = widgets::symmetric_range(map.values);
  map.x_label = "score j";
  map.y_label = "weight i";
  map.finish();
  picture_.jacobian = std::move(map);

  widgets::Histogram bars;
  bars.title = "weights a";
  bars.x_title = "key";
  bars.x_numbers = widgets::NumberStyle::Steps;
  bars.range = {0.5, static_cast<double>(keys) + 0.5};
  bars.shares = weights;
  bars.color = view.widgets.theme.accent;
  // Not all variants' weights lie between 0 and 1.
  if (std::ranges::all_of(weights, [](double a) { return a >= 0 && a <= 1; })) bars.top = 1;
  picture_.weights = std::move(bars);
}

void AttentionControl::picture(const View& view, const Settings& proposed) {
  update_picture(view, proposed);
  std::vector<std::string> labels;
  for (const ScoreRow& row : score_rows_) labels.push_back(row.label);
  int selected = static_cast<int>(std::ranges::find(labels, scores_label_) - labels.begin());
  if (selected == static_cast<int>(labels.size())) selected = 0;

  ImGui::Spacing();
  ImGui::AlignTextToFramePadding();
  dim_text(view, "Seen on");
  ImGui::SameLine();
  if (const auto chosen = combo(view, "jacobian-scores", labels, selected, ImGui::GetContentRegionAvail().x))
    scores_label_ = labels[static_cast<std::size_t>(*chosen)];
  widgets::help(view.widgets, "The scores that the picture below is made from: an example, or what this head "
                              "computes now (first query, first probed sample; plain softmax only).");

  const float width = ImGui::GetContentRegionAvail().x;
  const float side = std::min(width * 0.5f, em() * 8);
  const ImVec2 start = ImGui::GetCursorPos();
  widgets::interactive_heat_map(view.widgets, "jacobian", picture_.jacobian, {side, side});
  ImGui::SetCursorPos({start.x + side + em() * 0.3f, start.y});
  widgets::show_histogram(view.widgets, "row-weights", picture_.weights, {width - side - em() * 0.3f, side});
  ImGui::SetCursorPos({start.x, start.y + side});
  ImGui::Dummy({0, 0});
  const bool same = proposed_.empty();
  mono_text(view, same ? fmt::format("|∂a/∂l| = {}", widgets::format_value(picture_.norm))
                       : fmt::format("|∂a/∂l| = {}  (now {})", widgets::format_value(picture_.norm),
                                     widgets::format_value(picture_.norm_now)));
  widgets::help(
      view.widgets,
      {.title = "How much gradient the attention lets through",
       .text = "Frobenius norm of the Jacobian of one row of weights by its scores. Small on uniform rows "
               "and on one-hot rows: then queries and keys hardly learn.",
       .formula = "J_ij = ∂a_i/∂l_j;  softmax: J = (diag(a) - a aᵀ) / τ",
       .source = {},
       .shortcut = {}});
}

void AttentionControl::buttons(const View& view) {
  const bool possible =
      view.live && training::can_intervene(view.snapshot.state) && view.following && !proposed_.empty();
  const char* hint = !view.live          ? "This is a recording: continue its training to switch."
                     : !view.following   ? "Switching happens at the newest step: go back to live first."
                     : proposed_.empty() ? "Choose another attention or temperature above first."
                                         : nullptr;
  ImGui::Spacing();
  const float width = ImGui::GetContentRegionAvail().x;
  const float between = ImGui::GetStyle().ItemSpacing.x;
  const float narrow = proposed_.empty() ? 0 : em() * 4.2f;
  ImGui::BeginDisabled(!possible);
  const float first = width - (narrow > 0 ? narrow + between : 0);
  if (possible ? primary_button(view, "switch-now", "Switch now", first)
               : button(view, "switch-now", "Switch now", first))
    view.ask(SwitchAttention{false});
  ImGui::EndDisabled();
  widgets::help(view.widgets,
                {.title = "Switch now",
                 .text = hint ? hint : "Before the next step, with weights and optimizer state kept.",
                 .formula = {},
                 .source = {},
                 .shortcut = "S"});
  if (narrow > 0) {
    ImGui::SameLine();
    if (button(view, "reset-attention", "Reset", narrow)) proposed_.clear();
    widgets::help(view.widgets, "Back to the attention in force.");
  }
  ImGui::BeginDisabled(!possible);
  if (button(view, "switch-and-keep-twin", "Switch and keep a twin", width)) view.ask(SwitchAttention{true});
  ImGui::EndDisabled();
  widgets::help(
      view.widgets,
      {.title = "Switch and keep a twin",
       .text = hint ? hint
                    : "A copy goes on with the attention as it was, on the same batches: the control "
                      "of the experiment.",
       .formula = {},
       .source = {},
       .shortcut = "T"});
}

} // namespace plateau::window
