// A task makes batches and says what can be measured on them. No LibTorch here: plain arrays.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/study/settings.h"
#include "engine/training/snapshot.h"

namespace plateau::tasks {

/// `count` samples of a two-step image task (or any image classification task).
struct Batch {
  std::int64_t count = 0;
  std::vector<float> images;          // [count, channels, height, width]
  std::vector<std::int64_t> labels;   // [count] what is supervised
  /// The other candidate: the label if the intermediate decision were the opposite. [count]
  std::vector<std::int64_t> alternatives;
  /// The intermediate decision z (0 or 1), never supervised. [count]
  std::vector<std::int64_t> decisions;
};

struct ImageShape {
  std::int64_t channels = 3, height = 0, width = 0;
};

class Task {
public:
  virtual ~Task() = default;
  virtual ImageShape shape() const = 0;
  virtual std::int64_t classes() const = 0;
  /// The training batch of `step`: a pure function of (seed, step), so that rewinding, resuming and twins
  /// need no generator state. Thread-safe.
  virtual Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count) const = 0;
  /// The fixed validation set (held-out images), the same for every member. Thread-safe.
  virtual Batch validation_set(std::int64_t count) const = 0;
  /// Titles, class names, guides; `inputs` and the like are filled for the first `samples` validation items.
  virtual training::TaskInfo info(std::int64_t samples, double label_smoothing) const = 0;
};

/// Loads the data that the settings ask for. Throws InputError that names a missing package and folder.
std::unique_ptr<Task> make_task(const study::TaskSettings& settings);

struct TaskDescription {
  std::string name, title, description, source;
};
/// Every task variant, for `plateau list tasks` and the field table's choices.
std::vector<TaskDescription> list_tasks();

} // namespace plateau::tasks
