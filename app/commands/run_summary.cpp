#include "app/commands/run_summary.h"

#include <limits>

#include "engine/analysis/detector.h"

namespace plateau::commands {

namespace {

const training::Series* series_of(const training::MemberView& member, const std::string& metric) {
  const auto found = member.series.find(metric);
  return found == member.series.end() || found->second.empty() ? nullptr : &found->second;
}

/// The evaluations behind a member's curves: validation at some steps, and the mean training loss since the
/// evaluation before.
std::vector<analysis::Evaluation> evaluations(const training::MemberView& member) {
  const auto* train = series_of(member, "loss/train");
  const auto* validation = series_of(member, "loss/validation");
  const auto* accuracy = series_of(member, "accuracy/validation");
  if (!train || !validation || !accuracy) return {};

  std::vector<analysis::Evaluation> result;
  std::size_t next_train = 0, next_accuracy = 0;
  double train_loss = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < validation->size(); ++i) {
    const auto [step, validation_loss] = (*validation)[i];
    double sum = 0;
    int count = 0;
    for (; next_train < train->size() && (*train)[next_train].step <= step; ++next_train, ++count)
      sum += (*train)[next_train].value;
    if (count > 0) train_loss = sum / count;
    while (next_accuracy < accuracy->size() && (*accuracy)[next_accuracy].step < step) ++next_accuracy;
    if (next_accuracy == accuracy->size()) break;
    if (count == 0 || (*accuracy)[next_accuracy].step != step) continue;
    result.push_back({step, train_loss, validation_loss, (*accuracy)[next_accuracy].value});
  }
  return result;
}

/// Mean training loss from `begin` to `end`.
double mean_loss(const training::MemberView& member, std::int64_t begin, std::int64_t end) {
  const auto* train = series_of(member, "loss/train");
  if (!train) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t i = training::lower_bound(*train, begin); i < train->size() && (*train)[i].step <= end;
       ++i, ++count)
    sum += (*train)[i].value;
  return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

/// What was found while it trained, with what the task knows of its own levels.
void take_events(MemberSummary& summary, const training::Snapshot& snapshot,
                 const training::MemberView& member) {
  using Kind = training::Event::Kind;
  std::int64_t begin = -1; // none is open
  const auto plateau = [&](std::int64_t end, bool lasting) {
    if (begin >= 0 && (!summary.plateau || end - begin > summary.plateau->end - summary.plateau->begin))
      summary.plateau = {begin, end, mean_loss(member, begin, end), lasting};
    begin = -1;
  };
  for (const training::Event& event : snapshot.events) {
    if (event.member != member.id) continue;
    if (event.kind == Kind::PlateauBegin) begin = event.step;
    if (event.kind == Kind::PlateauEnd) plateau(event.step, false);
    if (event.kind == Kind::EurekaMoment) summary.eureka_step = event.step;
    if (event.kind == Kind::Memorisation) summary.memorised_step = event.step;
    if (event.kind == Kind::Generalisation) summary.generalised_step = event.step;
  }
  plateau(member.step, true);
}

/// Do the events of this task follow rules of its own, not those of plateaus in general?
bool has_own_rules(const study::Settings& settings) {
  const auto& kind = settings.task.kind;
  return kind == "modular-arithmetic" || kind == "factor-labels" || kind == "in-context-classification" ||
         kind == "markov-chains" || (kind == "text" && settings.task.alphabets > 0);
}

MemberSummary summarize(const training::Snapshot& snapshot, const training::MemberView& member) {
  MemberSummary summary;
  summary.name = member.name;
  summary.seed = member.seed;
  summary.step = member.step;
  summary.parameters = member.parameters;
  summary.twin = member.is_twin;
  summary.train_loss = latest(member, "loss/train");
  summary.validation_loss = latest(member, "loss/validation");
  summary.accuracy = latest(member, "accuracy/validation");

  summary.memorises = member.settings.task.kind == "modular-arithmetic";
  if (has_own_rules(member.settings)) {
    take_events(summary, snapshot, member);
    return summary;
  }

  analysis::Detector detector;
  std::int64_t last_step = 0;
  for (const analysis::Evaluation& evaluation : evaluations(member)) {
    detector.add(evaluation);
    last_step = evaluation.step;
  }
  if (const auto plateau = detector.plateau())
    summary.plateau = {plateau->begin, plateau->end, plateau->level, plateau->end == last_step};
  summary.eureka_step = detector.eureka_step();
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
  for (const training::MemberView& member : snapshot.members)
    summary.members.push_back(summarize(snapshot, member));
  summary.findings = analysis::findings(snapshot);
  return summary;
}

} // namespace plateau::commands
