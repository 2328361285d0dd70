// The ends of plateaus as a person corrects them in a plot.
#pragma once

#include <optional>

#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

/// The plateaus of the selected member can be dragged. Spans are those of figures::plateau_spans.
void make_movable(const View& view, widgets::LinePlot& plot);
/// After one was.
void correct_plateau(const View& view, const widgets::PlotInteraction::MovedSpan& moved);
/// The correction of the plateau that this span shows, of the selected member.
std::optional<recording::PlateauCorrection> correction_of(const View& view, const widgets::Span& span);
/// Back to the detector's ends.
void forget_correction(const View& view, const recording::PlateauCorrection& correction);

} // namespace plateau::window
