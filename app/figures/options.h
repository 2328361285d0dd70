// What can be chosen about a plot of a run, in the window and in a file alike.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/recording/annotations.h"
#include "engine/training/snapshot.h"
#include "widgets/axis.h"
#include "widgets/theme.h"

namespace plateau::figures {

/// Of the losses of single samples: which one number stands for them. The mean of a polynomial of high degree
/// hangs on a few samples.
enum class Average { Mean, Median, Trimmed };

/// What the band over seeds reaches from and to, around their median.
enum class BandEdges { MinMax, Quartiles };

class SeedBandCache;

struct PlotOptions {
  widgets::Theme theme = widgets::print_theme();
  /// Ids of the members that are drawn; empty: all.
  std::vector<int> members;
  /// Playhead, and the step whose arrays are shown; empty: the latest, no playhead.
  std::optional<std::int64_t> step;
  /// Curves of training batches: centred mean over this many steps; 0: raw. Negative: chosen by length.
  double smoothing = -1;
  /// Of the step axis and the value axis; empty: as the figure has it by nature.
  std::optional<widgets::ScaleKind> x_scale, y_scale;
  bool seed_bands = false; // members that differ in their seed alone: their median, with a band around it
  BandEdges band_edges = BandEdges::MinMax;
  SeedBandCache* kept_bands = nullptr;    // of frames before; null: bands are made anew
  bool events = true;                     // plateaus shaded, Eureka-moments and interventions marked
  std::vector<recording::Remark> remarks; // marked in plots over steps, those of the members drawn
  bool guides = true;
  bool legend = true;
  bool title = false;
  bool caption = true; // a figure of one member's arrays says whose they are and of which step
  /// Of the step axis, and of the y axis of curves; fitted where empty.
  std::optional<widgets::Range> x = {}, y = {};
  /// Kinds of curves that are left out: "train", "either target", ...
  std::set<std::string> without;
  int layer = 0, head = 0;         // 1-based; 0: all (figures that can show one)
  Average average = Average::Mean; // of the validation loss, where others than the mean are recorded
  std::optional<int> reference;    // differences: id of the member that is subtracted; empty: the first
};

/// The members that `options` asks for, in order.
std::vector<const training::MemberView*> chosen_members(const training::Snapshot& snapshot,
                                                        const PlotOptions& options);
/// The one member that a figure of a single member shows: the first chosen one that has what `tensor` names
/// (empty: any), else the first chosen one; null without members.
const training::MemberView* chosen_member(const training::Snapshot& snapshot, const PlotOptions& options,
                                          const std::string& tensor = {});

} // namespace plateau::figures
