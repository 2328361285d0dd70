// The class of an item, which can be known by heart or be read from labelled items of the same class in the
// sequence: x1 l1 x2 l2 ... x_query (Reddy, The mechanistic basis of data dependence and abrupt learning in
// an in-context classification task, ICLR 2024; icl-plateaus.md 6.1).
#pragma once

#include "engine/tasks/power_law.h"
#include "engine/tasks/random.h"
#include "engine/tasks/task.h"

namespace plateau::tasks {

/// Items are (μ_k + ε η) / √(1 + ε²) with μ_k, η ~ N(0, I / width); class k keeps its μ_k and its label, and
/// is drawn with P(k) ~ k^-α. A share of sequences has classes and labels of its own ("fresh") and is bursty,
/// as a share of the others is: pairs / burstiness different classes, each so often, the query of one of
/// them. In the remaining ones the pairs' classes and the query's are drawn independently. Tokens name
/// classes, then a sequence's fresh ones (each sequence has others), then labels, which are the vocabulary's
/// last. Only the query, the last position, is asked for. Sample i does not depend on `count`.
class InContextClassification final : public Task {
public:
  /// `seed` decides the classes' means and labels. Throws InputError where task.pairs is no multiple of
  /// task.burstiness, or there are too few classes for a bursty sequence.
  InContextClassification(const study::TaskSettings& settings, std::int64_t seed);

  InputShape shape() const override {
    return {.kind = InputShape::Kind::Pairs,
            .vocabulary = classes(),
            .positions = positions(),
            .outputs = positions(),
            .item_width = width_};
  }
  std::int64_t classes() const override { return labels_; }
  Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                       double fixed_share = 0) const override;
  /// As training: every item is new, if not its class.
  Batch validation_set(std::int64_t count) const override;
  /// "in-context": fresh classes, bursty. "in-weights": known classes, the query's not in the context.
  /// "swapped-labels": known classes, bursty, but labels one further (modulo their number), the answer too.
  std::vector<NamedBatch> more_sets(std::int64_t count) const override;
  /// "accuracy/late": of the query, all that is asked for.
  Metrics measure(const Batch& validation, const Answers& answers) const override;
  training::TaskInfo info(std::int64_t samples, double label_smoothing) const override;

  /// The label that a known class always has.
  std::int64_t label_of(std::int64_t item_class) const {
    return label_of_[static_cast<std::size_t>(item_class)];
  }

  /// What is reached by who only takes in which labels a sequence shows and how often: of a bursty sequence
  /// the answer is one of them, of another the known labels' frequencies hold. Means over 8192 sequences.
  struct Levels {
    double training_loss, validation_loss, accuracy;
  };
  /// With labels smoothed by `smoothing` in training, and the prediction that is ideal there.
  Levels shown_labels(double smoothing) const;

private:
  enum class Kind { Drawn, Fresh, Absent, Swapped };
  struct Sequence {
    bool bursty = false;
    std::vector<std::int64_t> classes; // [pairs + 1], the query's last; fresh ones from known_ on
    std::vector<std::int64_t> labels;  // [pairs + 1]
  };
  std::int64_t positions() const { return 2 * pairs_ + 1; }
  Sequence draw(Random& random, Kind kind) const;
  Batch make_batch(Purpose purpose, std::int64_t seed, std::int64_t step, std::int64_t count,
                   Kind kind) const;

  std::int64_t pairs_, known_, labels_, width_, bursts_; // bursts_: different classes of a bursty sequence
  double noise_, bursty_share_, fresh_share_;
  std::int64_t seed_;
  PowerLaw frequency_;
  std::vector<std::int64_t> label_of_; // [known_]
};

} // namespace plateau::tasks
