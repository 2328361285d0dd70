#include "engine/training/member.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "engine/optim/schedules.h"
#include "engine/stopwatch.h"
#include "engine/study/fields.h"

namespace plateau::training {
namespace {

bool due(std::int64_t step, std::int64_t every, std::int64_t last) {
  return every > 0 && (step % every == 0 || step == last);
}

Event::Kind event_kind(analysis::Detection::Kind kind) {
  using Kind = analysis::Detection::Kind;
  switch (kind) {
  case Kind::PlateauBegin:
    return Event::Kind::PlateauBegin;
  case Kind::PlateauEnd:
    return Event::Kind::PlateauEnd;
  case Kind::EurekaMoment:
    return Event::Kind::EurekaMoment;
  case Kind::Memorisation:
    return Event::Kind::Memorisation;
  case Kind::Generalisation:
    return Event::Kind::Generalisation;
  case Kind::Divergence:
    return Event::Kind::Divergence;
  }
  return Event::Kind::Note;
}

} // namespace

std::int64_t next_stop(const study::Settings& settings, std::int64_t step) {
  const auto& probes = settings.probes;
  std::int64_t next = std::numeric_limits<std::int64_t>::max();
  for (std::int64_t every :
       {settings.training.evaluate_every, settings.training.checkpoint_every, probes.attention_every,
        probes.saturation_every, probes.weights_every, probes.components_every, probes.values_every,
        probes.curvature_every, probes.noise_every, probes.text_every, probes.features_every,
        probes.kernel_every, probes.in_context_every})
    if (every > 0) next = std::min(next, (step / every + 1) * every);
  return next;
}

Member::Member(MemberView view, std::unique_ptr<Learner> learner)
    : view_(std::move(view)), learner_(std::move(learner)), detector_(learner_->task().detector()) {
  view_.settings = learner_->settings;
  view_.parameters = learner_->parameters().size();
  view_.tokens = learner_->model().tokens();
}

std::unique_ptr<Member> Member::fork(MemberView identity, std::int64_t step,
                                     std::unique_ptr<Learner> learner) const {
  identity.parent = view_.id;
  identity.forked_at = step;
  identity.seed = view_.seed;
  identity.step = step;
  for (const auto& [metric, series] : view_.series)
    if (const auto count = lower_bound(series, step + 1); count > 0)
      identity.series[metric] = series.fork(count);
  std::size_t frames = 0;
  while (frames < view_.histograms.size() && view_.histograms[frames]->step <= step) ++frames;
  identity.histograms = view_.histograms.fork(frames);
  if (view_.frame && view_.frame->step <= step) identity.frame = view_.frame;
  auto member = std::make_unique<Member>(std::move(identity), std::move(learner));
  member->restore_detector();
  return member;
}

void Member::add(const std::string& metric, std::int64_t step, double value) {
  auto& series = view_.series[metric];
  if (!series.empty() && series.back().step >= step) return; // known from before a resume
  series.push({step, value});
  samples_.push_back({view_.id, metric, {step, value}});
}

std::string Member::apply(const std::vector<study::Assignment>& changes, std::int64_t planned_steps) {
  const auto old = learner_->settings.attention;
  const auto loss = [&] { return learner_->evaluate(view_.step, planned_steps).loss; };
  const bool attends = learner_->model().transformer_shape() &&
                       std::any_of(changes.begin(), changes.end(),
                                   [](const auto& c) { return c.field.starts_with("attention."); });
  const double before = attends ? loss() : 0;
  for (const auto& change : changes) learner_->change(change, view_.step, planned_steps);
  view_.settings = learner_->settings;
  view_.parameters = learner_->parameters().size();
  if (learner_->settings.attention == old) return "";
  const double after = loss();
  const double jump = after - before;
  const bool none = std::abs(jump) < 1e-5 * std::abs(before); // rounding
  return fmt::format("validation loss {:.4g} → {:.4g} ({})", before, after,
                     none ? "no jump" : fmt::format("{:+.2g}", jump));
}

Learner::StepMeasures Member::measures(std::int64_t step, std::int64_t planned_steps) const {
  const auto& probes = learner_->settings.probes;
  return {due(step, probes.gradients_every, planned_steps),
          due(step, probes.smoothness_every, planned_steps)};
}

void Member::add_step_output(std::int64_t step) {
  for (const auto& [metric, value] : learner_->step_output().scalars) add(metric, step, value);
}

void Member::advance(std::int64_t target, std::int64_t planned_steps) {
  for (std::int64_t step = view_.step; step < target; ++step) {
    learner_->train_step(step, planned_steps, measures(step + 1, planned_steps));
    add_step_output(step + 1);
  }
  arrive(target, planned_steps);
}

void Member::arrive(std::int64_t target, std::int64_t planned_steps) {
  const std::int64_t first = view_.step;
  view_.step = target;
  trained_steps_ += target - first;
  bool finite = true;
  std::int64_t step = first;
  for (const auto& metric : learner_->take_step_metrics()) {
    add("loss/train", ++step, metric.loss);
    if (!std::isnan(metric.accuracy)) add("accuracy/train", step, metric.accuracy);
    finite = finite && std::isfinite(metric.loss);
  }
  observe(planned_steps);
  halt_if_done(first);
  if (!finite && running()) {
    set_running(false);
    events_.push_back({Event::Kind::Divergence, view_.step, view_.id,
                       view_.name + ": the training loss is not finite any more; halted"});
  }
}

void Member::halt_if_done(std::int64_t before) {
  const double factor = learner_->settings.training.halt_after;
  const auto jump = detector_.eureka_step();
  if (factor <= 0 || !jump || !running()) return;
  const double end = factor * double(*jump);
  // Only where it passes there: whoever lets it train on shall not be overruled.
  if (double(before) >= end || double(view_.step) < end) return;
  set_running(false);
  events_.push_back(
      {Event::Kind::Note, view_.step, view_.id, view_.name + ": halted, it has nothing more to learn"});
}

void Member::observe(std::int64_t planned_steps) {
  Stopwatch watch;
  const auto step = view_.step;
  const auto& settings = learner_->settings;
  if (due(step, settings.training.evaluate_every, planned_steps)) {
    const auto evaluation = learner_->evaluate(step, planned_steps);
    add("loss/validation", step, evaluation.loss);
    if (!std::isnan(evaluation.accuracy)) add("accuracy/validation", step, evaluation.accuracy);
    for (const auto& [metric, value] : evaluation.more) add(metric, step, value);
    add("optimizer/learning-rate", step, optim::learning_rate(settings, step, planned_steps));
    if (view_.tokens.rows > 0)
      add("attention/temperature", step, optim::temperature(settings.attention, step, planned_steps));
    detect(evaluation.loss, evaluation.accuracy);
    times_.evaluation += watch.lap();
  }
  const auto& probes = settings.probes;
  const auto is_due = [&](std::int64_t every) { return due(step, every, planned_steps); };
  Learner::ProbeSelection selection;
  selection.attention = is_due(probes.attention_every);
  selection.saturation = is_due(probes.saturation_every);
  selection.weights = is_due(probes.weights_every);
  selection.components = is_due(probes.components_every);
  selection.values = is_due(probes.values_every);
  selection.curvature = step > 0 && is_due(probes.curvature_every);
  selection.noise = step > 0 && is_due(probes.noise_every);
  selection.text = is_due(probes.text_every);
  selection.features = is_due(probes.features_every);
  selection.kernel = is_due(probes.kernel_every);
  selection.in_context = is_due(probes.in_context_every);
  add(learner_->probe(selection, step, planned_steps));
}

void Member::observe_start(std::int64_t planned_steps) {
  const auto& probes = learner_->settings.probes;
  Learner::ProbeSelection selection;
  selection.curvature = probes.curvature_every > 0 && !view_.series.contains("curvature/coordinates");
  selection.noise = probes.noise_every > 0 && !view_.series.contains("noise/skew");
  if (selection.curvature || selection.noise) add(learner_->probe(selection, view_.step, planned_steps));
}

void Member::measure_noise(std::int64_t planned_steps) {
  const auto known = view_.series.find("noise/skew");
  if (known != view_.series.end() && known->second.back().step == view_.step) return;
  probes::Output output;
  learner_->measure_noise(view_.step, planned_steps, output);
  add(std::move(output));
}

void Member::add(probes::Output output) {
  for (const auto& [metric, value] : output.scalars) add(metric, view_.step, value);
  if (output.tensors.empty()) return;
  auto frame = std::make_shared<TensorFrame>();
  frame->step = view_.step;
  frame->tensors = std::move(output.tensors);
  if (const auto histogram = frame->tensors.find("saturation/histogram"); histogram != frame->tensors.end()) {
    auto kept = std::make_shared<TensorFrame>();
    kept->step = view_.step;
    kept->tensors.insert(*histogram);
    if (view_.histograms.empty() || view_.histograms.back()->step < view_.step) view_.histograms.push(kept);
  }
  frames_.push_back(frame);
  // Probes have their own intervals: of each array the latest is shown.
  auto latest = std::make_shared<TensorFrame>(*frame);
  if (view_.frame) latest->tensors.insert(view_.frame->tensors.begin(), view_.frame->tensors.end());
  view_.frame = std::move(latest);
}

double Member::mean_between(const std::string& metric, std::int64_t begin, std::int64_t end) const {
  const auto found = view_.series.find(metric);
  if (found == view_.series.end()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  std::int64_t count = 0;
  for (auto i = lower_bound(found->second, begin + 1);
       i < found->second.size() && found->second[i].step <= end; ++i, ++count)
    sum += found->second[i].value;
  return sum / double(count); // NaN for none
}

void Member::detect(double validation_loss, double accuracy) {
  const auto& evaluations = view_.series.at("loss/validation");
  const auto before = evaluations.size() > 1 ? evaluations[evaluations.size() - 2].step : 0;
  if (view_.step == 0) return; // untrained: there is no training loss yet
  for (const auto& finding : detector_.add(evaluation(before, view_.step, validation_loss, accuracy)))
    events_.push_back({event_kind(finding.kind), finding.step, view_.id, view_.name + ": " + finding.text});
}

analysis::Evaluation Member::evaluation(std::int64_t before, std::int64_t step, double validation_loss,
                                        double accuracy) const {
  return {
      step,     mean_between("loss/train", before, step),     validation_loss,
      accuracy, mean_between("accuracy/train", before, step), mean_between("accuracy/late", step - 1, step)};
}

void Member::restore_detector() {
  detector_ = analysis::Detector(learner_->task().detector());
  const auto losses = view_.series.find("loss/validation"),
             accuracies = view_.series.find("accuracy/validation");
  if (losses == view_.series.end()) return;
  const bool answers = accuracies != view_.series.end();
  const auto count =
      answers ? std::min(losses->second.size(), accuracies->second.size()) : losses->second.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto [step, loss] = losses->second[i];
    const auto before = i > 0 ? losses->second[i - 1].step : 0;
    if (step > 0)
      detector_.add(
          evaluation(before, step, loss,
                     answers ? accuracies->second[i].value : std::numeric_limits<double>::quiet_NaN()));
  }
}

recording::MemberRecord Member::record() const {
  return {view_.id,      view_.name,     view_.seed,       view_.parent, view_.forked_at,
          view_.is_twin, view_.settings, view_.parameters, view_.tokens};
}

recording::Checkpoint Member::checkpoint(recording::Keep keep) const {
  auto state = pack(learner_->state());
  const auto bytes = std::int64_t(state.size());
  return {view_.id, view_.step, view_.settings, view_.training, keep, std::move(state), bytes};
}

std::vector<recording::Sample> Member::take_samples() {
  return std::exchange(samples_, {});
}
std::vector<std::shared_ptr<const TensorFrame>> Member::take_frames() {
  return std::exchange(frames_, {});
}
std::vector<Event> Member::take_events() {
  return std::exchange(events_, {});
}

StepTimes Member::take_times() {
  auto all = std::exchange(times_, {});
  all += learner_->take_times();
  return all;
}

std::int64_t Member::take_trained_steps() {
  return std::exchange(trained_steps_, 0);
}

} // namespace plateau::training
