// The run that is open and what of it is shown: source, selected member, playhead. Carries out what panels
// ask.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "app/figures/seed_band.h"
#include "app/window/actions.h"
#include "app/window/annotation_keeper.h"
#include "app/window/overlay_run.h"
#include "app/window/run_source.h"
#include "app/window/view.h"
#include "engine/study/study.h"

namespace plateau::window {

struct SessionOptions {
  std::string device = "auto";
  int threads = 0;
  std::filesystem::path recordings; // folder for the recordings of live runs
  std::function<void()> wake;       // called from other threads when there is something new
};

class Session {
public:
  explicit Session(SessionOptions options) : options_(std::move(options)), annotations_(options_.wake) {}

  /// These throw InputError and then leave what was open as it was.
  void start(const study::Study& study);
  void replay(const std::filesystem::path& recording);
  /// A recording, a study file or the name of a shipped study.
  void open(const std::string& name_or_path);
  /// A recording with others beside it; with `train` its training goes on from the last checkpoint.
  void reopen(const std::filesystem::path& recording, const std::vector<std::filesystem::path>& beside,
              bool train);
  /// Its members beside those of the run that is open. Throws InputError.
  void add_beside(const std::filesystem::path& recording);
  /// Shows another source, of `study`. For tests.
  void show(std::unique_ptr<RunSource> source, study::Study study);

  /// Carries out what concerns the run; false when `action` is not of that kind. Failures become message().
  bool perform(const Action& action);
  void post(training::Command command);
  void say(std::string message) { message_ = std::move(message); }

  /// Once per frame, before drawing: takes what is new, moves a playing replay on.
  void update(double now);
  /// Whether the picture changes without anything new from outside.
  bool animating() const { return replaying_; }

  /// Valid until the next update().
  View view(const ViewTools& tools) const;
  /// As the person wants it shown.
  const training::Snapshot& snapshot() const { return *snapshot_; }
  const recording::Annotations& annotations() const { return annotations_.now(); }
  bool is_live() const { return source_ && source_->is_live(); }
  std::int64_t step() const;
  bool playing() const;
  /// The file that is shown or recorded; empty before the first.
  const std::string& recording() const { return snapshot_->recording; }
  std::vector<std::filesystem::path> beside() const;

private:
  void replace(std::unique_ptr<RunSource> source, study::Study study, const std::filesystem::path& recording);
  void open_all(const std::vector<std::filesystem::path>& files); // the first; the others beside it
  void add_all_beside(const std::vector<std::filesystem::path>& recordings); // says which cannot be shown
  training::TrainerOptions trainer_options(study::Study study, std::filesystem::path recording) const;
  void start_live(study::Study study);
  void start_again(study::Study study); // with the same recordings beside it
  void toggle_play();
  void rewind_to(std::int64_t step);
  void branch(const BranchWith& wanted);
  BranchWith branch_here() const;
  void continue_training(std::int64_t further_steps);
  void restart_with(const RestartWith& request);
  void scrub_to(std::int64_t step);
  void scrub_by(int samples);
  void scrub_to_event(int direction);
  void advance_replay(double now);
  void follow_new_fork();
  std::size_t count_own_members() const; // without those of recordings beside
  void take_looks();
  void watch_beside();
  void take_away(const std::string& name);
  void flip(bool held);
  void undo();
  void redo();
  bool is_shown_beside(const std::string& shown) const; // the member with this name
  std::string recorded_name(const std::string& shown) const;
  void collect_stops();
  void choose_shown_member();
  std::shared_ptr<const training::TensorFrame> frame_of(int member) const;
  const training::MemberView* selected_member() const;
  std::int64_t last_step() const;

  SessionOptions options_;
  AnnotationKeeper annotations_;
  std::unique_ptr<OverlayRun> source_;
  study::Study study_; // as it was started: restarting forgets what was done to the run
  std::shared_ptr<const training::Snapshot> recorded_ = std::make_shared<training::Snapshot>();
  std::shared_ptr<const training::Snapshot> snapshot_ = recorded_; // with what the person has added
  std::string message_, dismissed_notice_;

  int selected_ = 0;
  std::optional<int> previous_;              // selected before
  std::optional<int> flipped_;               // stands in for the selected one while a key is held
  std::set<int> hidden_;                     // follows from the study and the annotations
  recording::Annotations looked_at_;         // of which snapshot_ and hidden_ are made
  bool task_is_beside_ = false;              // snapshot_ has the selected member's, from a recording beside
  bool began_ = false;                       // the first members were there
  int run_ = 0;                              // runs opened so far
  std::optional<std::int64_t> playhead_;     // empty: follows the newest step
  std::optional<std::size_t> fork_expected_; // the number of members when a fork was asked for

  bool replaying_ = false;
  double replay_speed_ = 1;
  double replay_position_ = 0; // in steps
  double last_update_ = 0;

  mutable figures::SeedBandCache seed_bands_;
  std::vector<std::int64_t> stops_;
  std::shared_ptr<const training::MemberView> shown_;
  std::shared_ptr<const training::Snapshot> shown_of_; // what shown_ was made from
  std::vector<std::jthread> retiring_;                 // a trainer may take a step's time to stop
};

/// `study` with seeds that none of its members has had.
study::Study with_new_seeds(study::Study study);

} // namespace plateau::window
