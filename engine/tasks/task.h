// A task makes batches and says what can be measured on them. No LibTorch here: plain arrays.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/analysis/detector.h"
#include "engine/study/settings.h"
#include "engine/training/snapshot.h"

namespace plateau::tasks {

/// What a model is given and what it answers with.
struct InputShape {
  enum class Kind { Images, Tokens, Prompts, Pairs } kind = Kind::Images;
  std::int64_t channels = 0, height = 0, width = 0; // Images
  std::int64_t vocabulary = 0, positions = 0;       // Tokens; Pairs: the labels' number
  std::int64_t outputs = 1;                         // Tokens: 1 (the last is read) or every position
  std::int64_t dimension = 0, context = 0;          // Prompts: of regression
  std::int64_t item_width = 0; // Pairs: items stand at even positions, labels at odd ones; all are read
};

/// What a second loss can ask for, by logits that follow those of the classes (icl-plateaus.md 5.4): first
/// `levels` for each attribute of the input at hand, then one for each rule that the sequence may follow.
struct ExtraOutputs {
  std::int64_t attributes = 0, levels = 0, rules = 0;
  std::int64_t count() const { return attributes * levels + rules; }
  bool operator==(const ExtraOutputs&) const = default;
};

/// `count` samples; which arrays are filled depends on the input's kind.
struct Batch {
  std::int64_t count = 0;
  std::vector<float> images;        // [count, channels, height, width]
  std::vector<std::int64_t> tokens; // [count, positions], numbers below the vocabulary
  std::vector<float> prompts;       // [count, context + 1, dimension + 1]: (x, y), the query last with y = 0
  /// [count, positions, item_width] of pairs: at odd positions the label's number comes first, then zeros.
  /// Their `tokens` name what stands there, for display.
  std::vector<float> items;
  std::vector<std::int64_t> labels; // [count, outputs] what is supervised, -1: nothing; empty for prompts
  std::vector<float> targets;       // [count] y of the query; prompts only
  /// The other candidate: the label if the intermediate decision were the opposite. [count]
  std::vector<std::int64_t> alternatives;
  /// The intermediate decision z (0 or 1), never supervised. [count]
  std::vector<std::int64_t> decisions;
  // What a second loss asks for; -1: nothing.
  std::vector<std::int64_t> attributes; // [count, outputs, attributes]
  std::vector<std::int64_t> rules;      // [count]
};

using Metrics = std::vector<std::pair<std::string, double>>;

/// A further validation set, for "accuracy/NAME" over its labels that are not -1.
struct NamedBatch {
  std::string name;
  Batch batch;
};

/// What a model said of a validation set.
struct Answers {
  std::span<const std::int64_t> classes; // [count, outputs] of the largest logit
  std::span<const float> logits;         // [count, outputs, classes]
  double loss = 0;                       // mean cross entropy in nats
};

class Task {
public:
  virtual ~Task() = default;
  virtual InputShape shape() const = 0;
  virtual std::int64_t classes() const = 0; // 1 for regression
  /// The training batch of `step`: a pure function of (seed, step), so that rewinding, resuming and twins
  /// need no generator state. `fixed_share` of its sequences have the fixed mapping, where there are mappings
  /// (strategy.fixed_share). Thread-safe.
  virtual Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                               double fixed_share = 0) const = 0;
  /// How many different training samples there are; 0: endlessly many. A batch of so many holds each once,
  /// and is the same for all seeds and steps.
  virtual std::int64_t training_set_size() const { return 0; }
  virtual ExtraOutputs extra_outputs() const { return {}; }
  /// The fixed validation set (held-out data), the same for every member. Thread-safe.
  /// Fewer than `count` where there are no more.
  virtual Batch validation_set(std::int64_t count) const = 0;
  /// Sets that tell apart what is read from the context and what is known by heart.
  virtual std::vector<NamedBatch> more_sets(std::int64_t count) const {
    (void)count;
    return {};
  }
  /// What only this task measures of the answers to its validation set. Thread-safe.
  virtual Metrics measure(const Batch& validation, const Answers& answers) const {
    (void)validation, (void)answers;
    return {};
  }
  /// What is to be found in the curves.
  virtual analysis::DetectorOptions detector() const { return {}; }
  /// Titles, class names, guides; `inputs` and the like are filled for the first `samples` validation items.
  virtual training::TaskInfo info(std::int64_t samples, double label_smoothing) const = 0;
  /// The tokens of a text, in a task of texts; else none. What the vocabulary lacks becomes its last token �.
  virtual std::vector<std::int64_t> encode(const std::string& utf8) const {
    (void)utf8;
    return {};
  }
};

/// Loads the data that the settings ask for. Throws InputError that names a missing package and folder.
/// `seed` decides what of a task is drawn once for a whole run: which pairs are trained on, how items look.
std::unique_ptr<Task> make_task(const study::TaskSettings& settings, std::int64_t seed = 0);
/// Has this task anything that its seed decides?
bool depends_on_seed(const study::TaskSettings& settings);

struct TaskDescription {
  std::string name, title, description, source;
  std::string kind; // what task.kind is to be; of the two-step image task `name` is then task.variant
};
/// Every task, the two-step image task by variant: for `plateau list tasks` and the field table's choices.
std::vector<TaskDescription> list_tasks();

} // namespace plateau::tasks
