// Internal: what the detectors of the three kinds of curves share (DetectorOptions::Watches).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/analysis/detector.h"

namespace plateau::analysis {

/// One kind of detector; its functions are those of Detector.
class CurveDetector {
public:
  virtual ~CurveDetector() = default;
  virtual std::vector<Detection> add(const Evaluation& evaluation) = 0;
  virtual std::optional<Detector::Plateau> plateau() const = 0;
  virtual std::optional<std::int64_t> eureka_step() const = 0;
  virtual std::unique_ptr<CurveDetector> clone() const = 0;
};

std::unique_ptr<CurveDetector> plateau_detector(const DetectorOptions& options);
std::unique_ptr<CurveDetector> generalisation_detector();
std::unique_ptr<CurveDetector> in_context_detector(const DetectorOptions& options);

/// A loss that is no finite number, or a training loss that stays far above its start. Told once.
class DivergenceWatch {
public:
  static constexpr std::size_t usual_patience = 4; // evaluations that the loss has to stay there
  std::optional<Detection> add(const Evaluation& evaluation, std::size_t patience = usual_patience);

private:
  std::size_t seen_ = 0;
  double first_ = 0;           // the largest of the first three training losses
  std::vector<Evaluation> up_; // the latest in a row that are far above it
  bool told_ = false;
};

/// The losses of an evaluation are numbers.
bool is_finite(const Evaluation& evaluation);

/// "12 750": steps are read more easily in groups.
std::string grouped(std::int64_t number);

} // namespace plateau::analysis
