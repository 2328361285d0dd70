// What the trainer publishes and a recording reproduces: plain, immutable data (DESIGN 4). The same
// Snapshot feeds every panel and figure, whether the run is live or replayed from a file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/study/settings.h"
#include "engine/study/study.h"
#include "engine/training/series.h"

namespace plateau::training {

enum class State { Preparing, Running, Paused, Stopping, Finished, Failed };
const char* to_string(State state);
inline bool can_pause(State s) {
  return s == State::Running;
}
inline bool can_resume(State s) {
  return s == State::Paused;
}
inline bool can_intervene(State s) {
  return s == State::Running || s == State::Paused || s == State::Finished;
}
inline bool is_over(State s) {
  return s == State::Finished || s == State::Failed;
}

/// A probe's array at one step. Row-major; `shape` outermost first.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> data;
};

/// Arrays of one member at one step, by name:
///   "attention/maps"        [samples, layers, heads, queries, keys]  probabilities
///   "attention/mean"        [layers, heads, queries, keys]           mean over the probed samples
///   "attention/predictions" [samples, classes]                       softmax of the logits
///   "saturation/histogram"  [layers, bins]  share of probabilities per bin of log10 a, from -10 to 0
///   "linear/matrices"       [layers, 2, width, width]  P and Q of each layer of a linear transformer
///   "noise/errors"          [draws]  |g_k - g| of single batches' gradients g_k, ascending
///   "features/spectrum"     [width]  eigenvalues of the features' X^T X, descending
///   "features/embedding-spectrum" [frequencies]  share of the embedding's power at frequency 1, 2, …
///   "features/circle"       [tokens, 2]  embedding along cosine and sine of its strongest frequency, in the
///                                        order of the task's cyclic group
///   "features/correct-logit" [modulus, modulus]  logit of the right class for each a (row) and b (column);
///   NaN
///                                        where there is no such pair
///   "features/diagonal"     [modulus]  mean logit of class c by (c - a ∘ b) mod p
///   "features/attention"    [heads, positions]  mean attention of the last token
///   "inputs/tokens"         [samples, positions]  what the maps belong to, where members see different data
///   "inputs/targets"        [samples]
///   "text/samples"          [samples, length]  what a language model writes: indices into the vocabulary
///   "text/prompt"           [length]  what it was given to go on with
struct TensorFrame {
  std::int64_t step = 0;
  std::map<std::string, std::shared_ptr<const Tensor>> tensors;
};

struct Event {
  enum class Kind {
    PlateauBegin,
    PlateauEnd,
    EurekaMoment,
    Memorisation,
    Generalisation,
    Divergence,
    Intervention,
    Checkpoint,
    Note
  };
  Kind kind = Kind::Note;
  std::int64_t step = 0;
  int member = -1;  // id; -1: the whole run
  std::string text; // one line for people
  bool operator==(const Event&) const = default;
};
const char* to_string(Event::Kind kind); // "plateau-begin", ...
Event::Kind event_kind(const std::string& text);

/// A level worth a horizontal line in the plot of `metric`, for example the derived plateau.
struct Guide {
  std::string metric;
  double value = 0;
  std::string label;
};

/// What panels need to know about the task and the model's tokens.
struct TaskInfo {
  std::string title; // "Two-step image task"
  std::string data;  // one line: which data and which indicators are in use
  std::vector<std::string> classes;
  std::vector<Guide> guides;
  /// Inputs that the attention maps belong to: [samples, channels, height, width], values 0..1; null where
  /// inputs are no images.
  std::shared_ptr<const Tensor> inputs;
  /// The same for sequences: [samples, positions], indices into `vocabulary`; else null.
  std::shared_ptr<const Tensor> tokens;
  std::vector<std::string> vocabulary;   // a token in print: "e", "␣", "k3"
  std::vector<std::int64_t> targets;     // class per sample; of sequences read everywhere: of the last token
  std::vector<std::string> input_labels; // "same -> top right: Sneaker", per sample
};

/// How a member's tokens lie on its input; one row: a sequence; rows * columns = 0: no tokens (a CNN).
struct TokenLayout {
  int rows = 0, columns = 0;
  bool class_token = false; // token 0 is the class token
};

struct MemberView {
  int id = 0; // index in Snapshot::members; stable for the whole run
  std::string name;
  std::int64_t seed = 0;
  bool training = true; // false: halted, or frozen by a rewind
  int parent = -1;      // the member it was forked from
  std::int64_t forked_at = 0;
  bool is_twin = false; // forked by "switch and keep a twin"
  std::int64_t step = 0;
  study::Settings settings; // in force now
  std::int64_t parameters = 0;
  TokenLayout tokens;
  /// Curves by metric name, e.g. "loss/train", "saturation/entropy/layer1/head2". A fork's curves contain
  /// its parent's up to forked_at.
  std::map<std::string, Series> series;
  /// The latest arrays, or the ones at the scrubbed step.
  std::shared_ptr<const TensorFrame> frame;
  std::vector<std::int64_t> checkpoints; // steps at which its state is kept, ascending
  /// History of "saturation/histogram" (small enough to keep whole).
  AppendOnly<std::shared_ptr<const TensorFrame>> histograms;
};

/// Milliseconds per step and member, averaged over some hundred steps, the older the less.
struct StepTimes {
  double data = 0, forward = 0, backward = 0, optimizer = 0, evaluation = 0, probes = 0;
  double curvature = 0; // smoothness, curvature and gradient noise, which cost far more than other probes

  StepTimes& operator+=(const StepTimes& other) {
    data += other.data;
    forward += other.forward;
    backward += other.backward;
    optimizer += other.optimizer;
    evaluation += other.evaluation;
    probes += other.probes;
    curvature += other.curvature;
    return *this;
  }
};

/// What checkpoints take on disk.
struct KeptStates {
  std::int64_t steps = 0;  // different ones
  std::int64_t states = 0; // one for each member at a step
  std::int64_t bytes = 0;  // of all of them
  bool operator==(const KeptStates&) const = default;
};

struct Snapshot {
  State state = State::Preparing;
  std::string error;      // one line, when Failed
  bool bad_input = false; // Failed because of what was asked for or is missing, not because of a fault
  std::string notice;     // one line: the latest command that could not be done, and why
  std::shared_ptr<const study::Study> study;
  std::shared_ptr<const TaskInfo> task; // null while Preparing
  std::string device;                   // "CPU, 2 threads" or the GPU's name
  std::string recording;                // path, empty when nothing is recorded
  bool replay = false;                  // read from a recording, no trainer behind it
  std::int64_t step = 0;                // of the member that is furthest
  std::int64_t planned_steps = 0;
  double steps_per_second = 0; // lockstep steps, all members together
  StepTimes times;
  std::vector<MemberView> members;
  std::vector<Event> events;             // in order of discovery
  std::vector<std::int64_t> checkpoints; // steps to which one can rewind, ascending
  KeptStates kept;                       // also of steps to which not every member can go back
  std::vector<study::Intervention> interventions;
};

} // namespace plateau::training
