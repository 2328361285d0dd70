#include "app/commands/run.h"

#include <chrono>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "app/commands/run_reporter.h"
#include "app/terminal/interrupt.h"
#include "engine/errors.h"
#include "engine/recording/reader.h"
#include "engine/training/trainer.h"

namespace plateau::commands {
namespace fs = std::filesystem;

using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

training::TrainerOptions options_for(const RunArguments& arguments) {
  training::TrainerOptions options;
  options.start_paused = true; // so that no step is missed before the first look
  options.device = arguments.device;
  options.threads = arguments.threads;
  if (arguments.resume.empty()) {
    if (!arguments.study_named)
      throw InputError(
          "plateau run: name a study, for example: plateau run eureka (plateau list studies names all)");
    options.study = chosen_study(arguments.study);
    options.recording = arguments.out.empty() ? new_recording_path(fs::current_path(), options.study.name)
                                              : fs::path(arguments.out);
    return options;
  }

  if (!arguments.out.empty() || !arguments.study.assignments.empty() || !arguments.study.seeds.empty())
    throw InputError(
        "--resume goes on with the recording's own study: --out, --set and --seeds do not apply");
  options.resume = true;
  options.recording = arguments.resume;
  options.steps = arguments.study.steps;
  options.study = recording::Reader(options.recording).study();
  if (arguments.study_named) {
    const std::string named = study::load_study(arguments.study.study).name;
    if (named != options.study.name)
      throw InputError(fmt::format("{}: this is a recording of '{}', not of '{}'", arguments.resume,
                                   options.study.name, named));
  }
  return options;
}

} // namespace

fs::path new_recording_path(const fs::path& folder, const std::string& study_name) {
  fs::path path = folder / (study_name + ".plateau");
  for (int copy = 2; fs::exists(path); ++copy) path = folder / fmt::format("{}-{}.plateau", study_name, copy);
  return path;
}

RunResult run_study(const RunArguments& arguments) {
  const training::TrainerOptions options = options_for(arguments);
  const auto reporter = make_reporter(arguments.json);
  terminal::catch_interrupts();

  training::Trainer trainer(options);
  std::size_t events_told = 0;
  std::optional<Clock::time_point> start; // of the training proper
  std::int64_t first_step = 0;
  bool stopping = false;
  const auto tell = [&](const training::Snapshot& snapshot) {
    if (!start && snapshot.state == training::State::Paused) {
      events_told = options.resume ? snapshot.events.size() : 0; // what is recorded was told before
      reporter->started(snapshot);
      first_step = snapshot.step;
      start = Clock::now();
      trainer.post(training::Resume{});
    }
    for (; start && events_told < snapshot.events.size(); ++events_told)
      reporter->happened(snapshot, snapshot.events[events_told]);
    reporter->progressed(snapshot);
  };

  for (;;) {
    const auto snapshot = trainer.latest();
    tell(*snapshot);
    if (training::is_over(snapshot->state)) break;
    if (terminal::interrupted() && !stopping) {
      trainer.post(training::Stop{});
      stopping = true;
      break;
    }
    std::this_thread::sleep_for(start ? 50ms : 5ms);
  }
  trainer.wait();

  const auto snapshot = trainer.latest();
  // Missing data show only when the task is made, on the trainer's thread.
  if (snapshot->state == training::State::Failed && snapshot->bad_input) throw InputError(snapshot->error);
  tell(*snapshot);
  const double seconds = start ? std::chrono::duration<double>(Clock::now() - *start).count() : 0;
  const RunSummary summary = summarize(*snapshot, seconds, snapshot->step - first_step, stopping);
  reporter->finished(summary);
  if (summary.status == "failed") throw RunError(snapshot->error);
  return {summary.status == "interrupted" ? terminal::interrupted_exit_code : 0, options.recording};
}

int run_command(const RunArguments& arguments) {
  return run_study(arguments).exit_code;
}

} // namespace plateau::commands
