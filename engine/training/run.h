// Internal: the members of a study, trained in lockstep, with interventions, checkpoints and the recording.
// Knows no thread but the pool it computes on: the trainer drives it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/parallel/worker_pool.h"
#include "engine/recording/reader.h"
#include "engine/recording/writer.h"
#include "engine/training/cohort.h"
#include "engine/training/member.h"
#include "engine/training/trainer.h"

namespace plateau::training {

class Run {
public:
  /// Loads the data and builds every member; with options.resume from the recording. Evaluates and
  /// checkpoints the untrained members. Throws InputError or RunError.
  explicit Run(const TrainerOptions& options);

  /// Trains the members that are furthest behind by at most `steps`, up to the next evaluation, checkpoint,
  /// scripted intervention or the end. Returns how many steps; 0 when there is nothing left to train.
  /// Throws RunError when the recording cannot be written.
  std::int64_t advance(std::int64_t steps);

  /// Carries out what a person asks for, at the current step. Throws InputError.
  void intervene(study::Intervention intervention);

  /// Measures the gradient noise of `member` (empty: of all that run) where it stands. Throws InputError.
  void measure_noise(const std::string& member);

  /// A checkpoint of every running member where it stands, unless there is one.
  void checkpoint_now();
  void set_finished(bool finished);
  /// Waits for the disk. Throws RunError.
  void flush();

  bool finished() const;              // no member has steps left
  std::int64_t step() const;          // of the member that is furthest
  std::int64_t trained_steps() const; // by all members since the start; for rates
  void fill(Snapshot& snapshot) const;
  StepTimes take_times(); // milliseconds of all members since the last call, not yet per step

private:
  Member& member_named(const std::string& name);
  std::vector<Member*> targets(const study::Intervention& intervention);
  std::vector<Member*> running() const;
  std::int64_t planned_steps() const { return study_->settings.training.steps; }

  void start();
  void resume(const recording::Reader& reader, const std::optional<std::int64_t>& steps);
  /// Trains members that stand at one step up to `target`, in cohorts where they can.
  void train(const std::vector<Member*>& members, std::int64_t target);
  Cohort& cohort_of(const std::vector<Member*>& members);
  Member& add_member(std::unique_ptr<Member> member);
  const TaskData& data_of(const study::Settings& settings, std::int64_t seed);
  std::unique_ptr<Learner> make_learner(const study::Settings& settings, std::int64_t seed);
  std::string unused_name(const std::string& wanted) const;

  // What there is to say about it beside its description.
  std::string set(study::Intervention& intervention);
  std::string branch(study::Intervention& intervention);
  void rewind(study::Intervention& intervention);
  void halt(study::Intervention& intervention, bool running);
  /// A fork of `parent` from its checkpoint at exactly `step`.
  Member& fork_from_checkpoint(const Member& parent, std::int64_t step, const std::string& name,
                               const std::vector<study::Assignment>& changes, std::string& effect);

  std::int64_t step_of(const study::Intervention& intervention) const; // where its subjects stand
  bool is_due(const study::Intervention& intervention) const;
  void carry_out(study::Intervention intervention);
  void carry_out_scripted();
  /// Hands on what arose since the last call; true if there was an event to remember the state at.
  bool collect();
  void checkpoint(const std::vector<Member*>& members, recording::Keep keep);
  void prune_checkpoints();
  bool can_rewind_to(std::int64_t step) const;
  /// Will a scripted intervention go back to `step`?
  bool is_origin(std::int64_t step) const;
  void add_event(const Event& event);

  void change_shared(const study::Settings& settings);

  std::shared_ptr<const study::Study> study_;    // shared with snapshots: replaced, never changed in place
  std::vector<std::unique_ptr<TaskData>> tasks_; // one per kind of task among the members
  std::shared_ptr<const TaskInfo> task_info_;
  torch::Device device_ = torch::kCPU;
  std::string device_name_;
  parallel::WorkerPool pool_;
  bool uses_cohorts_ = false, records_graphs_ = true;
  std::vector<std::unique_ptr<Member>> members_; // by id
  std::vector<std::unique_ptr<Cohort>> cohorts_; // of the members that train now
  std::filesystem::path path_;
  std::unique_ptr<recording::Writer> writer_;      // null: nothing is recorded
  std::vector<study::Intervention> scripted_;      // not yet carried out, by step
  std::vector<study::Intervention> interventions_; // carried out
  std::vector<Event> events_;
  struct Kept {
    recording::Keep keep = recording::Keep::Loose;
    std::int64_t bytes = 0;
  };
  std::map<std::int64_t, std::map<int, Kept>> checkpoints_; // by step and member
  std::int64_t trained_steps_ = 0;
};

} // namespace plateau::training
