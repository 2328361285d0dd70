// A task makes batches and says what can be measured on them. No LibTorch here: plain arrays.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/study/settings.h"
#include "engine/training/snapshot.h"

namespace plateau::tasks {

/// What a model is given and what it answers with.
struct InputShape {
  enum class Kind { Images, Tokens, Prompts } kind = Kind::Images;
  std::int64_t channels = 0, height = 0, width = 0; // Images
  std::int64_t vocabulary = 0, positions = 0;       // Tokens
  std::int64_t outputs = 1;                         // Tokens: 1 (the last is read) or every position
  std::int64_t dimension = 0, context = 0;          // Prompts: of regression
};

/// `count` samples; which arrays are filled depends on the input's kind.
struct Batch {
  std::int64_t count = 0;
  std::vector<float> images;        // [count, channels, height, width]
  std::vector<std::int64_t> tokens; // [count, positions], numbers below the vocabulary
  std::vector<float> prompts;       // [count, context + 1, dimension + 1]: (x, y), the query last with y = 0
  std::vector<std::int64_t> labels; // [count, outputs] what is supervised; empty for prompts
  std::vector<float> targets;       // [count] y of the query; prompts only
  /// The other candidate: the label if the intermediate decision were the opposite. [count]
  std::vector<std::int64_t> alternatives;
  /// The intermediate decision z (0 or 1), never supervised. [count]
  std::vector<std::int64_t> decisions;
};

using Metrics = std::vector<std::pair<std::string, double>>;

class Task {
public:
  virtual ~Task() = default;
  virtual InputShape shape() const = 0;
  virtual std::int64_t classes() const = 0; // 1 for regression
  /// The training batch of `step`: a pure function of (seed, step), so that rewinding, resuming and twins
  /// need no generator state. Thread-safe.
  virtual Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count) const = 0;
  /// The fixed validation set (held-out data), the same for every member. Thread-safe.
  virtual Batch validation_set(std::int64_t count) const = 0;
  /// What only this task measures of the answers to a validation set: `answers` [count, outputs] are the
  /// classes with the largest logits, `loss` the mean cross entropy in nats. Thread-safe.
  virtual Metrics measure(const Batch& validation, std::span<const std::int64_t> answers, double loss) const {
    (void)validation, (void)answers, (void)loss;
    return {};
  }
  /// Titles, class names, guides; `inputs` and the like are filled for the first `samples` validation items.
  virtual training::TaskInfo info(std::int64_t samples, double label_smoothing) const = 0;
  /// The tokens of a text, in a task of texts; else none. What the vocabulary lacks becomes its last token �.
  virtual std::vector<std::int64_t> encode(const std::string& utf8) const {
    (void)utf8;
    return {};
  }
};

/// Loads the data that the settings ask for. Throws InputError that names a missing package and folder.
std::unique_ptr<Task> make_task(const study::TaskSettings& settings);

struct TaskDescription {
  std::string name, title, description, source;
  std::string kind; // what task.kind is to be; of the two-step image task `name` is then task.variant
};
/// Every task, the two-step image task by variant: for `plateau list tasks` and the field table's choices.
std::vector<TaskDescription> list_tasks();

} // namespace plateau::tasks
