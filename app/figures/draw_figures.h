// How each figure of the catalogue is drawn; internal to app/figures.
#pragma once

#include <vector>

#include "app/figures/catalogue.h"
#include "widgets/line_plot.h"

namespace plateau::figures {

using Draw = void(widgets::Canvas& canvas, const widgets::Rect& outer, const training::Snapshot& snapshot,
                  const PlotOptions& options, const widgets::PlotStyle& style);

Draw draw_loss, draw_accuracy, draw_attention, draw_class_token, draw_saturation, draw_saturation_histogram,
    draw_components, draw_gradients, draw_gradient_means, draw_weights, draw_schedules, draw_summary,
    draw_gradient_noise, draw_condition_number, draw_smoothness, draw_gradient_smoothness,
    draw_linear_matrices, draw_values, draw_gradient_descent, draw_embedding_spectrum, draw_circle,
    draw_feature_spectrum, draw_effective_rank, draw_attention_entropy, draw_circuit_loss, draw_correct_logit,
    draw_grokking, draw_in_context_positions, draw_in_context_scores, draw_component_scores, draw_head_scores,
    draw_difference;

/// Plots in a grid of `columns`, their axes lined up, one legend above for all.
void draw_plots(widgets::Canvas& canvas, const widgets::Rect& outer, std::vector<widgets::LinePlot> plots,
                int columns, const widgets::PlotStyle& style);
/// The same options with a title above each plot.
PlotOptions with_title(PlotOptions options);

} // namespace plateau::figures
