#include "app/window/lab_tab.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include <fmt/format.h>
#include <imgui.h>

#include "app/window/elements.h"
#include "app/window/plots.h"
#include "widgets/bar_editor.h"
#include "widgets/interactive_map.h"

namespace plateau::window {
namespace {

using attention::RowInput;

constexpr double score_limit = 8, value_limit = 6; // of what can be dragged

double share_below(const std::vector<double>& weights, double limit) {
  return double(std::ranges::count_if(weights, [&](double a) { return a < limit; })) / double(weights.size());
}

widgets::Curve curve(const char* label, widgets::Color color, std::vector<widgets::CurvePoint> points,
                     widgets::Dash dash = widgets::Dash::Solid) {
  widgets::Curve result;
  result.label = label;
  result.color = color;
  result.dash = dash;
  result.data = widgets::CurveData::of(std::move(points));
  return result;
}

std::vector<widgets::CurvePoint> by_key(const std::vector<double>& numbers) {
  std::vector<widgets::CurvePoint> points;
  for (std::size_t i = 0; i < numbers.size(); ++i) points.push_back({double(i + 1), numbers[i]});
  return points;
}

widgets::Histogram bars(const char* title, const std::vector<double>& numbers, widgets::Color color) {
  widgets::Histogram result;
  result.title = title;
  result.x_title = "key";
  result.x_numbers = widgets::NumberStyle::Steps;
  result.y_numbers = widgets::NumberStyle::Plain;
  result.range = {0.5, double(numbers.size()) + 0.5};
  result.shares = numbers;
  result.color = color;
  return result;
}

/// Two plots side by side in a small window, three in a large one.
PlotGrid three_across(int count) {
  const float third = ImGui::GetContentRegionAvail().x / 3 - em();
  return plot_grid(count, std::max(third, em() * 11), em() * 8);
}

const char* input_title(RowInput input) {
  switch (input) {
  case RowInput::Cosines:
    return "cosines c (drag)";
  case RowInput::Similarities:
    return "similarities s (drag)";
  case RowInput::Scores:
    break;
  }
  return "scores l (drag)";
}

} // namespace

LabTab::LabTab() {
  draw_anew();
}

widgets::Range LabTab::score_range() const {
  switch (attention::variant(settings_.variant).row_input) {
  case RowInput::Cosines:
    return {-1, 1};
  case RowInput::Similarities:
    return {0, score_limit};
  case RowInput::Scores:
    break;
  }
  return {-score_limit, score_limit};
}

void LabTab::draw_anew() {
  std::mt19937 dice(seed_);
  std::normal_distribution<double> normal;
  const auto count = static_cast<std::size_t>(tokens_);
  const auto range = score_range();
  scores_.resize(count);
  values_.resize(count);
  const double rest = std::sqrt(1 - double(correlation_) * correlation_);
  for (std::size_t i = 0; i < count; ++i) {
    const double z = normal(dice), own = normal(dice);
    const double score = range.high <= 1  ? std::tanh(z * score_spread_ / 2)
                         : range.low >= 0 ? std::exp(z * score_spread_ / 2)
                                          : z * score_spread_;
    scores_[i] = std::clamp(score, range.low, range.high);
    values_[i] = std::clamp((correlation_ * z + rest * own) * value_spread_, -value_limit, value_limit);
  }
  stale_ = true;
}

bool LabTab::slider(const View& view, const char* id, const char* label, float& value, float low, float high,
                    const char* format, bool logarithmic) {
  const float width = ImGui::GetContentRegionAvail().x, label_width = width * 0.47f;
  const float left = ImGui::GetCursorPosX();
  ImGui::AlignTextToFramePadding();
  ImGui::BeginGroup();
  fitted_text(view, label, label_width - em() * 0.4f, view.widgets.theme.text);
  ImGui::EndGroup();
  ImGui::SameLine(left + label_width);
  ImGui::SetNextItemWidth(width - label_width);
  ImGui::PushID(id);
  const bool moved =
      ImGui::SliderFloat("##slider", &value, low, high, format,
                         ImGuiSliderFlags_AlwaysClamp | (logarithmic ? ImGuiSliderFlags_Logarithmic : 0));
  ImGui::PopID();
  mark(view, id);
  return moved;
}

void LabTab::draw(const View& view) {
  static const std::vector<std::string> modes = {"One row", "Two tokens"};
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float column = std::clamp(space.x * 0.3f, em() * 15, em() * 22), gap = em() * 0.6f;
  if (dark_ != view.widgets.theme.dark) {
    dark_ = view.widgets.theme.dark;
    stale_ = true;
  }
  if (ImGui::BeginChild("lab-controls", {column, space.y})) {
    const LowControls low;
    if (segmented(view, "lab-mode", modes, mode_)) stale_ = true;
    if (mode_ == 0)
      row_controls(view);
    else
      race_controls(view);
  }
  ImGui::EndChild();
  ImGui::SameLine(0, gap);
  ImGui::BeginGroup();
  if (mode_ == 0)
    row_plots(view);
  else
    race_plots(view);
  ImGui::EndGroup();
}

void LabTab::row_controls(const View& view) {
  std::vector<std::string> titles;
  int selected = 0;
  for (const auto& info : attention::variants()) {
    if (info.name == settings_.variant) selected = static_cast<int>(titles.size());
    titles.push_back(info.title);
  }
  if (const auto chosen = combo(view, "lab-variant", titles, selected, ImGui::GetContentRegionAvail().x)) {
    const auto input = attention::variant(settings_.variant).row_input;
    settings_.variant = attention::variants()[static_cast<std::size_t>(*chosen)].name;
    stale_ = true;
    if (attention::variant(settings_.variant).row_input != input) draw_anew(); // other units
  }
  const auto& info = attention::variant(settings_.variant);
  wrapped_text(view, info.formula, view.widgets.theme.dim_text);
  if (info.row_scores != attention::VariantInfo().row_scores)
    wrapped_text(view, "Here: " + info.row_scores + ".", view.widgets.theme.dim_text);
  widgets::help(view.widgets, {.title = info.title,
                               .text = info.description,
                               .formula = info.formula,
                               .source = info.source,
                               .shortcut = {}});
  stale_ |= slider(view, "lab-temperature", "temperature", temperature_, 0.05f, 20, "%.2f", true);
  study::Settings shown;
  shown.attention = settings_;
  for (const auto& field : study::fields()) {
    if (std::ranges::find(info.fields, field.name) == info.fields.end()) continue;
    if (const auto value = editor_.draw(view, field, field.get(shown), false)) {
      field.put(shown, *value);
      settings_ = shown.attention;
      stale_ = true;
    }
  }
  const float before = tokens_;
  bool anew = slider(view, "lab-tokens", "tokens", tokens_, 2, 64, "%.0f");
  tokens_ = std::round(tokens_);
  anew = anew && tokens_ != before;
  anew |= slider(view, "lab-score-spread", "score spread", score_spread_, 0, 8, "%.1f");
  anew |= slider(view, "lab-value-spread", "value spread", value_spread_, 0, 8, "%.1f");
  anew |= slider(view, "lab-correlation", "correlation", correlation_, -1, 1, "%.2f");
  if (anew) draw_anew();
  if (button(view, "lab-anew", "Draw new numbers", ImGui::GetContentRegionAvail().x)) {
    ++seed_;
    draw_anew();
  }
  if (stale_) update_row(view);

  const auto& a = reading_.weights;
  mono_text(view, fmt::format("o = Σ a v       = {}", widgets::format_value(reading_.mean)));
  mono_text(view, reading_.has_laser
                      ? fmt::format("o = ln Σ a e^v  = {}", widgets::format_value(reading_.laser))
                      : std::string(info.takes_laser ? "LASER reads each map by itself"
                                                     : "LASER cannot read these weights"));
  mono_text(view, fmt::format("Σ a             = {}",
                              widgets::format_value(std::accumulate(a.begin(), a.end(), 0.0))));
  mono_text(view,
            fmt::format("|∂a/∂l|         = {}", widgets::format_value(attention::norm(reading_.jacobian))));
  mono_text(view, fmt::format("|∂o/∂l|         = {}",
                              widgets::format_value(attention::norm(reading_.mean_gradient))));
  if (reading_.has_laser)
    mono_text(view, fmt::format("|∂o/∂l| LASER   = {}",
                                widgets::format_value(attention::norm(reading_.laser_gradient))));
  mono_text(view, fmt::format("a < 1e-3: {:.0f} %  a < 1e-7: {:.0f} %", 100 * share_below(a, 1e-3),
                              100 * share_below(a, 1e-7)));
  wrapped_text(
      view,
      "For softmax, at temperature 1, the mean's gradient is a_j (v_j − o), LASER's p_j − a_j with p = "
      "softmax(l + v): posterior minus prior.",
      view.widgets.theme.dim_text);
  view.readings["lab-output"] = widgets::format_value(reading_.mean);
  view.readings["lab-laser"] = reading_.has_laser ? widgets::format_value(reading_.laser) : "none";
}

void LabTab::update_row(const View& view) {
  stale_ = false;
  const auto& theme = view.widgets.theme;
  const auto& info = attention::variant(settings_.variant);
  reading_ = attention::read_row(settings_.variant, scores_, values_, {temperature_, 1, settings_});
  score_bars_ = bars(input_title(info.row_input), scores_, theme.accent);
  score_bars_.y_range = score_range();
  value_bars_ = bars("values v (drag)", values_, theme.members[1]);
  value_bars_.y_range = widgets::Range{-value_limit, value_limit};
  weight_bars_ = bars("weights a", reading_.weights, theme.members[2]);
  if (std::ranges::all_of(reading_.weights, [](double a) { return a >= 0 && a <= 1; })) weight_bars_.top = 1;

  jacobian_ = {};
  jacobian_.title = "Jacobian ∂a_i/∂l_j";
  jacobian_.rows = jacobian_.columns = static_cast<int>(scores_.size());
  jacobian_.values.assign(reading_.jacobian.begin(), reading_.jacobian.end());
  jacobian_.map = widgets::ColorMap::Balance;
  jacobian_.range = widgets::symmetric_range(jacobian_.values);
  jacobian_.x_label = "score j";
  jacobian_.y_label = "weight i";
  jacobian_.finish();

  gradient_ = {};
  gradient_.title = "gradient ∂o/∂l_j";
  gradient_.x.title = "key";
  gradient_.x.range = widgets::Range{0.5, double(scores_.size()) + 0.5};
  gradient_.legend = widgets::LegendPlace::Above;
  gradient_.curves.push_back(curve("mean", theme.accent, by_key(reading_.mean_gradient)));
  gradient_.curves.back().markers = true;
  if (reading_.has_laser) {
    gradient_.curves.push_back(
        curve("LASER", theme.members[3], by_key(reading_.laser_gradient), widgets::Dash::Dashed));
    gradient_.curves.back().markers = true;
  }
}

void LabTab::row_plots(const View& view) {
  const PlotScope scope("lab-row");
  const PlotGrid grid = three_across(5);
  int next = 0;
  const auto place = [&] {
    if (next++ % grid.columns) ImGui::SameLine();
  };
  const auto edit = [&](const char* id, const widgets::Histogram& shown, std::vector<double>& numbers) {
    place();
    if (const auto edited = widgets::edit_bars(view.widgets, id, shown, grid.each)) {
      numbers[static_cast<std::size_t>(edited->bar)] = edited->value;
      stale_ = true;
    }
  };
  edit("lab-scores", score_bars_, scores_);
  edit("lab-values", value_bars_, values_);
  place();
  widgets::show_histogram(view.widgets, "lab-weights", weight_bars_, grid.each);
  place();
  widgets::interactive_heat_map(view.widgets, "lab-jacobian", jacobian_, grid.each);
  place();
  widgets::interactive_plot(view.widgets, "lab-gradient", gradient_, gradient_view_, grid.each);
}

void LabTab::race_controls(const View& view) {
  static const std::vector<std::string> targets = {"higher value", "lower value"};
  wrapped_text(view,
               "Two tokens, values v and 0, scores apart by s. How fast does attention turn to the token it "
               "should read?",
               view.widgets.theme.dim_text);
  stale_ |= slider(view, "lab-difference", "difference v", difference_, 0.1f, 12, "%.1f");
  stale_ |= slider(view, "lab-start", "starting s", start_, -12, 12, "%.1f");
  dim_text(view, "should read the");
  if (segmented(view, "lab-target", targets, target_)) {
    start_ = target_ == 0 ? -std::abs(start_) : std::abs(start_); // from the wrong token, or there is no race
    stale_ = true;
  }
  if (stale_) update_race(view);
  const auto steps = [](const attention::EscapeRace& race) {
    if (race.taken == 0) return std::string("there from the start");
    return (race.arrived ? "" : "more than ") + widgets::format_step(double(race.taken)) + " steps";
  };
  mono_text(view, "softmax: " + steps(plain_race_));
  mono_text(view, "LASER:   " + steps(laser_race_));
  if (plain_race_.arrived && laser_race_.arrived && laser_race_.taken > 0)
    mono_text(view, fmt::format("ratio:   {:.2f}", double(plain_race_.taken) / double(laser_race_.taken)));
  wrapped_text(view,
               "LASER is ahead where attention must find a higher value, and behind where it must let go of "
               "one: its gradient is σ(s + v) − σ(s), the mean's v σ(s) σ(−s).",
               view.widgets.theme.dim_text);
  view.readings["lab-race"] = steps(plain_race_) + " / " + steps(laser_race_);
}

void LabTab::update_race(const View& view) {
  stale_ = false;
  const auto& theme = view.widgets.theme;
  plain_race_ = attention::escape_race(false, start_, difference_, target_ == 0);
  laser_race_ = attention::escape_race(true, start_, difference_, target_ == 0);

  slopes_ = {};
  slopes_.title = "gradient ∂o/∂s";
  slopes_.x = {.title = "s", .numbers = widgets::NumberStyle::Plain, .range = widgets::Range{-16, 16}};
  std::vector<widgets::CurvePoint> plain, laser;
  for (double s = -16; s <= 16; s += 0.125) {
    plain.push_back({s, attention::two_token_slope(s, difference_)});
    laser.push_back({s, attention::two_token_laser_slope(s, difference_)});
  }
  slopes_.curves = {
      curve("softmax: v σ(s) σ(−s)", theme.accent, std::move(plain)),
      curve("LASER: σ(s + v) − σ(s)", theme.members[3], std::move(laser), widgets::Dash::Dashed)};
  slopes_.marks = {{.x = start_, .color = theme.dim_text, .label = "start"}};

  errors_ = {};
  errors_.title = "escape race: |o − target| / v";
  errors_.x = {.title = "step + 1", .kind = widgets::ScaleKind::Log, .numbers = widgets::NumberStyle::Steps};
  errors_.y.at_least = widgets::Range{0, 1};
  const auto points = [](const attention::EscapeRace& race) {
    std::vector<widgets::CurvePoint> list;
    for (std::size_t i = 0; i < race.steps.size(); ++i) list.push_back({race.steps[i] + 1, race.errors[i]});
    return list;
  };
  errors_.curves = {curve("softmax", theme.accent, points(plain_race_)),
                    curve("LASER", theme.members[3], points(laser_race_), widgets::Dash::Dashed)};
  errors_.guides = {{.y = 0.1, .label = "10 %", .kind = {}}};
}

void LabTab::race_plots(const View& view) {
  const PlotScope scope("lab-race");
  const PlotGrid grid = three_across(2);
  widgets::interactive_plot(view.widgets, "lab-slopes", slopes_, slopes_view_, grid.each);
  if (grid.columns > 1) ImGui::SameLine();
  widgets::interactive_plot(view.widgets, "lab-errors", errors_, errors_view_, grid.each);
}

} // namespace plateau::window
