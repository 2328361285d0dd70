#include "engine/analysis/member_summary.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/analysis/statistics.h"
#include "engine/errors.h"
#include "engine/tasks/task.h"

namespace plateau::analysis {
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
std::vector<Evaluation> evaluations(const training::MemberView& member) {
  const auto* train = series_of(member, "loss/train");
  const auto* validation = series_of(member, "loss/validation");
  const auto* accuracy = series_of(member, "accuracy/validation");
  if (!train || !validation || !accuracy) return {};
  const auto* train_accuracy = series_of(member, "accuracy/train");
  const auto* late_accuracy = series_of(member, "accuracy/late");

  std::vector<Evaluation> result;
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
DetectorOptions detector_options(const training::MemberView& member) {
  const auto& task = member.settings.task;
  if (task.kind == "two-step-image") return {}; // whose images need not be loaded for that
  try {
    return tasks::make_task(task)->detector();
  } catch (const InputError&) { // a text that is gone since
    return {};
  }
}

MemberSummary summarize(const training::MemberView& member, const DetectorOptions& options) {
  MemberSummary summary;
  summary.id = member.id;
  summary.name = member.name;
  summary.seed = member.seed;
  summary.step = member.step;
  summary.parameters = member.parameters;
  summary.twin = member.is_twin;
  summary.train_loss = latest(member, "loss/train");
  summary.validation_loss = latest(member, "loss/validation");
  summary.accuracy = latest(member, "accuracy/validation");

  const auto* losses = series_of(member, "loss/validation");
  if (!losses) losses = series_of(member, "loss/train");
  for (std::size_t i = 0; losses && i < losses->size(); ++i)
    if (const auto [step, value] = (*losses)[i];
        std::isfinite(value) && (!summary.best_loss || value < *summary.best_loss)) {
      summary.best_loss = value;
      summary.best_step = step;
    }

  summary.watches = options.watches;
  Detector detector(options);
  std::int64_t last_step = 0;
  for (const Evaluation& evaluation : evaluations(member)) {
    for (const auto& finding : detector.add(evaluation)) {
      if (finding.kind == Detection::Kind::Memorisation) summary.memorised_step = finding.step;
      if (finding.kind == Detection::Kind::Generalisation) summary.generalised_step = finding.step;
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

std::vector<MemberSummary> summaries(const training::Snapshot& snapshot) {
  std::vector<MemberSummary> all;
  DetectorOptions options;
  const study::TaskSettings* of = nullptr; // a text is read for its options: once
  for (const auto& member : snapshot.members) {
    if (!of || *of != member.settings.task) options = detector_options(member);
    of = &member.settings.task;
    all.push_back(summarize(member, options));
  }
  return all;
}

const std::vector<SummaryMeasure>& summary_measures() {
  using Kind = SummaryMeasure::Kind;
  using Member = MemberSummary;
  using Value = std::optional<double>;
  static constexpr auto number = [](const std::optional<std::int64_t>& step) {
    return step ? Value(static_cast<double>(*step)) : Value();
  };
  static const std::vector<SummaryMeasure> all = {
      {"final_loss", "final loss", "Validation loss of the last evaluation; of training where there is none.",
       [](const Member& m) { return m.final_loss(); }, Kind::Loss},
      {"best_loss", "best loss", "The lowest validation loss of the run; of training where there is none.",
       [](const Member& m) { return m.best_loss; }, Kind::Loss},
      {"accuracy", "accuracy", "Validation accuracy of the last evaluation.",
       [](const Member& m) { return m.accuracy; }, Kind::Share},
      {"jump_step", "jump", "Step of the Eureka-moment, or at which it generalises.",
       [](const Member& m) { return number(m.jump_step()); }},
      {"plateau_begin", "plateau from",
       "First step of the longest plateau; of generalisation: when memorised.",
       [](const Member& m) { return m.plateau ? Value(static_cast<double>(m.plateau->begin)) : Value(); }},
      {"plateau_end", "to", "Its last step, or the newest while it lasts.",
       [](const Member& m) { return m.plateau ? Value(static_cast<double>(m.plateau->end)) : Value(); }},
      {"plateau_length", "length", "Its length in steps, so far while it lasts.",
       [](const Member& m) {
         return m.plateau ? Value(static_cast<double>(m.plateau->end - m.plateau->begin)) : Value();
       }},
      {"memorised_step", "memorised", "Step at which the training set was memorised.",
       [](const Member& m) { return number(m.memorised_step); }},
      {"generalised_step", "generalised", "Step at which it generalises.",
       [](const Member& m) { return number(m.generalised_step); }},
      {"steps", "steps", "Steps trained.",
       [](const Member& m) { return Value(static_cast<double>(m.step)); }},
  };
  return all;
}

std::vector<SeedSummary> over_seeds(const std::vector<MemberSummary>& members) {
  std::vector<SeedSummary> groups;
  for (const auto& member : members) {
    const auto name = without_seed(member.name);
    auto group = std::ranges::find(groups, name, &SeedSummary::name);
    if (group == groups.end()) group = groups.insert(groups.end(), SeedSummary{name, {}, {}});
    group->seeds.push_back(member);
  }
  for (auto& group : groups)
    for (const auto& measure : summary_measures()) {
      std::vector<double> values;
      for (const auto& member : group.seeds)
        if (const auto value = measure.value(member); value && std::isfinite(*value))
          values.push_back(*value);
      std::ranges::sort(values);
      if (values.empty())
        group.spreads.emplace_back();
      else
        group.spreads.push_back(SeedSpread{static_cast<int>(values.size()), median(values),
                                           quantile(values, 0.25), quantile(values, 0.75)});
    }
  return groups;
}

std::string without_seed(const std::string& member_name) {
  constexpr std::string_view mark = " · seed ";
  const auto at = member_name.rfind(mark);
  if (at == std::string::npos) return member_name;
  const auto number = std::string_view(member_name).substr(at + mark.size());
  const bool is_number = !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
  return is_number ? member_name.substr(0, at) : member_name;
}

} // namespace plateau::analysis
