// Heat maps of a run: attention, and the histogram of attention probabilities over time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/figures/options.h"
#include "widgets/heat_map.h"
#include "widgets/histogram.h"

namespace plateau::figures {

/// What one map of the layers x heads grid shows.
enum class AttentionView {
  Matrix, // queries x keys
  Query,  // one query's row, laid out on the image's patches
};

struct AttentionOptions {
  AttentionView view = AttentionView::Matrix;
  int sample = -1; // index of the probed sample; -1: mean over the samples
  int query = 0;   // for AttentionView::Query: token index (0: the class token, if there is one)
  double gamma = 0.5;
  double maximum = 0; // probability of the strongest colour; 0: fitted to the maps, rounded up
};

/// Grid [layers, heads] of the member's latest (or scrubbed) frame, of one layer or head where `options` name
/// one. Empty cells and a text that says why
/// when the member has no attention maps.
widgets::HeatMapGrid attention_grid(const training::MemberView& member, const PlotOptions& options,
                                    const AttentionOptions& attention);
/// One map in large; `layer` and `head` are 0-based.
widgets::HeatMap attention_map(const training::MemberView& member, const PlotOptions& options,
                               const AttentionOptions& attention, int layer, int head);
/// "class token", "row 2, column 5", or "token 7" without a grid.
std::string token_name(const training::TokenLayout& tokens, int token);
/// Likewise; of a sequence with what stands there in this sample: `7: "e"`.
std::string token_name(const training::TokenLayout& tokens, int token, const training::TaskInfo* task,
                       int sample);
/// What stands at `position` of a sample, in print; empty when the task has no sequences.
std::string token_text(const training::TaskInfo& task, int sample, int position);

/// The task with the sequences that the member's maps belong to: those of its frame ("inputs/tokens",
/// "inputs/targets"), where members see different data; otherwise the snapshot's own.
std::shared_ptr<const training::TaskInfo> task_of(const training::Snapshot& snapshot,
                                                  const training::MemberView& member);

/// The probed samples' inputs, [samples]; empty when the task has none.
std::vector<widgets::ImagePtr> input_images(const training::TaskInfo& task);

/// log10 a over the steps, one per layer.
std::vector<widgets::HistogramHistory> saturation_histories(const training::Snapshot& snapshot,
                                                            const training::MemberView& member,
                                                            const PlotOptions& options);
/// The distribution of one layer (0-based) at the member's frame; no shares when there is none.
widgets::Histogram saturation_histogram(const training::MemberView& member, const PlotOptions& options,
                                        int layer);

} // namespace plateau::figures
