// Labels of one factor of the items, by a mapping that may be another in each sequence: x1 y1 x2 y2 ... (Fu
// et al., Breaking through the Learning Plateaus of In-context Learning in Transformer, ICML 2024;
// icl-plateaus.md 5.1, 7.1). With one mapping the weights alone can learn it (D_fix); with many it must be
// read from the sequence (D_rnd).
#pragma once

#include "engine/tasks/factor_grid.h"
#include "engine/tasks/random.h"
#include "engine/tasks/task.h"

namespace plateau::tasks {

/// A sequence is about one factor, its rule, and has one mapping; its items are drawn with replacement from
/// the training cells, or for validation from the held-out ones. Tokens name cells, then labels, which are
/// the vocabulary's last. Sample i does not depend on `count`.
class FactorLabels final : public Task {
public:
  /// `seed` decides the grid and the mappings. Throws InputError as FactorGrid does.
  FactorLabels(const study::TaskSettings& settings, std::int64_t seed);

  InputShape shape() const override {
    return {.kind = InputShape::Kind::Pairs,
            .vocabulary = classes(),
            .positions = 2 * pairs_,
            .outputs = 2 * pairs_,
            .item_width = grid_.width()};
  }
  std::int64_t classes() const override { return grid_.levels(); }
  Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                       double fixed_share = 0) const override;
  ExtraOutputs extra_outputs() const override { return {grid_.factors(), grid_.levels(), grid_.factors()}; }
  /// Held-out cells, the mappings of training.
  Batch validation_set(std::int64_t count) const override;
  /// The validation set's items and rules with other labels, of which the last quarter is asked for.
  /// "fixed-mapping": of mapping 0. "in-context": of mappings that training never draws. "in-weights": shown
  /// are labels of such mappings, asked for those of mapping 0.
  std::vector<NamedBatch> more_sets(std::int64_t count) const override;
  Metrics measure(const Batch& validation, const Answers& answers) const override;
  analysis::DetectorOptions detector() const override;
  training::TaskInfo info(std::int64_t samples, double label_smoothing) const override;

  const FactorGrid& grid() const { return grid_; }
  /// The label of each level of `factor` by one of the mappings, 0 .. task.mappings - 1.
  std::vector<std::int64_t> mapping(std::int64_t number, std::int64_t factor) const;

private:
  /// Which mapping the labels are from: training's, its first, one that training never draws, or one of the
  /// latter where shown and the first where asked for.
  enum class Labels { Drawn, Fixed, Fresh, FixedBesideFresh };
  struct Choice {
    std::int64_t rule, mapping;
  };
  Choice choose(Random& random, double fixed_share) const;
  Batch make_batch(Purpose purpose, std::int64_t seed, std::int64_t step, std::int64_t count,
                   double fixed_share, Labels labels) const;

  FactorGrid grid_;
  std::int64_t seed_, pairs_, mappings_;
  double noise_;
};

} // namespace plateau::tasks
