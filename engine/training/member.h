// Internal: one member of a run: its learner, its curves, its detector. One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/analysis/detector.h"
#include "engine/recording/writer.h"
#include "engine/training/learner.h"
#include "engine/training/snapshot.h"

namespace plateau::training {

class Member {
public:
  Member(MemberView view, std::unique_ptr<Learner> learner);

  /// A member that goes on from `state` at `step` (at most this member's step) with this member's past.
  std::unique_ptr<Member> fork(MemberView identity, std::int64_t step,
                               std::unique_ptr<Learner> learner) const;

  /// Trains up to `target`, then evaluates and probes if that step is due. `planned_steps`: the study's end.
  void advance(std::int64_t target, std::int64_t planned_steps);
  // The parts of it, for a cohort that trains several members' learners at once.
  Learner::StepMeasures measures(std::int64_t step,
                                 std::int64_t planned_steps) const; // of the update to `step`
  void add_step_output(std::int64_t step);
  /// The learner was trained up to `target`.
  void arrive(std::int64_t target, std::int64_t planned_steps);
  /// Evaluates and probes what is due at the current step.
  void observe(std::int64_t planned_steps);
  /// Curvature and noise of the untrained model, if they are due and not yet there. Left out of observe(), so
  /// that a window shows the run before they have been measured.
  void observe_start(std::int64_t planned_steps);
  /// The gradient noise where the member stands, due or not; nothing where it is known already.
  void measure_noise(std::int64_t planned_steps);

  bool running() const { return view_.training; }
  void set_running(bool running) { view_.training = running; }
  /// Sets live fields. Where the attention changes: the validation loss just before and after, in words.
  std::string apply(const std::vector<study::Assignment>& changes, std::int64_t planned_steps);

  const MemberView& view() const { return view_; }
  Learner& learner() { return *learner_; }

  recording::MemberRecord record() const;
  recording::Checkpoint checkpoint(recording::Keep keep) const;

  // What arose since the last call, for the recording and the window.
  std::vector<recording::Sample> take_samples();
  std::vector<std::shared_ptr<const TensorFrame>> take_frames();
  std::vector<Event> take_events();
  StepTimes take_times();
  std::int64_t take_trained_steps();

  /// Used when a run is taken up again: the curves as they were recorded.
  void restore_detector();

private:
  void add(const std::string& metric, std::int64_t step, double value);
  void add(probes::Output output);
  /// Where training.halt_after says so; the member stood at step `before` until now.
  void halt_if_done(std::int64_t before);
  void detect(double validation_loss, double accuracy);
  /// What the detector is told of `step`, the evaluation before having been at `before`.
  analysis::Evaluation evaluation(std::int64_t before, std::int64_t step, double validation_loss,
                                  double accuracy) const;
  /// Mean of a per-step curve over the steps after `begin`, up to `end`.
  double mean_between(const std::string& metric, std::int64_t begin, std::int64_t end) const;

  MemberView view_;
  std::unique_ptr<Learner> learner_;
  analysis::Detector detector_;
  std::vector<recording::Sample> samples_;
  std::vector<std::shared_ptr<const TensorFrame>> frames_;
  std::vector<Event> events_;
  StepTimes times_;
  std::int64_t trained_steps_ = 0;
};

/// The next step after `step` at which something is evaluated, probed or checkpointed.
std::int64_t next_stop(const study::Settings& settings, std::int64_t step);

} // namespace plateau::training
