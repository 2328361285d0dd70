// What a model of modular arithmetic has found, at one step: its embedding's frequencies, the spectrum of its
// features, where its last token looks, its logits (grokking.md 1.6, 4.4). Built from plain snapshots.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/figures/options.h"
#include "widgets/bar_chart.h"
#include "widgets/heat_map.h"
#include "widgets/histogram.h"
#include "widgets/line_plot.h"
#include "widgets/scatter.h"

namespace plateau::figures {

/// A member with its arrays at the step that is shown.
struct MemberArrays {
  const training::MemberView* member = nullptr;
  std::shared_ptr<const training::TensorFrame> frame;
};
/// Of the chosen members, as the snapshot has them.
std::vector<MemberArrays> chosen_arrays(const training::Snapshot& snapshot, const PlotOptions& options);

/// Share of the embedding's power at each frequency, the five strongest set apart.
widgets::Histogram embedding_spectrum(const training::MemberView& member, const PlotOptions& options);
/// The strongest frequencies, strongest first, at most `count`; empty without a spectrum.
std::vector<std::int64_t> strongest_frequencies(const training::MemberView& member, std::size_t count = 5);

/// The tokens' embeddings along cosine and sine of the strongest frequency k, joined in the order in which a
/// perfect circle has them and coloured by their place k·j mod n on it.
widgets::Scatter embedding_circle(const training::MemberView& member, const PlotOptions& options);

/// Eigenvalues of the features, descending, on logarithmic axes.
widgets::LinePlot feature_spectrum(const std::vector<MemberArrays>& arrays, const PlotOptions& options);

/// Mean attention of the last token to a, b and =, one group of bars per head.
widgets::BarChart operand_attention(const training::MemberView& member, const PlotOptions& options);

/// The right class's logit for each pair: rows a, columns b. Pairs that do not exist are blank.
widgets::HeatMap correct_logit(const training::MemberView& member, const PlotOptions& options);
/// The same with its colour bar.
widgets::HeatMapGrid correct_logit_grid(const training::MemberView& member, const PlotOptions& options);
/// a ∘ b mod p for the member's task; empty where there is no such pair (division by 0).
std::optional<std::int64_t> result_of(const study::TaskSettings& task, std::int64_t a, std::int64_t b);
/// Mean logit of class c by its distance c − a ∘ b from the right one.
widgets::LinePlot diagonal_profile(const std::vector<MemberArrays>& arrays, const PlotOptions& options);

/// Training and test loss, or accuracy, with marks where a member has memorised and where it generalises.
widgets::LinePlot grokking_loss_plot(const training::Snapshot& snapshot, const PlotOptions& options);
widgets::LinePlot grokking_accuracy_plot(const training::Snapshot& snapshot, const PlotOptions& options);

} // namespace plateau::figures
