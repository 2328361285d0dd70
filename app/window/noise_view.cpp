#include "app/window/noise_view.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/tensors.h"
#include "app/window/curvature_cost.h"
#include "app/window/elements.h"
#include "app/window/plots.h"
#include "app/window/tab_parts.h"
#include "widgets/axis.h"
#include "widgets/imgui_compat.h"
#include "widgets/interactive_map.h"
#include "widgets/interactive_scatter.h"

namespace plateau::window {
namespace {

constexpr double longest_measurement = 120; // seconds after which the button is free again

std::string number(double value) {
  if (!std::isfinite(value)) return "–";
  const double size = std::abs(value);
  return fmt::format("{:.{}f}", value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

} // namespace

void NoiseView::draw(const View& view) {
  const auto numbers = figures::noise_numbers(*view.member, view.step);
  tools(view, numbers);
  const bool any = std::ranges::any_of(view.snapshot.members, [&](const auto& m) {
    return view.is_visible(m.id) && figures::noise_numbers(m, view.step);
  });
  if (!numbers && !any) {
    empty_state(
        view, "No gradient noise measured",
        view.member->settings.probes.noise_every > 0
            ? "It comes with the first probed step."
            : "Set probes.noise_every above 0 to measure it at the start and then every so many steps, "
              "or press 'Resample here' while the run is live.");
    return;
  }
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float gap = em() * 0.6f;
  const bool beside_plots = space.x > em() * 34;
  const float width = beside_plots ? std::clamp(space.x * 0.38f, em() * 14, em() * 26) : space.x;
  if (beside_plots) {
    plots(view, {space.x - width - gap, space.y});
    ImGui::SameLine(0, gap);
    table(view, {width, space.y});
  } else {
    plots(view, {space.x, space.y * 0.65f});
    table(view, {space.x, ImGui::GetContentRegionAvail().y});
  }
}

void NoiseView::tools(const View& view, const std::optional<figures::NoiseNumbers>& numbers) {
  resample_button(view, numbers);
  probe_help(view, "noise");
  ImGui::SameLine(0, em() * 0.8f);
  if (!numbers) return end_row(view, "");
  std::string text = fmt::format("at step {}", widgets::format_step(double(numbers->step)));
  if (numbers->draws > 0)
    text += fmt::format(", {} batches drawn", widgets::format_step(double(numbers->draws)));
  end_row(view, text);
  view.readings["noise"] = fmt::format("step {}, skew {}", numbers->step, number(numbers->skew));
}

void NoiseView::resample_button(const View& view, const std::optional<figures::NoiseNumbers>& numbers) {
  const auto errors = figures::tensor(*view.member, "noise/errors");
  if (wanted_ &&
      (wanted_->member != view.member->id || wanted_->before != errors || ImGui::GetTime() > wanted_->until))
    wanted_.reset();
  const auto& settings = view.member->settings;
  const auto batch =
      settings.probes.noise_batch > 0 ? settings.probes.noise_batch : settings.training.batch_size;
  const std::string why_not =
      batch == 0        ? "Each step takes the whole training set: its gradient has no noise."
      : !view.live      ? "This is a recording: continue its training first."
      : !view.following ? "Noise is measured at the newest step: go back to live (L) first."
      : !training::can_intervene(view.snapshot.state) ? "The run is over or not yet prepared."
      : numbers && numbers->step == view.member->step ? "It was measured at this very step: train on first."
                                                      : "";
  ImGui::BeginDisabled(!why_not.empty() || wanted_);
  if (button(view, "resample-noise", wanted_ ? "Measuring…" : "Resample here", em() * 8)) {
    view.ask(Post{training::MeasureNoise{view.member->name}});
    wanted_ = Wanted{view.member->id, errors, ImGui::GetTime() + longest_measurement};
  }
  ImGui::EndDisabled();
  const std::string text =
      why_not.empty()
          ? fmt::format("Measures the noise of {} where it stands now, with {} batches of {}. Training waits "
                        "meanwhile and goes on as if nothing had happened.",
                        view.member->name, widgets::format_step(double(settings.probes.noise_draws)),
                        widgets::format_step(double(batch)))
          : why_not;
  widgets::help(view.widgets,
                {.title = "Resample here", .text = text, .formula = {}, .source = {}, .shortcut = {}});
}

void NoiseView::plots(const View& view, widgets::Size size) {
  const auto errors = figures::tensor(*view.member, "noise/errors");
  const std::string key = fmt::format("{} {}", view.member->id, view.widgets.theme.dark);
  if (key != key_ || errors != errors_) {
    key_ = key;
    errors_ = errors;
    const figures::PlotOptions options = view.member_plot_options();
    histogram_ = figures::noise_histogram(*view.member, options);
    quantiles_ = figures::noise_quantiles(*view.member, options);
    histogram_.title = "density";
    quantiles_.title = "quantiles";
  }
  if (!ImGui::BeginChild("noise-plots", widgets::to_imgui(size))) return ImGui::EndChild();
  if (!errors) {
    empty_state(
        view, view.member->name + " has none here",
        view.live && view.following
            ? "Resample here measures its noise where it stands now."
            : "Select another member, or move the playhead to a step at which its noise was measured.");
    return ImGui::EndChild();
  }
  const PlotGrid grid = plot_grid(2, em() * 9.5f, em() * 8);
  widgets::show_histogram(view.widgets, "noise-histogram", histogram_, grid.each);
  widgets::help(view.widgets,
                "How far the gradients of single batches lie from the mean gradient. The line is the normal "
                "distribution with the same mean and deviation: bars beyond its right end are a heavy tail.");
  if (grid.columns > 1) ImGui::SameLine();
  widgets::interactive_scatter(view.widgets, "noise-quantiles", quantiles_, grid.each);
  ImGui::EndChild();
}

void NoiseView::table(const View& view, widgets::Size size) {
  widgets::push_font(view.widgets.fonts.small);
  constexpr int flags = ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollY | ImGuiTableFlags_SizingStretchProp |
                        ImGuiTableFlags_NoSavedSettings | ImGuiTableFlags_BordersInnerV;
  ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {em() * 0.35f, em() * 0.2f});
  if (ImGui::BeginTable("noise-table", 4, flags, widgets::to_imgui(size))) {
    const int fixed = ImGuiTableColumnFlags_WidthFixed;
    ImGui::TableSetupScrollFreeze(0, 1);
    ImGui::TableSetupColumn("member", ImGuiTableColumnFlags_WidthStretch);
    for (const char* title : {"skew", "kurt.", "p99/p50"})
      ImGui::TableSetupColumn(title, fixed, ImGui::CalcTextSize(title).x + em() * 0.2f);
    ImGui::TableHeadersRow();
    for (const auto& m : view.snapshot.members) {
      const auto numbers = figures::noise_numbers(m, view.step);
      if (!view.is_visible(m.id) || !numbers) continue;
      ImGui::PushID(m.id);
      ImGui::TableNextRow();
      ImGui::TableNextColumn();
      if (ImGui::Selectable("##member", m.id == view.member->id, ImGuiSelectableFlags_SpanAllColumns))
        view.ask(SelectMember{m.id});
      mark(view, fmt::format("noise-of-{}", m.id));
      ImGui::SameLine(0, 0);
      widgets::color_dot(view.widgets,
                         widgets::member_color(view.widgets.theme, static_cast<std::size_t>(m.id)));
      ImGui::SameLine(0, em() * 0.4f);
      fitted_text(view, m.name, ImGui::GetContentRegionAvail().x, view.widgets.theme.text);
      for (const double value : {numbers->skew, numbers->kurtosis, numbers->p99 / numbers->median}) {
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(number(value).c_str());
      }
      ImGui::PopID();
    }
    ImGui::EndTable();
  }
  ImGui::PopStyleVar();
  ImGui::PopFont();
}

} // namespace plateau::window
