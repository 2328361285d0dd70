// When what was memorised generalises (grokking.md 1.6, 4.4, 4.5).
//
// Memorised: the first evaluation with a training accuracy of 0.99. Generalises: the first with a test
// accuracy of 0.99. First crossings, because the training loss of networks that have generalised leaps up for
// a while now and then ("slingshots"), and the accuracies fall with it. The delay between the two is the
// plateau here. Memorisation after generalisation is not told: the training accuracy, a mean over the steps
// before, just lags.
#include "engine/analysis/detector_parts.h"

#include <fmt/format.h>

#include "engine/analysis/statistics.h"

namespace plateau::analysis {
namespace {

constexpr double known = 0.99; // accuracy
// Slingshots come back within a few hundred steps. A loss that stays up for so many evaluations does not.
constexpr std::size_t patience_with_slingshots = 4 * DivergenceWatch::usual_patience;

class GeneralisationDetector final : public CurveDetector {
public:
  std::unique_ptr<CurveDetector> clone() const override {
    return std::make_unique<GeneralisationDetector>(*this);
  }

  std::vector<Detection> add(const Evaluation& e) override {
    std::vector<Detection> findings;
    const auto patience =
        memorised_ || generalised_ ? patience_with_slingshots : DivergenceWatch::usual_patience;
    if (auto found = divergence_.add(e, patience)) findings.push_back(std::move(*found));
    if (!is_finite(e) || generalised_) return findings;
    last_step_ = e.step;
    if (!memorised_ && e.train_accuracy >= known) {
      memorised_ = e.step;
      findings.push_back({Detection::Kind::Memorisation, e.step, e.train_accuracy,
                          fmt::format("memorised at step {}: training accuracy {:.2f}, test accuracy {:.2f}",
                                      grouped(e.step), e.train_accuracy, e.accuracy)});
    }
    if (memorised_) losses_.push_back(e.train_loss);
    if (e.accuracy >= known) {
      generalised_ = e.step;
      findings.push_back({Detection::Kind::Generalisation, e.step, e.accuracy,
                          fmt::format("generalises at step {}: test accuracy {:.2f}, {}", grouped(e.step),
                                      e.accuracy, delay())});
    }
    return findings;
  }

  /// From memorisation to generalisation, or to the latest evaluation; its level is the training loss.
  std::optional<Detector::Plateau> plateau() const override {
    if (!memorised_ || generalised_ == memorised_) return {};
    return Detector::Plateau{*memorised_, generalised_.value_or(last_step_), median(losses_)};
  }

  std::optional<std::int64_t> eureka_step() const override { return generalised_; }

private:
  std::string delay() const {
    if (!memorised_) return "without memorising first";
    if (generalised_ == memorised_) return "as soon as it has memorised";
    return fmt::format("{} steps after memorising ({:.1f} times as late)",
                       grouped(*generalised_ - *memorised_),
                       static_cast<double>(*generalised_) / static_cast<double>(*memorised_));
  }

  std::optional<std::int64_t> memorised_, generalised_;
  std::int64_t last_step_ = 0;
  std::vector<double> losses_; // training losses from memorisation to generalisation
  DivergenceWatch divergence_;
};

} // namespace

std::unique_ptr<CurveDetector> generalisation_detector() {
  return std::make_unique<GeneralisationDetector>();
}

} // namespace plateau::analysis
