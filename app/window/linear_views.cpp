#include "app/window/linear_views.h"

#include <algorithm>

#include <fmt/format.h>
#include <imgui.h>

#include "app/figures/tensors.h"
#include "app/window/averages.h"
#include "app/window/elements.h"
#include "app/window/plots.h"
#include "app/window/tab_parts.h"
#include "widgets/interactive_map.h"

namespace plateau::window {

void MatricesView::draw(const View& view) {
  const training::MemberView& m = *view.member;
  ImGui::AlignTextToFramePadding();
  fitted_text(view, m.name + ": below each matrix its distance from a multiple c·I of the unit matrix",
              ImGui::GetContentRegionAvail().x - em() * 2, view.widgets.theme.dim_text);
  probe_help(view, "linear");
  const auto matrices = figures::tensor(m, "linear/matrices");
  if (!matrices) {
    const bool linear = m.settings.model.kind == "linear-transformer";
    empty_state(view, linear ? "No matrices recorded here" : m.name + " has no P and Q",
                linear ? "Set probes.weights_every above 0, or move the playhead to a later step."
                       : "Select a linear transformer in the table of members.");
    return;
  }
  const std::string key = fmt::format("{} {} {}", m.id, view.step, view.widgets.theme.dark);
  if (key != key_ || matrices != matrices_) {
    key_ = key;
    matrices_ = matrices;
    figures::PlotOptions options = view.member_plot_options();
    options.step = view.step;
    grid_ = figures::linear_matrices(m, options);
  }
  const ImVec2 space = ImGui::GetContentRegionAvail();
  const float gap = em() * 0.6f;
  figures::PlotOptions options = view.member_plot_options();
  options.title = true;
  const auto distances = figures::matrix_distance_plot(m, options);
  const bool two = !distances.curves.empty() && space.x > em() * 30;
  const float width = two ? space.x * 0.6f : space.x;
  widgets::interactive_grid(view.widgets, "linear-matrices", grid_, {width, space.y});
  if (!two) return;
  ImGui::SameLine(0, gap);
  draw_plot(view, "matrix-distances", distances, distances_, {space.x - width - gap, space.y});
}

void DescentView::draw(const View& view) {
  figures::PlotOptions options = view.plot_options();
  options.average = average_of(view, average_);
  if (!average_buttons(view, "descent-average", average_)) {
    ImGui::AlignTextToFramePadding();
    dim_text(view, "mean");
  }
  seed_bands_.box(view, "descent-seed-bands");
  seed_bands_.set(options);
  ImGui::SameLine(0, em() * 0.8f);
  ImGui::AlignTextToFramePadding();
  fitted_text(view, average_meaning(options.average), ImGui::GetContentRegionAvail().x,
              view.widgets.theme.dim_text);
  const ImVec2 space = ImGui::GetContentRegionAvail();
  draw_plot(view, "gradient-descent", figures::gradient_descent_plot(view.snapshot, options), plot_,
            {space.x, space.y});
}

} // namespace plateau::window
