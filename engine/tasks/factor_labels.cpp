#include "engine/tasks/factor_labels.h"

#include <cmath>

#include <fmt/format.h>

#include "engine/tasks/normal.h"
#include "engine/tasks/permutation.h"
#include "engine/tasks/position_metrics.h"

namespace plateau::tasks {
namespace {

constexpr std::int64_t validation_seed = 0; // what is asked does not depend on the member

std::string label_name(std::int64_t label) {
  return fmt::format("→{}", label);
}

/// "2·0·3": the levels of its factors.
std::string cell_name(const FactorGrid& grid, std::int64_t cell) {
  std::string name;
  for (std::int64_t factor = 0; factor < grid.factors(); ++factor)
    name += fmt::format("{}{}", factor > 0 ? "·" : "", grid.level(cell, factor));
  return name;
}

} // namespace

FactorLabels::FactorLabels(const study::TaskSettings& settings, std::int64_t seed)
    : grid_(settings, seed), seed_(seed), pairs_(settings.pairs), mappings_(settings.mappings),
      noise_(settings.item_noise) {}

std::vector<std::int64_t> FactorLabels::mapping(std::int64_t number, std::int64_t factor) const {
  Random random(static_cast<std::uint64_t>(seed_), Purpose::Mapping, static_cast<std::uint64_t>(factor),
                static_cast<std::uint64_t>(number));
  return permutation(random, grid_.levels());
}

FactorLabels::Choice FactorLabels::choose(Random& random, double fixed_share) const {
  const std::int64_t rule = random.below(static_cast<std::uint32_t>(grid_.factors()));
  const bool fixed = random.chance(fixed_share);
  const std::int64_t drawn = random.below(static_cast<std::uint32_t>(mappings_)); // also if it is not used
  return {rule, fixed ? 0 : drawn};
}

Batch FactorLabels::training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                                   double fixed_share) const {
  return make_batch(Purpose::TrainingBatch, seed, step, count, fixed_share, Labels::Drawn);
}

Batch FactorLabels::validation_set(std::int64_t count) const {
  return make_batch(Purpose::ValidationSet, validation_seed, 0, count, 0, Labels::Drawn);
}

std::vector<NamedBatch> FactorLabels::more_sets(std::int64_t count) const {
  std::vector<NamedBatch> sets;
  for (const auto& [name, labels] :
       {std::pair{"fixed-mapping", Labels::Fixed}, std::pair{"in-context", Labels::Fresh},
        std::pair{"in-weights", Labels::FixedBesideFresh}}) {
    sets.push_back({name, make_batch(Purpose::ValidationSet, validation_seed, 0, count, 0, labels)});
    ask_only(sets.back().batch, late_pairs(pairs_));
  }
  return sets;
}

Batch FactorLabels::make_batch(Purpose purpose, std::int64_t seed, std::int64_t step, std::int64_t count,
                               double fixed_share, Labels labels) const {
  const Normal& normal = Normal::tables();
  const auto cells = purpose == Purpose::ValidationSet ? grid_.held_out() : grid_.training();
  const auto width = grid_.width(), factors = grid_.factors(), rows = count * 2 * pairs_;
  Batch batch;
  batch.count = count;
  batch.items.resize(static_cast<std::size_t>(rows * width));
  batch.tokens.resize(static_cast<std::size_t>(rows));
  batch.labels.assign(batch.tokens.size(), -1);
  batch.attributes.assign(static_cast<std::size_t>(rows * factors), -1);
  batch.rules.resize(static_cast<std::size_t>(count));
  std::size_t row = 0;
  for (std::size_t sample = 0; sample < batch.rules.size(); ++sample) {
    Random random(static_cast<std::uint64_t>(seed), purpose, static_cast<std::uint64_t>(step), sample);
    const Choice chosen = choose(random, fixed_share);
    const auto rule = batch.rules[sample] = chosen.rule;
    const auto fresh = [&] {
      Random stream(static_cast<std::uint64_t>(seed_), Purpose::FreshMapping,
                    static_cast<std::uint64_t>(rule), sample);
      return permutation(stream, grid_.levels());
    };
    const auto shown = labels == Labels::Drawn   ? mapping(chosen.mapping, rule)
                       : labels == Labels::Fixed ? mapping(0, rule)
                                                 : fresh();
    const auto asked = labels == Labels::FixedBesideFresh ? mapping(0, rule) : shown;
    for (std::int64_t pair = 0; pair < pairs_; ++pair, row += 2) {
      const auto cell = cells[random.below(static_cast<std::uint32_t>(cells.size()))];
      const auto value = static_cast<std::size_t>(grid_.level(cell, rule));
      const auto item = grid_.item(cell);
      float* vector = batch.items.data() + row * item.size();
      for (const double entry : item) *vector++ = static_cast<float>(entry + noise_ * normal(random));
      *vector = static_cast<float>(shown[value]); // first entry of the label's position
      batch.tokens[row] = cell;
      batch.tokens[row + 1] = grid_.cells() + shown[value];
      batch.labels[row] = asked[value];
      for (std::int64_t factor = 0; factor < factors; ++factor)
        batch.attributes[row * static_cast<std::size_t>(factors) + static_cast<std::size_t>(factor)] =
            grid_.level(cell, factor);
    }
  }
  return batch;
}

Metrics FactorLabels::measure(const Batch& validation, const Answers& answers) const {
  return pair_metrics(validation, answers, classes(), pairs_);
}

analysis::DetectorOptions FactorLabels::detector() const {
  const auto labels = static_cast<double>(classes());
  analysis::DetectorOptions options;
  options.watches = analysis::DetectorOptions::Watches::InContext;
  options.plateau_loss = std::log(labels); // each label is as frequent as any other
  options.chance = 1 / labels;
  return options;
}

training::TaskInfo FactorLabels::info(std::int64_t samples, double) const {
  training::TaskInfo info;
  info.title = "Labels of a factor, in context";
  info.data = fmt::format("{} pair{} of items from a grid of {} cells ({} factor{} of {} levels), {} held "
                          "out; {} mapping{}",
                          pairs_, pairs_ == 1 ? "" : "s", grid_.cells(), grid_.factors(),
                          grid_.factors() == 1 ? "" : "s", grid_.levels(), grid_.held_out().size(), mappings_,
                          mappings_ == 1 ? "" : "s");
  for (std::int64_t label = 0; label < classes(); ++label) info.classes.push_back(label_name(label));
  for (std::int64_t cell = 0; cell < grid_.cells(); ++cell) info.vocabulary.push_back(cell_name(grid_, cell));
  info.vocabulary.insert(info.vocabulary.end(), info.classes.begin(), info.classes.end());

  const auto levels = detector();
  for (const char* metric : {"loss/train", "loss/validation"}) // uniform answers: smoothed or not
    info.guides.push_back(
        {metric, levels.plateau_loss, fmt::format("labels' frequencies alone: {:.3f}", levels.plateau_loss)});
  for (const char* metric : {"accuracy/validation", "accuracy/late"})
    info.guides.push_back({metric, levels.chance, fmt::format("chance: {:.3g}", levels.chance)});

  const Batch batch = validation_set(samples);
  for (std::int64_t i = 0; i < samples; ++i) {
    Random random(validation_seed, Purpose::ValidationSet, 0, static_cast<std::uint64_t>(i));
    const auto [rule, drawn] = choose(random, 0);
    std::string text = fmt::format("factor {}:", rule + 1);
    const auto labels = mapping(drawn, rule);
    for (std::size_t level = 0; level < labels.size(); ++level)
      text += fmt::format(" {}→{}", level, labels[level]);
    info.input_labels.push_back(std::move(text));
    info.targets.push_back(
        batch.labels[static_cast<std::size_t>(2 * pairs_ * i + output_of_pair(pairs_ - 1))]);
  }
  auto tokens = std::make_shared<training::Tensor>();
  tokens->shape = {samples, 2 * pairs_};
  tokens->data.assign(batch.tokens.begin(), batch.tokens.end());
  info.tokens = std::move(tokens);
  return info;
}

} // namespace plateau::tasks
