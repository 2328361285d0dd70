// Which of the detectors watches a curve; how each decides stands in plateau_detector.cpp,
// generalisation_detector.cpp and in_context_detector.cpp.
#include "engine/analysis/detector.h"

#include "engine/analysis/detector_parts.h"

namespace plateau::analysis {
namespace {

std::unique_ptr<CurveDetector> make_detector(const DetectorOptions& options) {
  using Watches = DetectorOptions::Watches;
  switch (options.watches) {
  case Watches::Generalisation:
    return generalisation_detector();
  case Watches::InContext:
    return in_context_detector(options);
  case Watches::Plateaus:
    break;
  }
  return plateau_detector(options);
}

} // namespace

struct Detector::State {
  std::unique_ptr<CurveDetector> detector;
};

Detector::Detector(DetectorOptions options)
    : state_(std::make_unique<State>(State{make_detector(options)})) {}
Detector::~Detector() = default;
Detector::Detector(const Detector& other)
    : state_(std::make_unique<State>(State{other.state_->detector->clone()})) {}
Detector& Detector::operator=(const Detector& other) {
  state_->detector = other.state_->detector->clone();
  return *this;
}

std::vector<Detection> Detector::add(const Evaluation& evaluation) {
  return state_->detector->add(evaluation);
}

std::optional<Detector::Plateau> Detector::plateau() const {
  return state_->detector->plateau();
}

std::optional<std::int64_t> Detector::eureka_step() const {
  return state_->detector->eureka_step();
}

} // namespace plateau::analysis
