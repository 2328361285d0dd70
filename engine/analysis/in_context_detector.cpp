// The plateau before a model reads its context, and the break (icl-plateaus.md 7.4).
//
// H0, the entropy of the labels, is the loss of who knows only how frequent they are. The plateau begins at
// the first of three evaluations in a row whose training loss is within 3 % of H0 while the accuracy late in
// a sequence is still that of chance. The break is the first of three in a row at which that accuracy, which
// only the context can raise, exceeds chance by 0.10; it is a Eureka-moment and ends the plateau, whatever
// the loss has done meanwhile. So its step is the T(δ) by which runs are compared.
//
// Where another loss goes first, as with sequences that the weights can answer (mixed training), there may be
// no plateau before the break. There is one break in a run; what comes after it is not watched.
#include "engine/analysis/detector_parts.h"

#include <cmath>

#include <fmt/format.h>

#include "engine/analysis/statistics.h"

namespace plateau::analysis {
namespace {

constexpr double band = 0.03;   // of H0, to both sides
constexpr double least = 0.10;  // accuracy above chance: δ
constexpr std::size_t held = 3; // evaluations in a row

class InContextDetector final : public CurveDetector {
public:
  explicit InContextDetector(const DetectorOptions& options) : options_(options) {}

  std::unique_ptr<CurveDetector> clone() const override { return std::make_unique<InContextDetector>(*this); }

  std::vector<Detection> add(const Evaluation& e) override {
    std::vector<Detection> findings;
    if (auto found = divergence_.add(e)) findings.push_back(std::move(*found));
    if (!is_finite(e) || break_) return findings;
    last_step_ = e.step;
    const double accuracy = std::isnan(e.late_accuracy) ? e.accuracy : e.late_accuracy;
    const bool above = accuracy > options_.chance + least;

    // Off the plateau, losses_ are those of the evaluations in a row that may become one.
    const bool near = std::abs(e.train_loss - options_.plateau_loss) < band * options_.plateau_loss;
    if (!on_plateau_ && (above || !near)) losses_.clear();
    if (on_plateau_ || (near && !above)) {
      if (losses_.empty()) begin_ = e.step;
      losses_.push_back(e.train_loss);
    }
    if (!on_plateau_ && losses_.size() == held) {
      on_plateau_ = true;
      findings.push_back({Detection::Kind::PlateauBegin, begin_, median(losses_),
                          fmt::format("plateau at {:.2f} from step {}: the labels' entropy is {:.2f}",
                                      median(losses_), grouped(begin_), options_.plateau_loss)});
    }

    if (!above) rising_.clear();
    if (above) rising_.push_back({e.step, accuracy});
    if (rising_.size() == held) break_plateau(findings);
    return findings;
  }

  std::optional<Detector::Plateau> plateau() const override {
    if (!on_plateau_) return {};
    return Detector::Plateau{begin_, break_.value_or(last_step_), median(losses_)};
  }

  std::optional<std::int64_t> eureka_step() const override { return break_; }

private:
  struct Rise {
    std::int64_t step;
    double accuracy;
  };

  void break_plateau(std::vector<Detection>& findings) {
    const auto [step, accuracy] = rising_.front();
    break_ = step;
    if (on_plateau_) {
      losses_.resize(losses_.size() - held); // those after the break; on_plateau_ has had all of them
      findings.push_back(
          {Detection::Kind::PlateauEnd, step, median(losses_),
           fmt::format("plateau at {:.2f} from step {} ended at step {} ({} steps)", median(losses_),
                       grouped(begin_), grouped(step), grouped(step - begin_))});
    }
    findings.push_back({Detection::Kind::EurekaMoment, step, accuracy,
                        fmt::format("reads the context from step {}{}: accuracy {:.2f} late in the sequence, "
                                    "{:.2f} by chance",
                                    grouped(step), on_plateau_ ? "" : ", without a plateau before", accuracy,
                                    options_.chance)});
  }

  DetectorOptions options_;
  bool on_plateau_ = false;    // now, or before the break
  std::int64_t begin_ = 0;     // of the plateau, or of what may become one
  std::vector<double> losses_; // training losses since then, up to the break
  std::vector<Rise> rising_;   // evaluations in a row above chance
  std::optional<std::int64_t> break_;
  std::int64_t last_step_ = 0;
  DivergenceWatch divergence_;
};

} // namespace

std::unique_ptr<CurveDetector> in_context_detector(const DetectorOptions& options) {
  return std::make_unique<InContextDetector>(options);
}

} // namespace plateau::analysis
