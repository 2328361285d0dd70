#include "app/window/session.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/window/folders.h"
#include "app/window/going_back.h"
#include "app/window/live_run.h"
#include "app/window/replay_run.h"
#include "engine/errors.h"
#include "engine/recording/overview.h"
#include "engine/recording/reader.h"
#include "engine/study/fields.h"

namespace plateau::window {
namespace fs = std::filesystem;
using study::Intervention;
using training::State;

namespace {

template<class... Handlers> struct Overloaded : Handlers... { using Handlers::operator()...; };

} // namespace

study::Study with_new_seeds(study::Study study) {
  std::int64_t smallest = study.members.front().seed, largest = smallest;
  for (const auto& m : study.members) {
    smallest = std::min(smallest, m.seed);
    largest = std::max(largest, m.seed);
  }
  for (auto& m : study.members) m.seed += largest - smallest + 1;
  return study;
}

// --- opening

void Session::start(const study::Study& study) {
  start_live(study);
}

training::TrainerOptions Session::trainer_options(study::Study study, fs::path recording) const {
  training::TrainerOptions options;
  options.study = std::move(study);
  options.device = options_.device;
  options.threads = options_.threads;
  options.recording = std::move(recording);
  options.wake = options_.wake;
  return options;
}

void Session::start_live(study::Study study) {
  std::error_code error;
  fs::create_directories(options_.recordings, error);
  if (error)
    throw InputError(fmt::format("cannot create the folder for recordings {}: {}; set XDG_DATA_HOME to one "
                                 "that can be written",
                                 options_.recordings.string(), error.message()));
  const fs::path recording =
      new_recording_path(options_.recordings, study.name, std::chrono::system_clock::now());
  auto run = std::make_unique<LiveRun>(trainer_options(study, recording));
  replace(std::move(run), std::move(study), recording);
}

void Session::start_again(study::Study study) {
  const auto others = beside();
  start_live(std::move(study));
  add_all_beside(others);
}

std::vector<fs::path> Session::beside() const {
  return source_ ? source_->recordings() : std::vector<fs::path>{};
}

void Session::add_all_beside(const std::vector<fs::path>& recordings) {
  std::string missing;
  for (const fs::path& recording : recordings) try {
      add_beside(recording);
    } catch (const InputError& error) {
      spdlog::warn("{}", error.what());
      missing += fmt::format("{}{}", missing.empty() ? "" : "; ", error.what());
    }
  if (!missing.empty()) message_ = "not beside this run: " + missing;
}

void Session::add_beside(const fs::path& recording) {
  source_->add(recording, options_.wake);
}

void Session::take_away(const std::string& name) {
  // What it still reads is not waited for.
  if (auto taken = source_->take_away(name))
    retiring_.emplace_back([old = std::move(taken)]() mutable { old.reset(); });
  const auto is_there = [&](int id) {
    return std::ranges::find(source_->latest()->members, id, &training::MemberView::id) !=
           source_->latest()->members.end();
  };
  if (previous_ && !is_there(*previous_)) previous_.reset();
  if (!is_there(selected_)) selected_ = 0;
}

void Session::replay(const fs::path& recording) {
  auto run = std::make_unique<ReplayRun>(recording, options_.wake);
  study::Study study = *run->latest()->study;
  replace(std::move(run), std::move(study), recording);
}

void Session::open(const std::string& name_or_path) {
  const fs::path path = name_or_path;
  std::error_code ignored;
  if (recording::is_recording(path))
    replay(path);
  else if (path.extension() != ".toml" && path.has_parent_path() && fs::exists(path, ignored))
    throw InputError(fmt::format("'{}' is neither a recording (.plateau) nor a study (.toml)", name_or_path));
  else
    start(study::load_study(name_or_path));
}

void Session::open_all(const std::vector<fs::path>& files) {
  open(files.front().string());
  add_all_beside({files.begin() + 1, files.end()});
}

void Session::reopen(const fs::path& recording, const std::vector<fs::path>& beside, bool train) {
  if (train) {
    auto options = trainer_options(recording::Reader(recording).study(), recording);
    options.resume = true;
    study::Study study = options.study;
    auto run = std::make_unique<LiveRun>(std::move(options));
    replace(std::move(run), std::move(study), recording);
  } else {
    replay(recording);
  }
  add_all_beside(beside);
}

void Session::show(std::unique_ptr<RunSource> source, study::Study study) {
  replace(std::move(source), std::move(study), {});
}

void Session::replace(std::unique_ptr<RunSource> source, study::Study study, const fs::path& recording) {
  if (source_) {
    retiring_.emplace_back([old = std::move(source_)]() mutable { old.reset(); });
  }
  source_ = std::make_unique<OverlayRun>(std::move(source));
  study_ = std::move(study);
  recorded_ = source_->latest();
  annotations_.open(recording);
  ++run_;
  message_.clear();
  selected_ = 0;
  previous_.reset();
  flipped_.reset();
  began_ = false;
  playhead_.reset();
  fork_expected_.reset();
  replaying_ = false;
  seed_bands_ = {};
  stops_.clear();
  shown_.reset();
  shown_of_.reset();
  take_looks();
}

// --- what panels ask for

bool Session::perform(const Action& action) {
  const auto handled = Overloaded{
      [&](const TogglePlay&) { return toggle_play(), true; },
      [&](const StepOnce&) { return post(training::StepOnce{}), true; },
      [&](const Restart&) { return start_again(study_), true; },
      [&](const NewSeeds&) { return start_again(with_new_seeds(study_)), true; },
      [&](const RestartWith& a) { return restart_with(a), true; },
      [&](const RewindHere&) { return rewind_to(step()), true; },
      [&](const RewindTo& a) { return rewind_to(a.step), true; },
      [&](const BranchHere&) { return branch(branch_here()), true; },
      [&](const BranchWith& a) { return branch(a), true; },
      [&](const ContinueTraining& a) { return continue_training(a.further_steps), true; },
      [&](const Post& a) { return post(a.command), true; },
      [&](const Scrub& a) { return replaying_ = false, scrub_to(a.step), true; },
      [&](const ScrubBy& a) { return replaying_ = false, scrub_by(a.samples), true; },
      [&](const ScrubToEvent& a) { return replaying_ = false, scrub_to_event(a.direction), true; },
      [&](const ScrubToStart&) { return replaying_ = false, scrub_to(0), true; },
      [&](const ScrubToEnd&) { return replaying_ = false, scrub_to(last_step()), true; },
      [&](const GoLive&) { return replaying_ = false, playhead_.reset(), true; },
      [&](const ReplaySpeed& a) { return replay_speed_ = a.factor, true; },
      [&](const SelectMember& a) {
        if (a.id != selected_) previous_ = std::exchange(selected_, a.id);
        return true;
      },
      [&](const FlipMember& a) { return flip(a.held), true; },
      [&](const Annotate& a) { return annotations_.change(a.next, a.what), true; },
      [&](const Undo&) { return undo(), true; },
      [&](const Redo&) { return redo(), true; },
      [&](const OpenStudy& a) { return open(a.name_or_path), true; },
      [&](const OpenFile& a) { return open(a.path.string()), true; },
      [&](const OpenFiles& a) { return open_all(a.paths), true; },
      [&](const AddRecording& a) { return add_beside(a.path), true; },
      [&](const TakeAwayRecording& a) { return take_away(a.name), true; },
      [&](const Say& a) { return say(a.message), true; },
      [&](const DismissNotice&) {
        message_.clear();
        dismissed_notice_ = snapshot_->notice;
        return true;
      },
      [](const auto&) { return false; },
  };
  try {
    return std::visit(handled, action);
  } catch (const std::exception& error) {
    spdlog::warn("{}", error.what());
    message_ = error.what();
    return true;
  }
}

void Session::post(training::Command command) {
  if (!source_ || !source_->is_live()) {
    message_ = "this is a recording: choose 'Continue training' to change the run";
    return;
  }
  const auto meant = std::visit(Overloaded{[](const training::Intervene& c) { return c.what.member; },
                                           [](const training::MeasureNoise& c) { return c.member; },
                                           [](const auto&) { return std::string(); }},
                                command);
  if (is_shown_beside(meant)) {
    message_ = only_compared(meant);
    return;
  }
  // The trainer knows members by their recorded names.
  if (auto* change = std::get_if<training::Intervene>(&command))
    change->what.member = recorded_name(change->what.member);
  else if (auto* noise = std::get_if<training::MeasureNoise>(&command))
    noise->member = recorded_name(noise->member);
  source_->post(std::move(command));
}

bool Session::is_shown_beside(const std::string& shown) const {
  return std::ranges::any_of(snapshot_->members,
                             [&](const auto& m) { return is_beside(m.id) && m.name == shown; });
}

std::string Session::recorded_name(const std::string& shown) const {
  const auto member = std::ranges::find(snapshot_->members, shown, &training::MemberView::name);
  if (member == snapshot_->members.end()) return shown;
  const auto recorded = std::ranges::find(recorded_->members, member->id, &training::MemberView::id);
  return recorded == recorded_->members.end() ? shown : recorded->name;
}

void Session::undo() {
  const std::string what = annotations_.undo_text();
  say(annotations_.undo() ? "taken back: " + what : "nothing to take back");
}

void Session::redo() {
  const std::string what = annotations_.redo_text();
  say(annotations_.redo() ? "done again: " + what : "nothing to do again");
}

void Session::flip(bool held) {
  flipped_.reset();
  if (!held) return;
  const auto& members = snapshot_->members;
  const auto* now = selected_member();
  const auto is_pinned = [&](const training::MemberView& m) {
    const auto look = annotations_.now().looks.find(m.id);
    return look != annotations_.now().looks.end() && look->second.pinned && now && m.id != now->id;
  };
  auto other = std::ranges::find_if(members, is_pinned);
  if (other == members.end() && previous_ && *previous_ != selected_)
    other = std::ranges::find(members, *previous_, &training::MemberView::id);
  if (other == members.end())
    message_ = "nothing to compare with yet: pin a member, or select another one first";
  else
    flipped_ = other->id;
}

bool Session::playing() const {
  return replaying_ || (is_live() && snapshot_->state == State::Running);
}

void Session::toggle_play() {
  if (is_live()) {
    if (training::can_pause(snapshot_->state))
      post(training::Pause{});
    else if (training::can_resume(snapshot_->state))
      post(training::Resume{});
    // Where nothing is left to train, what was recorded is played.
    if (snapshot_->state != State::Finished) return;
  }
  replaying_ = !replaying_ && last_step() > 0;
  if (!replaying_) return;
  replay_position_ = static_cast<double>(step());
  if (step() >= last_step()) replay_position_ = 0;
  playhead_ = static_cast<std::int64_t>(replay_position_);
}

void Session::rewind_to(std::int64_t step) {
  if (auto why = rewind_obstacle(*snapshot_, is_live(), step); !why.empty()) throw InputError(why);
  Intervention rewind;
  rewind.kind = Intervention::Kind::Rewind;
  rewind.from_step = *checkpoint_before(snapshot_->checkpoints, step);
  fork_expected_ = count_own_members();
  post(training::Intervene{rewind});
  playhead_.reset();
}

BranchWith Session::branch_here() const {
  const auto* m = selected_member();
  if (auto why = branch_obstacle(*snapshot_, is_live(), m, step()); !why.empty()) throw InputError(why);
  return {m->id, *checkpoint_before(m->checkpoints, step()), {}, {}};
}

void Session::branch(const BranchWith& wanted) {
  const auto m = std::ranges::find(snapshot_->members, wanted.member, &training::MemberView::id);
  const auto* member = m == snapshot_->members.end() ? nullptr : &*m;
  if (auto why = branch_obstacle(*snapshot_, is_live(), member, wanted.step); !why.empty())
    throw InputError(why);
  Intervention branch;
  branch.kind = Intervention::Kind::Branch;
  branch.member = member->name;
  branch.from_step = wanted.step;
  branch.changes = wanted.changes;
  branch.new_name = wanted.name;
  selected_ = member->id;
  fork_expected_ = count_own_members();
  post(training::Intervene{branch});
  playhead_.reset();
}

void Session::continue_training(std::int64_t further_steps) {
  const std::string file = snapshot_->recording;
  if (file.empty()) throw InputError("nothing is recorded of this run, so it cannot be continued");
  std::error_code ignored;
  if (!fs::exists(file, ignored)) throw InputError(fmt::format("there is no recording '{}' any more", file));
  auto options = trainer_options(study_, file);
  options.resume = true;
  if (further_steps > 0) options.steps = snapshot_->planned_steps + further_steps;
  // The recording has one writer at a time. The run is over or was read from a file, so this does not wait.
  const auto others = beside();
  source_.reset();
  try {
    auto run = std::make_unique<LiveRun>(std::move(options));
    replace(std::move(run), study_, file);
  } catch (const std::exception&) {
    source_ = std::make_unique<OverlayRun>(std::make_unique<ReplayRun>(file, options_.wake));
    add_all_beside(others);
    throw;
  }
  add_all_beside(others);
}

void Session::restart_with(const RestartWith& request) {
  if (is_shown_beside(request.member)) throw InputError(only_compared(request.member));
  study::Study study = study_;
  const std::string name = recorded_name(request.member);
  for (const study::Assignment& change : request.changes) {
    const auto member = std::ranges::find(study.members, name, &study::MemberSpec::name);
    if (member == study.members.end()) {
      study::apply_assignment(study, change.field + "=" + study::to_string(change.value));
      continue;
    }
    std::erase_if(member->overrides, [&](const auto& old) { return old.field == change.field; });
    member->overrides.push_back(change);
  }
  for (const study::MemberSpec& m : study.members) study::validate(study::settings_of(study, m));
  start_again(std::move(study));
}

} // namespace plateau::window
