// How each figure of the catalogue is drawn; internal to app/figures.
#pragma once

#include "app/figures/catalogue.h"

namespace plateau::figures {

using Draw = void(widgets::Canvas& canvas, const widgets::Rect& outer, const training::Snapshot& snapshot,
                  const PlotOptions& options, const widgets::PlotStyle& style);

Draw draw_loss, draw_accuracy, draw_attention, draw_class_token, draw_saturation, draw_saturation_histogram,
    draw_components, draw_gradients, draw_gradient_means, draw_weights, draw_schedules, draw_summary;

} // namespace plateau::figures
