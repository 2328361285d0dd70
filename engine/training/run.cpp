#include "engine/training/run.h"

#include <algorithm>
#include <thread>

#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/training/device.h"
#include "engine/training/select_device.h"

namespace plateau::training {
using recording::Keep;

namespace {

int thread_count(const TrainerOptions& options) {
  if (options.threads > 0) return options.threads;
  return std::max(1, int(std::thread::hardware_concurrency()));
}

} // namespace

Run::Run(const TrainerOptions& options)
    : study_(std::make_shared<study::Study>(options.study)), device_(select_device(options.device)),
      pool_(thread_count(options)), uses_cohorts_(options.cohorts.value_or(!device_.is_cpu())),
      records_graphs_(options.graphs), path_(options.recording) {
  std::unique_ptr<recording::Reader> reader;
  if (options.resume) {
    reader = std::make_unique<recording::Reader>(path_);
    study_ = std::make_shared<study::Study>(reader->study());
  }
  device_name_ =
      device_.is_cpu() ? "CPU, " + std::to_string(pool_.threads()) + " threads" : devices().at(1).description;
  const auto& settings = study_->settings;
  task_info_ = std::make_shared<TaskInfo>(
      data_of(settings, study_->members.front().seed)
          .task->info(settings.probes.map_samples, settings.training.label_smoothing));
  if (reader)
    resume(*reader, options.steps);
  else
    start();
}

std::unique_ptr<Learner> Run::make_learner(const study::Settings& settings, std::int64_t seed) {
  return std::make_unique<Learner>(settings, seed, data_of(settings, seed), device_, pool_);
}

const TaskData& Run::data_of(const study::Settings& settings, std::int64_t seed) {
  seed = task_seed(settings, seed);
  for (const auto& known : tasks_)
    if (known->settings == settings.task && known->seed == seed) return *known;
  tasks_.push_back(std::make_unique<TaskData>(settings.task, seed, device_));
  return *tasks_.back();
}

void Run::start() {
  if (!path_.empty()) {
    writer_ = recording::Writer::create(path_, *study_);
    writer_->set_task(*task_info_);
    writer_->set_planned_steps(planned_steps());
    writer_->set_summary("libtorch", torch_version());
    writer_->set_summary("device", device_.is_cpu() ? "CPU" : "CUDA");
  }
  scripted_ = study_->interventions;
  for (const auto& spec : study_->members) {
    MemberView view;
    view.id = int(members_.size());
    view.name = spec.name;
    view.seed = spec.seed;
    add_member(
        std::make_unique<Member>(std::move(view), make_learner(settings_of(*study_, spec), spec.seed)));
  }
  pool_.run(int(members_.size()), [this](int i) { members_[i]->observe(planned_steps()); });
  collect();
  carry_out_scripted();
  checkpoint(running(), Keep::Pinned);
}

void Run::resume(const recording::Reader& reader, const std::optional<std::int64_t>& steps) {
  const auto stored = reader.checkpoints();
  std::int64_t last = -1;
  for (const auto& checkpoint : stored)
    if (checkpoint.training) last = std::max(last, checkpoint.step);
  if (last < 0) throw InputError(path_.string() + ": holds no checkpoint to resume from");
  const auto snapshot = reader.snapshot();
  for (const auto& view : snapshot->members) {
    // The latest state at or before `last`; a member born later is born again when its intervention is due.
    const recording::Checkpoint* latest = nullptr;
    for (const auto& checkpoint : stored)
      if (checkpoint.member == view.id && checkpoint.step <= last &&
          (!latest || checkpoint.step > latest->step))
        latest = &checkpoint;
    if (!latest || view.forked_at > last) continue;
    const auto full = reader.checkpoint(view.id, latest->step);
    auto learner = make_learner(full->settings, view.seed);
    learner->load(unpack(full->state));
    MemberView restored = view;
    restored.id = int(members_.size());
    restored.step = full->step;
    restored.training = full->training;
    for (auto& [metric, series] : restored.series) series = series.fork(lower_bound(series, full->step + 1));
    std::size_t frames = 0;
    while (frames < view.histograms.size() && view.histograms[frames]->step <= full->step) ++frames;
    restored.histograms = view.histograms.fork(frames);
    members_.push_back(std::make_unique<Member>(std::move(restored), std::move(learner)));
    members_.back()->restore_detector();
  }
  for (const auto& checkpoint : stored)
    if (checkpoint.step <= last)
      checkpoints_[checkpoint.step][checkpoint.member] = {checkpoint.keep, checkpoint.bytes};
  for (const auto& event : snapshot->events)
    if (event.step <= last) events_.push_back(event);

  // What was changed after the checkpoint is carried out again at its step, then what the study still
  // scripts.
  for (const auto& done : snapshot->interventions)
    (done.step <= last ? interventions_ : scripted_).push_back(done);
  for (const auto& planned : study_->interventions) {
    const auto same = [&](const study::Intervention& done) {
      return done.kind == planned.kind && done.step == planned.step && done.member == planned.member &&
             done.changes == planned.changes && done.keep_twin == planned.keep_twin &&
             done.from_step == planned.from_step;
    };
    if (std::none_of(snapshot->interventions.begin(), snapshot->interventions.end(), same))
      scripted_.push_back(planned);
  }
  if (std::none_of(scripted_.begin(), scripted_.end(), study::goes_back_in_time))
    std::stable_sort(scripted_.begin(), scripted_.end(),
                     [](const auto& a, const auto& b) { return a.step < b.step; });
  // Changes of the whole study, such as its length, live in the study's own settings.
  auto shared = study_->settings;
  for (const auto& done : interventions_)
    for (const auto& change : done.changes)
      if (!study::field(change.field).per_member) study::set(shared, change);
  change_shared(shared);

  writer_ = recording::Writer::resume(path_, last);
  writer_->set_summary("finished", "");
  if (steps && *steps != planned_steps()) {
    study::Intervention extend;
    extend.changes = {{"training.steps", *steps}};
    intervene(extend);
  }
}

void Run::change_shared(const study::Settings& settings) {
  auto changed = std::make_shared<study::Study>(*study_);
  changed->settings = settings;
  study_ = std::move(changed);
}

std::vector<Member*> Run::running() const {
  std::vector<Member*> list;
  for (const auto& member : members_)
    if (member->running()) list.push_back(member.get());
  return list;
}

bool Run::finished() const {
  return std::none_of(members_.begin(), members_.end(), [this](const auto& member) {
    return member->running() && member->view().step < planned_steps();
  });
}

std::int64_t Run::step() const {
  std::int64_t furthest = 0;
  for (const auto& member : members_) furthest = std::max(furthest, member->view().step);
  return furthest;
}

std::int64_t Run::trained_steps() const {
  return trained_steps_;
}

Cohort& Run::cohort_of(const std::vector<Member*>& members) {
  std::vector<Learner*> learners;
  for (Member* member : members) learners.push_back(&member->learner());
  for (const auto& cohort : cohorts_)
    if (cohort->learners() == learners) return *cohort;
  // Its members leave the cohorts that they were in before.
  std::erase_if(cohorts_, [&](const auto& cohort) {
    return std::any_of(learners.begin(), learners.end(), [&](const Learner* learner) {
      return std::find(cohort->learners().begin(), cohort->learners().end(), learner) !=
             cohort->learners().end();
    });
  });
  cohorts_.push_back(std::make_unique<Cohort>(std::move(learners), device_, pool_, records_graphs_));
  return *cohorts_.back();
}

void Run::train(const std::vector<Member*>& members, std::int64_t target) {
  std::vector<std::vector<Member*>> groups;
  std::vector<Member*> alone;
  for (Member* member : members) {
    if (!uses_cohorts_ || !Cohort::can_join(member->learner())) {
      alone.push_back(member);
      continue;
    }
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& others) {
      return Cohort::can_join(others.front()->learner(), member->learner());
    });
    if (group == groups.end())
      groups.push_back({member});
    else
      group->push_back(member);
  }
  for (const auto& group : groups) {
    auto& cohort = cohort_of(group);
    for (std::int64_t step = group.front()->view().step; step < target; ++step) {
      std::vector<Member*> measured;
      for (Member* member : group)
        if (member->measures(step + 1, planned_steps()).gradients) measured.push_back(member);
      cohort.train_step(step, planned_steps(), !measured.empty());
      for (Member* member : measured) member->add_step_output(step + 1);
    }
    cohort.hand_out_step_metrics();
    pool_.run(int(group.size()), [&](int i) { group[i]->arrive(target, planned_steps()); });
  }
  pool_.run(int(alone.size()), [&](int i) { alone[i]->advance(target, planned_steps()); });
}

std::int64_t Run::advance(std::int64_t steps) {
  auto group = running();
  std::int64_t slowest = planned_steps();
  for (const Member* member : group) slowest = std::min(slowest, member->view().step);
  if (group.empty() || slowest >= planned_steps()) return 0;

  std::int64_t target = std::min(slowest + steps, planned_steps());
  for (const Member* member : group) target = std::min(target, next_stop(member->view().settings, slowest));
  std::vector<Member*> behind;
  for (Member* member : group) {
    if (member->view().step == slowest)
      behind.push_back(member);
    else
      target = std::min(target, member->view().step); // join those who are ahead
  }
  if (!scripted_.empty() && scripted_.front().step > slowest)
    target = std::min(target, scripted_.front().step);
  for (const auto& later : scripted_)
    if (study::goes_back_in_time(later) && later.from_step > slowest)
      target = std::min(target, later.from_step);

  if (slowest == 0)
    pool_.run(int(behind.size()), [&](int i) { behind[std::size_t(i)]->observe_start(planned_steps()); });
  train(behind, target);
  const bool found_event = collect();
  // One that was halted as it was done, or diverged, keeps its last state: nothing of it is trained twice.
  for (Member* member : behind)
    if (!member->running()) checkpoint({member}, Keep::Pinned);
  carry_out_scripted();
  const auto& training = study_->settings.training;
  // An event is found by an evaluation, so at a step that does not depend on how fast the machine is.
  const bool at_event = found_event && training.checkpoint_at_events;
  const bool pinned = target == planned_steps() || is_origin(target);
  if (pinned || at_event || target % training.checkpoint_every == 0) {
    std::vector<Member*> arrived;
    for (Member* member : running())
      if (member->view().step == target) arrived.push_back(member);
    checkpoint(arrived, pinned ? Keep::Pinned : at_event ? Keep::AtEvent : Keep::Loose);
    prune_checkpoints();
  }
  return target - slowest;
}

bool Run::collect() {
  bool found_event = false;
  if (const auto failure = writer_ ? writer_->failure() : std::nullopt) throw RunError(*failure);
  for (const auto& member : members_) {
    trained_steps_ += member->take_trained_steps();
    auto samples = member->take_samples();
    const auto frames = member->take_frames();
    if (writer_) {
      if (!samples.empty()) writer_->add_samples(std::move(samples));
      for (const auto& frame : frames) writer_->add_frame(member->view().id, frame);
    }
    for (const auto& event : member->take_events()) {
      found_event = found_event || event.kind != Event::Kind::Note;
      add_event(event);
    }
  }
  return found_event;
}

void Run::add_event(const Event& event) {
  // A member that catches up after a resume finds again what it had found.
  if (std::find(events_.begin(), events_.end(), event) != events_.end()) return;
  events_.push_back(event);
  if (writer_) writer_->add_event(event);
}

void Run::checkpoint(const std::vector<Member*>& members, Keep keep) {
  for (const Member* member : members) {
    auto& kept = checkpoints_[member->view().step][member->view().id];
    kept.keep = longer(kept.keep, keep);
    if (!writer_) continue;
    auto state = member->checkpoint(kept.keep);
    kept.bytes = state.bytes;
    writer_->add_checkpoint(std::move(state));
  }
}

void Run::measure_noise(const std::string& member) {
  const auto subjects = member.empty() ? running() : std::vector<Member*>{&member_named(member)};
  pool_.run(int(subjects.size()), [&](int i) { subjects[std::size_t(i)]->measure_noise(planned_steps()); });
  collect();
}

void Run::checkpoint_now() {
  for (Member* member : running())
    if (!checkpoints_[member->view().step].contains(member->view().id)) checkpoint({member}, Keep::Loose);
}

void Run::prune_checkpoints() {
  std::map<Keep, std::vector<std::int64_t>> steps; // a step stays for as long as any member's state there
  for (const auto& [step, members] : checkpoints_) {
    auto keep = Keep::Loose;
    for (const auto& [id, kept] : members) keep = longer(keep, kept.keep);
    steps[keep].push_back(step);
  }
  const auto most = std::size_t(study_->settings.training.keep_checkpoints);
  for (const auto keep : {Keep::Loose, Keep::AtEvent})
    for (std::size_t i = 0; i + most < steps[keep].size(); ++i) {
      checkpoints_.erase(steps[keep][i]);
      if (writer_) writer_->remove_checkpoints(steps[keep][i]);
    }
}

bool Run::is_origin(std::int64_t step) const {
  return std::any_of(scripted_.begin(), scripted_.end(), [&](const auto& later) {
    return study::goes_back_in_time(later) && later.from_step == step;
  });
}

bool Run::can_rewind_to(std::int64_t step) const {
  const auto& stored = checkpoints_.at(step);
  bool any = false;
  for (const Member* member : running()) {
    if (member->view().forked_at > step) continue; // it ends when the others go back to before it was born
    if (!stored.contains(member->view().id)) return false;
    any = true;
  }
  return any;
}

void Run::set_finished(bool finished) {
  if (writer_) writer_->set_summary("finished", finished ? "true" : "");
}

void Run::flush() {
  if (writer_) writer_->flush();
}

StepTimes Run::take_times() {
  StepTimes sum;
  for (const auto& member : members_) sum += member->take_times();
  for (const auto& cohort : cohorts_) sum += cohort->take_times();
  return sum;
}

void Run::fill(Snapshot& snapshot) const {
  snapshot.study = study_;
  snapshot.task = task_info_;
  snapshot.device = device_name_;
  snapshot.recording = path_.string();
  snapshot.step = step();
  snapshot.planned_steps = planned_steps();
  for (const auto& member : members_) snapshot.members.push_back(member->view());
  snapshot.kept.steps = std::ssize(checkpoints_);
  for (const auto& [step, members] : checkpoints_)
    for (const auto& [id, kept] : members) {
      // Of a member that a resumed run has not met again yet, the state is there already.
      if (id < int(members_.size())) snapshot.members[std::size_t(id)].checkpoints.push_back(step);
      ++snapshot.kept.states;
      snapshot.kept.bytes += kept.bytes;
    }
  snapshot.events = events_;
  for (const auto& [step, members] : checkpoints_)
    if (can_rewind_to(step)) snapshot.checkpoints.push_back(step);
  snapshot.interventions = interventions_;
}

} // namespace plateau::training
