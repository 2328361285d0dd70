#include "engine/training/trainer.h"

#include <spdlog/spdlog.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "engine/errors.h"
#include "engine/stopwatch.h"
#include "engine/training/device.h"
#include "engine/training/run.h"
#include "engine/training/select_device.h"

namespace plateau::training {
namespace {

constexpr double chunk_milliseconds = 25;   // between two looks at the command queue
constexpr double publish_milliseconds = 33; // at least, between two snapshots
constexpr double rate_milliseconds = 500;   // over which rates are averaged

bool same_fields(const study::Intervention& a, const study::Intervention& b) {
  return a.member == b.member && a.changes.size() == b.changes.size() &&
         std::equal(a.changes.begin(), a.changes.end(), b.changes.begin(),
                    [](const auto& x, const auto& y) { return x.field == y.field; });
}

/// A plain change of settings, which a newer one of the same fields makes pointless.
const study::Intervention* plain_change(const Command& command) {
  const auto* intervene = std::get_if<Intervene>(&command);
  if (!intervene || intervene->what.kind != study::Intervention::Kind::Set || intervene->what.keep_twin)
    return nullptr;
  return &intervene->what;
}

void check(const TrainerOptions& options) {
  select_device(options.device);
  if (options.resume) {
    if (options.recording.empty()) throw InputError("--resume needs a recording");
    return;
  }
  if (options.study.members.empty())
    throw InputError(options.study.name + ": a study needs at least one member");
  for (const auto& member : options.study.members) study::settings_of(options.study, member);
  // What is recorded must read back; this also finds interventions that do not fit the study.
  study::parse_study(study::to_toml(options.study), options.study.name);
  if (!options.recording.empty() && std::filesystem::exists(options.recording))
    throw InputError(options.recording.string() +
                     ": exists already; choose another name, or go on with it through --resume");
}

} // namespace

class Trainer::Worker {
public:
  explicit Worker(TrainerOptions options) : options_(std::move(options)) {
    auto first = std::make_shared<Snapshot>();
    first->study = std::make_shared<const study::Study>(options_.study);
    first->planned_steps = options_.study.settings.training.steps;
    first->recording = options_.recording.string();
    latest_ = first;
    thread_ = std::thread([this] { body(); });
  }

  ~Worker() {
    post(Stop{});
    thread_.join();
  }

  void post(Command command) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto* change = plain_change(command))
        std::erase_if(commands_, [&](const Command& older) {
          const auto* before = plain_change(older);
          return before && same_fields(*before, *change);
        });
      commands_.push_back(std::move(command));
    }
    changed_.notify_all();
  }

  std::shared_ptr<const Snapshot> latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
  }

  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_ || is_over(latest_->state); });
  }

private:
  void body() {
    try {
      use_one_thread_here();
      Run run(options_);
      loop(run);
    } catch (const InputError& error) {
      fail(error.what(), error.what(), true);
    } catch (const c10::Error& error) {
      fail(error.what_without_backtrace(), error.what());
    } catch (const std::exception& error) {
      fail(error.what(), error.what());
    } catch (...) {
      fail("unknown error", "unknown error");
    }
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    if (options_.wake) options_.wake();
  }

  void loop(Run& run) {
    state_ = options_.start_paused ? State::Paused : State::Running;
    publish(run);
    std::int64_t chunk = 1;
    Stopwatch since_publication, since_rate;
    double unpublished = 0, rated = 0;
    while (true) {
      if (carry_out_commands(run)) publish(run);
      if (state_ == State::Stopping) break;
      const bool stepping = state_ == State::Paused && steps_wanted_ > 0;
      if (state_ != State::Running && !stepping) {
        wait_for_command();
        since_rate.lap();
        continue;
      }
      Stopwatch watch;
      const auto done = run.advance(stepping ? std::min(chunk, steps_wanted_) : chunk);
      const double milliseconds = std::max(watch.lap(), 1e-3);
      if (done > 0)
        chunk =
            std::clamp<std::int64_t>(std::int64_t(double(done) * chunk_milliseconds / milliseconds), 1, 1000);
      if (stepping) steps_wanted_ -= std::min(done, steps_wanted_);
      steps_since_rate_ += done;
      if ((rated += since_rate.lap()) >= rate_milliseconds) {
        measure_rates(run, rated);
        rated = 0;
      }
      if (done == 0 || run.finished()) {
        state_ = State::Finished;
        steps_wanted_ = 0;
        run.set_finished(true);
        run.flush();
        publish(run);
      } else if ((unpublished += since_publication.lap()) >= publish_milliseconds || stepping) {
        unpublished = 0;
        publish(run);
      }
    }
    publish(run); // Stopping
    run.checkpoint_now();
    run.flush();
    publish(run);
  }

  void wait_for_command() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !commands_.empty(); });
  }

  /// True if there were any.
  bool carry_out_commands(Run& run) {
    std::deque<Command> commands;
    {
      const std::lock_guard lock(mutex_);
      commands.swap(commands_);
    }
    for (auto& command : commands) {
      notice_.clear();
      if (std::holds_alternative<Stop>(command))
        state_ = State::Stopping;
      else if (std::holds_alternative<Pause>(command) && can_pause(state_))
        state_ = State::Paused;
      else if (std::holds_alternative<Resume>(command) && can_resume(state_))
        state_ = State::Running;
      else if (const auto* once = std::get_if<StepOnce>(&command); once && state_ == State::Paused)
        steps_wanted_ += once->count;
      else if (auto* intervene = std::get_if<Intervene>(&command)) {
        try {
          run.intervene(std::move(intervene->what));
        } catch (const InputError& error) {
          notice_ = error.what();
        }
        if (state_ == State::Finished && !run.finished()) {
          state_ = State::Running;
          run.set_finished(false);
        }
      } else if (const auto* noise = std::get_if<MeasureNoise>(&command)) {
        try {
          run.measure_noise(noise->member);
          run.flush();
        } catch (const InputError& error) {
          notice_ = error.what();
        }
      }
      if (state_ == State::Stopping) break;
    }
    return !commands.empty();
  }

  void measure_rates(Run& run, double milliseconds) {
    rate_ = double(steps_since_rate_) / milliseconds * 1000;
    const auto trained = run.trained_steps() - trained_at_rate_;
    // Evaluations and probes are rare: phases are averaged over some hundred steps, the older the less.
    constexpr double memory = 300; // steps of one member
    const double kept = std::exp(-double(trained) / memory);
    const auto added = run.take_times();
    recent_steps_ = recent_steps_ * kept + double(trained);
    for (const auto phase :
         {&StepTimes::data, &StepTimes::forward, &StepTimes::backward, &StepTimes::optimizer,
          &StepTimes::evaluation, &StepTimes::probes, &StepTimes::curvature}) {
      recent_times_.*phase = recent_times_.*phase * kept + added.*phase;
      times_.*phase = recent_steps_ > 0 ? recent_times_.*phase / recent_steps_ : 0;
    }
    trained_at_rate_ = run.trained_steps();
    steps_since_rate_ = 0;
  }

  void publish(const Run& run) {
    auto snapshot = std::make_shared<Snapshot>();
    run.fill(*snapshot);
    snapshot->state = state_;
    snapshot->notice = notice_;
    snapshot->steps_per_second = state_ == State::Running ? rate_ : 0;
    snapshot->times = times_;
    show(std::move(snapshot));
  }

  void show(std::shared_ptr<const Snapshot> snapshot) {
    {
      const std::lock_guard lock(mutex_);
      latest_ = std::move(snapshot);
    }
    changed_.notify_all();
    if (options_.wake) options_.wake();
  }

  void fail(const std::string& line, const std::string& details, bool bad_input = false) {
    spdlog::error("training failed: {}", details);
    auto snapshot = std::make_shared<Snapshot>(*latest());
    snapshot->state = State::Failed;
    snapshot->bad_input = bad_input;
    snapshot->error = line.substr(0, line.find('\n'));
    show(std::move(snapshot));
  }

  TrainerOptions options_;
  mutable std::mutex mutex_; // guards commands_, latest_, done_
  std::condition_variable changed_;
  std::deque<Command> commands_;
  std::shared_ptr<const Snapshot> latest_;
  bool done_ = false;

  // Of the training thread only.
  State state_ = State::Preparing;
  std::string notice_;
  std::int64_t steps_wanted_ = 0, steps_since_rate_ = 0, trained_at_rate_ = 0;
  double rate_ = 0;
  StepTimes times_;        // of one step of one member, in milliseconds
  StepTimes recent_times_; // sums over recent steps, and how many those are
  double recent_steps_ = 0;

  std::thread thread_;
};

Trainer::Trainer(TrainerOptions options) {
  check(options);
  worker_ = std::make_unique<Worker>(std::move(options));
}

Trainer::~Trainer() = default;

void Trainer::post(Command command) {
  worker_->post(std::move(command));
}
std::shared_ptr<const Snapshot> Trainer::latest() const {
  return worker_->latest();
}
void Trainer::wait() {
  worker_->wait();
}

} // namespace plateau::training
