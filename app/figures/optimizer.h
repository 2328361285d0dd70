// What the optimizer meets: gradient noise, curvature, and what a linear transformer makes of its matrices
// (Ahn et al. 2024). Built from plain snapshots.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/figures/options.h"
#include "widgets/heat_map.h"
#include "widgets/histogram.h"
#include "widgets/line_plot.h"
#include "widgets/scatter.h"

namespace plateau::figures {

// --- gradient noise: |g_k - g| of single batches' gradients g_k (gradient_noise.cpp)

/// In numbers, as measured last at or before a step.
struct NoiseNumbers {
  std::int64_t step = 0;
  std::int64_t draws = 0; // of the arrays at hand; 0: none
  double skew = 0, kurtosis = 0, median = 0, p99 = 0;
};
std::optional<NoiseNumbers> noise_numbers(const training::MemberView& member,
                                          std::optional<std::int64_t> step);
/// Density with that of the fitted normal distribution.
widgets::Histogram noise_histogram(const training::MemberView& member, const PlotOptions& options);
/// Quantiles of the errors against those of the fitted normal distribution, with the diagonal.
widgets::Scatter noise_quantiles(const training::MemberView& member, const PlotOptions& options);

// --- curvature (curvature.cpp)

/// max |H_ii| and median |H_ii|. `live`: without dead parameters, whose entry is exactly 0.
widgets::LinePlot curvature_plot(const training::Snapshot& snapshot, const PlotOptions& options, bool live);
/// Their ratio, the robust condition number.
widgets::LinePlot condition_plot(const training::Snapshot& snapshot, const PlotOptions& options, bool live);
/// |S_t| of the chosen members; rings where S_t < 0.
widgets::LinePlot smoothness_plot(const training::Snapshot& snapshot, const PlotOptions& options);
/// log S_t against log |∇f|, one point per step where both are known and S_t > 0, coloured by step, with the
/// correlations of the logarithms. Of more than `most` points evenly spaced ones are drawn.
widgets::Scatter gradient_smoothness(const training::MemberView& member, const PlotOptions& options,
                                     std::size_t most = 4000);
/// Gives plots that are compared the same axes.
void share_axes(std::vector<widgets::Scatter>& plots);

// --- the linear transformer (linear_transformer.cpp)

/// P_l above Q_l of each layer, below each its distance from a multiple of the unit matrix.
widgets::HeatMapGrid linear_matrices(const training::MemberView& member, const PlotOptions& options);
/// These distances over the steps: P solid, Q dashed.
widgets::LinePlot matrix_distance_plot(const training::MemberView& member, const PlotOptions& options);
/// Evaluation losses of the chosen members, and what as many steps of gradient descent reach.
widgets::LinePlot gradient_descent_plot(const training::Snapshot& snapshot, const PlotOptions& options);

/// "mean", "median", "trimmed mean (middle 90 %)"
std::string average_name(Average average);
/// "loss/validation", "loss/validation-median" or "loss/validation-trimmed".
std::string validation_metric(Average average);
/// Averages of the validation loss that any chosen member has; the mean always.
std::vector<Average> recorded_averages(const training::Snapshot& snapshot, const PlotOptions& options);
/// What L steps of (preconditioned) gradient descent reach, L being the members' depths, as labelled levels
/// of the sort of curves `kind`.
std::vector<widgets::HorizontalGuide> descent_levels(const training::Snapshot& snapshot,
                                                     const PlotOptions& options, const std::string& kind);

} // namespace plateau::figures
