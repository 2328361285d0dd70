// Finds plateaus, Eureka-moments, generalisation and divergence in curves, as they grow. Pure: no LibTorch,
// no clock.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace plateau::analysis {

/// One evaluation of a run.
struct Evaluation {
  std::int64_t step = 0;
  double train_loss = 0; // mean since the previous evaluation
  double validation_loss = 0;
  double accuracy = 0;                                              // on the validation set, 0..1
  double train_accuracy = std::numeric_limits<double>::quiet_NaN(); // mean since the previous evaluation
  double late_accuracy = std::numeric_limits<double>::quiet_NaN();  // of the last quarter of a sequence
};

struct Detection {
  enum class Kind { PlateauBegin, PlateauEnd, EurekaMoment, Memorisation, Generalisation, Divergence };
  Kind kind;
  std::int64_t step; // where it happened, at or before the evaluation that revealed it
  double level = 0;  // plateau: its training loss; Eureka-moment: accuracy after the jump
  std::string text;  // one line for people, with the numbers
};

/// The other thresholds, and how all were chosen, stand in detector.cpp.
struct DetectorOptions {
  /// Plateaus and sudden jumps of the losses; or when what was memorised generalises (grokking.md 1.6, 4.4);
  /// or the plateau at a known loss and its break (icl-plateaus.md 7.4).
  enum class Watches { Plateaus, Generalisation, InContext } watches = Watches::Plateaus;
  double plateau_loss = 0,
         chance = 0; // InContext: loss and accuracy of who knows only the labels' frequencies
  int minimum_plateau_evaluations = 8;
  double solved_accuracy = 0.75; // a level stretch at or above it is the end of learning, not a plateau
};

/// Streaming: a finding is reported once and never taken back. Feeding the same evaluations again gives
/// the same findings, so resuming replays the curve.
class Detector {
public:
  explicit Detector(DetectorOptions options = {});
  ~Detector();
  Detector(const Detector&);
  Detector& operator=(const Detector&);

  std::vector<Detection> add(const Evaluation& evaluation);

  /// The longest stretch found so far: [begin, end], end = latest step when it still lasts.
  struct Plateau {
    std::int64_t begin, end;
    double level;
  };
  std::optional<Plateau> plateau() const;
  std::optional<std::int64_t> eureka_step() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace plateau::analysis
