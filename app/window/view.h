// What panels are given to draw: plain data of one moment, and the look.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/figures/options.h"
#include "app/window/actions.h"
#include "app/window/offer.h"
#include "engine/recording/annotations.h"
#include "engine/training/snapshot.h"
#include "widgets/context.h"

namespace plateau::window {

/// The menu that a right click in a plot has opened, and what was under the mouse.
struct PlotMenu {
  std::string plot; // its id
  std::int64_t step = 0;
  std::optional<recording::Remark> remark;
  std::optional<recording::PlateauCorrection> plateau; // a corrected one of the selected member
};

/// What all plots over steps share.
struct SharedPlots {
  /// The step under the mouse: drawn as the plot under the mouse said in the frame before.
  std::optional<double> cursor = {}, next_cursor = {};
  /// While `linked`, the steps that are shown and their scale; empty: all, as each plot has it by nature.
  bool linked = true;
  std::optional<widgets::Range> range = {};
  std::optional<widgets::ScaleKind> scale = {};
  int run = 0; // that they belong to
  PlotMenu menu = {};
  void end_frame() { cursor = std::exchange(next_cursor, std::nullopt); }
};

/// What is the same for every frame.
struct ViewTools {
  widgets::Context& widgets;
  SharedPlots& plots;
  /// Texts that scripts can check, by name.
  std::map<std::string, std::string>& readings;
  std::string_view wanted_item; // brought into sight, for scripts
  /// What the person asks for; carried out after the frame.
  Actions& actions;
};

struct View : ViewTools {
  View(const ViewTools& tools, const training::Snapshot& of, const std::set<int>& not_drawn,
       const recording::Annotations& added)
      : ViewTools(tools), snapshot(of), hidden(not_drawn), annotations(added) {}

  const training::Snapshot& snapshot; // as the person wants it shown
  const std::set<int>& hidden;        // members not drawn
  const recording::Annotations& annotations;
  const training::Snapshot* recorded = nullptr; // with removed members and under the names as recorded
  std::vector<std::string> beside;              // names of recordings whose members are shown, too
  figures::SeedBandCache* seed_bands = nullptr; // those of frames before
  bool flipped = false;                         // `member` stands in for the selected one
  int run = 0;                                  // another number for each run that is opened
  /// The selected member with its arrays at `step`; null while there is none (Preparing).
  const training::MemberView* member = nullptr;
  /// The arrays at `step` of any member; null while there are none, or they are still being read.
  std::function<std::shared_ptr<const training::TensorFrame>(int member)> frame_of;
  /// Likewise at any step; as long as `is_reading` these, an earlier answer.
  std::function<std::shared_ptr<const training::TensorFrame>(int member, std::int64_t step)> frame_at;
  std::function<bool(int member, std::int64_t step)> is_reading;
  std::int64_t step = 0;      // the step that panels show
  std::int64_t last_step = 0; // the newest recorded
  bool following = true;      // `step` follows the newest
  bool live = false;          // a trainer is behind it
  bool playing = false;       // trains, or a replay moves
  double replay_speed = 1;
  std::span<const std::int64_t> stops; // recorded steps of the selected member, ascending
  std::string message;                 // one line for the person: what could not be done, and why
  const Offer* offer = nullptr;        // what was open before and can be opened again

  void ask(Action action) const { actions.push_back(std::move(action)); }
  bool is_visible(int member) const { return !hidden.contains(member); }
  /// Ids of the members that are drawn.
  std::vector<int> visible_members() const;
  /// For the plots of all visible members, with the playhead unless it is at the newest step.
  figures::PlotOptions plot_options() const;
  /// Likewise, of the selected member alone.
  figures::PlotOptions member_plot_options() const;
};

/// The curve's value at the last point at or before `step`.
std::optional<double> value_at(const training::MemberView& member, const std::string& metric,
                               std::int64_t step);
/// The step of the member's last Eureka-moment at or before `step`; where memorising and generalising are
/// told apart, the step at which it generalises.
std::optional<std::int64_t> jump_step(const training::Snapshot& snapshot, int member, std::int64_t step);
/// The step at which it had memorised its training set, likewise.
std::optional<std::int64_t> memorisation_step(const training::Snapshot& snapshot, int member,
                                              std::int64_t step);
} // namespace plateau::window
