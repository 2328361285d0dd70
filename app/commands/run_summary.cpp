#include "app/commands/run_summary.h"

#include <utility>

#include "engine/errors.h"
#include "engine/tasks/task.h"

namespace plateau::commands {

namespace {

const training::Series* series_of(const training::MemberView& member, const std::string& metric) {
  const auto found = member.series.find(metric);
  return found == member.series.end() || found->second.empty() ? nullptr : &found->second;
}

/// Has a curve a value from `first` to `last`?
bool has_step(const training::Series& series, std::int64_t first, std::int64_t last) {
  const auto i = training::lower_bound(series, first);
  return i < series.size() && series[i].step <= last;
}

/// Mean of what a curve shows after `begin`, up to `end`; NaN where that is nothing.
double mean_between(const training::Series* series, std::int64_t begin, std::int64_t end) {
  double sum = 0;
  int count = 0;
  if (series)
    for (auto i = training::lower_bound(*series, begin + 1); i < series->size() && (*series)[i].step <= end;
         ++i)
      sum += (*series)[i].value, ++count;
  return sum / count;
}

/// The evaluations behind a member's curves: validation at some steps, and the means of training since the
/// evaluation before.
std::vector<analysis::Evaluation> evaluations(const training::MemberView& member) {
  const auto* train = series_of(member, "loss/train");
  const auto* validation = series_of(member, "loss/validation");
  const auto* accuracy = series_of(member, "accuracy/validation");
  if (!train || !validation || !accuracy) return {};
  const auto* train_accuracy = series_of(member, "accuracy/train");
  const auto* late_accuracy = series_of(member, "accuracy/late");

  std::vector<analysis::Evaluation> result;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < validation->size(); ++i) {
    const auto [step, validation_loss] = (*validation)[i];
    const auto begin = std::exchange(before, step);
    if (!has_step(*train, begin + 1, step) || !has_step(*accuracy, step, step)) continue;
    result.push_back({step, mean_between(train, begin, step), validation_loss,
                      mean_between(accuracy, step - 1, step), mean_between(train_accuracy, begin, step),
                      mean_between(late_accuracy, step - 1, step)});
  }
  return result;
}

/// What the trainer looks for in this member's curves.
analysis::DetectorOptions detector_options(const training::MemberView& member) {
  const auto& task = member.settings.task;
  if (task.kind == "two-step-image") return {}; // whose images need not be loaded for that
  try {
    return tasks::make_task(task)->detector();
  } catch (const InputError&) { // a text that is gone since
    return {};
  }
}

MemberSummary summarize(const training::MemberView& member) {
  MemberSummary summary;
  summary.name = member.name;
  summary.seed = member.seed;
  summary.step = member.step;
  summary.parameters = member.parameters;
  summary.twin = member.is_twin;
  summary.train_loss = latest(member, "loss/train");
  summary.validation_loss = latest(member, "loss/validation");
  summary.accuracy = latest(member, "accuracy/validation");

  const auto options = detector_options(member);
  summary.watches = options.watches;
  analysis::Detector detector(options);
  std::int64_t last_step = 0;
  for (const analysis::Evaluation& evaluation : evaluations(member)) {
    for (const auto& finding : detector.add(evaluation)) {
      if (finding.kind == analysis::Detection::Kind::Memorisation) summary.memorised_step = finding.step;
      if (finding.kind == analysis::Detection::Kind::Generalisation) summary.generalised_step = finding.step;
    }
    last_step = evaluation.step;
  }
  if (const auto plateau = detector.plateau())
    summary.plateau = {plateau->begin, plateau->end, plateau->level,
                       plateau->end == last_step && plateau->end != summary.generalised_step};
  if (!summary.generalised_step) summary.eureka_step = detector.eureka_step();
  return summary;
}

} // namespace

std::optional<double> latest(const training::MemberView& member, const std::string& metric) {
  const auto* series = series_of(member, metric);
  return series ? std::optional(series->back().value) : std::nullopt;
}

RunSummary summarize(const training::Snapshot& snapshot, double seconds, std::int64_t steps,
                     bool interrupted) {
  RunSummary summary;
  if (snapshot.study) summary.study = snapshot.study->name;
  summary.status = snapshot.state == training::State::Failed                    ? "failed"
                   : interrupted && snapshot.state != training::State::Finished ? "interrupted"
                                                                                : "finished";
  summary.error = snapshot.error;
  summary.device = snapshot.device;
  summary.recording = snapshot.recording;
  summary.step = snapshot.step;
  summary.planned_steps = snapshot.planned_steps;
  summary.seconds = seconds;
  summary.steps_per_second = seconds > 0 ? static_cast<double>(steps) / seconds : 0;
  for (const training::MemberView& member : snapshot.members) summary.members.push_back(summarize(member));
  summary.findings = analysis::findings(snapshot);
  return summary;
}

} // namespace plateau::commands
