// How plateaus and Eureka-moments are told from everything else.
//
// A plateau is a stretch in which train and validation loss hardly fall although the task is not solved; a
// Eureka-moment is its end when both losses and the error fall together, far and fast (eureka.md 5, 8.4
// R1-R2). All heights are relative to `scale`, the larger of the loss and of what it has fallen so far, and
// have to stand out of the noise, which is estimated from differences of neighbouring evaluations. Levels are
// medians, so that single evaluations decide nothing. Windows grow with the run (a quarter of it), so that
// the answers depend on the curve's shape and neither on its time scale nor, much, on how often it is
// evaluated.
//
// The numbers below were chosen on the families of curves in tests/analysis: those without a jump (noise,
// spikes, decays, schedules, instabilities, grokking, the slow shelf of eureka.md 6.1) and those with one
// (cliffs of two to twenty evaluations, noise up to 5 % of the loss). A jump of the two-step task falls by 25
// to 35 % of the scale and takes the error down by 60 % or more; a cut of the learning rate reaches 5 and 20
// %.
#include "engine/analysis/detector_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "engine/analysis/statistics.h"

namespace plateau::analysis {
namespace {

// Shares of the scale.
constexpr double level_tolerance = 0.04; // what changes less in a window is level
constexpr double departure = 0.04;       // further away from its level a plateau may be over
constexpr double least_fall = 0.10;      // further below it is over
// Multiples of the noise's standard deviation that they have to exceed, too.
constexpr double departure_noise = 2;
constexpr double least_fall_noise = 3;
constexpr double least_error_fall = 0.4; // share of the error, 1 - accuracy
constexpr double window_share = 0.25;    // of the run so far, or of the plateau so far
// The middle of a sudden fall (from 20 to 80 %) takes no more of the steps before it and of the plateau.
constexpr double sudden_share_of_run = 0.2;
constexpr double sudden_share_of_plateau = 0.5;
constexpr std::size_t largest_sample = 48; // values that stand for a window, whatever its length

enum Channel { Train, Validation, Error, channel_count };
using Levels = std::array<double, channel_count>;

class PlateauDetector final : public CurveDetector {
public:
  explicit PlateauDetector(const DetectorOptions& o) : options(o) {}

  std::unique_ptr<CurveDetector> clone() const override { return std::make_unique<PlateauDetector>(*this); }

  std::optional<std::int64_t> eureka_step() const override { return first_eureka; }

  std::optional<Detector::Plateau> plateau() const override {
    if (!stretch) return longest;
    const Window whole{stretch->begin, last()};
    const Detector::Plateau lasting{steps[whole.begin], steps[whole.end], level(Train, whole)};
    return longest && longest->end - longest->begin > lasting.end - lasting.begin ? longest : lasting;
  }

  std::vector<Detection> add(const Evaluation& e) override {
    std::vector<Detection> findings;
    if (auto found = divergence.add(e)) findings.push_back(std::move(*found));
    if (!is_finite(e)) return findings;
    steps.push_back(e.step);
    curves[Train].push_back(e.train_loss);
    curves[Validation].push_back(e.validation_loss);
    curves[Error].push_back(1 - e.accuracy);
    for (const auto channel : {Train, Validation}) {
      const double level_now = level(channel, {last() < 4 ? 0 : last() - 4, last()});
      lowest[channel].push_back(lowest[channel].empty() ? level_now
                                                        : std::min(level_now, lowest[channel].back()));
    }
    auto more = std::vector<Detection>();
    if (!stretch) {
      more = look_for_plateau();
    } else {
      if (!stretch->leaving) notice_departure();
      if (stretch->leaving) more = follow_departure();
    }
    findings.insert(findings.end(), more.begin(), more.end());
    return findings;
  }

private:
  /// A closed range of evaluations.
  struct Window {
    std::size_t begin, end;
    std::size_t count() const { return end - begin + 1; }
  };

  struct Reference {
    Levels level, noise;
    Levels scale; // for losses; unused for the error
  };

  /// The curve has left the plateau's level, perhaps for good.
  struct Leaving {
    std::size_t onset; // the last evaluation on the plateau
    Reference from;
    std::optional<std::size_t> far_since; // first evaluation at which it had fallen far enough
  };

  struct Stretch {
    std::size_t begin;
    std::size_t reference_from; // later than begin once the level has shifted a little
    std::optional<Leaving> leaving;
  };

  // ---- curves ----

  std::size_t last() const { return steps.size() - 1; }
  std::size_t shortest() const {
    return static_cast<std::size_t>(std::max(options.minimum_plateau_evaluations, 4));
  }
  bool has_accuracy() const { return std::isfinite(curves[Error].back()); }

  /// At most largest_sample indices, evenly spread over the window, its last one included.
  static std::vector<std::size_t> spread(Window window) {
    const auto count = std::min(window.count(), largest_sample);
    std::vector<std::size_t> indices(count);
    for (std::size_t i = 0; i < count; ++i)
      indices[i] = window.end - (window.count() - 1) * i / std::max<std::size_t>(count - 1, 1);
    std::reverse(indices.begin(), indices.end());
    return indices;
  }

  double level(Channel channel, Window window) const {
    std::vector<double> values;
    for (const auto i : spread(window)) values.push_back(curves[channel][i]);
    return median(std::move(values));
  }

  double noise(Channel channel, Window window) const {
    const auto begin = window.end - std::min(window.count(), largest_sample) + 1;
    return noise_level(std::span(curves[channel]).subspan(begin, window.end - begin + 1));
  }

  /// The level around evaluation `i` of which only the past is known.
  double now(Channel channel, std::size_t i) const { return level(channel, {i < 2 ? 0 : i - 2, i}); }

  /// The untrained model's loss, as well as it is known.
  double start(Channel channel) const {
    const auto& curve = curves[channel];
    return *std::max_element(
        curve.begin(), curve.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(curve.size(), 3)));
  }

  double scale(Channel channel, double level) const {
    return std::max(std::abs(start(channel) - level), std::abs(level));
  }

  /// Levels of `window`; the noise is estimated from all of the stretch that it closes.
  Reference reference(Window window, std::size_t stretch_begin) const {
    Reference result{};
    for (const auto channel : {Train, Validation, Error}) {
      result.level[channel] = level(channel, window);
      result.noise[channel] = noise(channel, {stretch_begin, window.end});
      result.scale[channel] = scale(channel, result.level[channel]);
    }
    return result;
  }

  // ---- plateaus ----

  bool is_level(Channel channel, Window window) const {
    const auto indices = spread(window);
    std::vector<double> x, y;
    for (const auto i : indices) {
      x.push_back(static_cast<double>(steps[i]));
      y.push_back(curves[channel][i]);
    }
    const double change = std::abs(robust_slope(x, y)) * (x.back() - x.front());
    // What a fitted line changes by chance alone.
    const double uncertainty = noise(channel, window) * std::sqrt(12.0 / static_cast<double>(indices.size()));
    return change < std::max(level_tolerance * scale(channel, level(channel, window)), uncertainty);
  }

  /// Evaluations that a plateau must fill before it is called one.
  Window recent_window() const {
    const auto earliest =
        steps[last()] -
        static_cast<std::int64_t>(window_share * static_cast<double>(steps[last()] - steps.front()));
    const auto by_steps =
        static_cast<std::size_t>(std::lower_bound(steps.begin(), steps.end(), earliest) - steps.begin());
    return {std::min(by_steps, last() + 1 - shortest()), last()};
  }

  std::vector<Detection> look_for_plateau() {
    if (steps.size() < searched_from + shortest()) return {};
    const auto window = recent_window();
    if (window.begin < searched_from ||
        (has_accuracy() && 1 - level(Error, window) >= options.solved_accuracy))
      return {};
    if (!is_level(Train, window) || !is_level(Validation, window)) return {};
    // It began where the curve came so close for good.
    const auto found = reference(window, window.begin);
    const auto near = [&](std::size_t i) {
      return std::ranges::all_of(std::array{Train, Validation}, [&](Channel channel) {
        const double band =
            std::max(level_tolerance * found.scale[channel], departure_noise * found.noise[channel]);
        const double around = level(channel, {i > 0 ? i - 1 : 0, std::min(i + 1, last())});
        return std::abs(around - found.level[channel]) < band;
      });
    };
    auto begin = window.begin;
    while (begin < last() && !near(begin)) ++begin;
    while (begin > searched_from && near(begin - 1)) --begin;
    stretch = Stretch{begin, begin, {}};
    const double height = level(Train, {begin, last()});
    return {{Detection::Kind::PlateauBegin, steps[begin], height,
             fmt::format("plateau at {:.2f} from step {}", height, grouped(steps[begin]))}};
  }

  double leaving_distance(const Reference& reference) const {
    return std::max(departure * reference.scale[Train], departure_noise * reference.noise[Train]);
  }

  void notice_departure() {
    // The latest evaluations are left out: they may already belong to the fall.
    const auto end = last() - 3;
    const auto length = std::max(
        shortest(), static_cast<std::size_t>(window_share * static_cast<double>(end - stretch->begin)));
    const auto begin = std::max(stretch->reference_from, end + 1 - std::min(end + 1, length));
    if (begin >= end) return;
    const auto from = reference({begin, end}, stretch->begin);
    const double distance = leaving_distance(from), moved = now(Train, last()) - from.level[Train];
    if (std::abs(moved) <= distance) return;
    // Where the raw curve was last on its old level.
    auto onset = last();
    while (onset > begin && std::abs(curves[Train][onset] - from.level[Train]) > distance / 2) --onset;
    stretch->leaving = Leaving{onset, from, {}};
  }

  double fall(Channel channel, const Reference& from) const {
    return from.level[channel] - now(channel, last());
  }

  bool fell_far(Channel channel, const Reference& from) const {
    if (channel == Error && !std::isfinite(fall(Error, from))) return true; // not measured
    const double least =
        channel == Error ? least_error_fall * from.level[Error] : least_fall * from.scale[channel];
    return fall(channel, from) >= std::max(least, least_fall_noise * from.noise[channel]);
  }

  /// The fall has slowed down.
  bool is_settled(const Leaving& leaving) const {
    const auto lately = std::max<std::size_t>(2, (last() - leaving.onset) / 3);
    for (const auto channel : {Train, Validation, Error}) {
      const double change = now(channel, last() - lately) - now(channel, last());
      if (change > std::max(0.15 * fall(channel, leaving.from), leaving.from.noise[channel])) return false;
    }
    return true;
  }

  /// Far below every level that the curve has had before: not just back from an excursion.
  bool is_new_territory(const Leaving& leaving) const {
    for (const auto channel : {Train, Validation})
      if (now(channel, last()) >
          lowest[channel][leaving.onset] - least_fall / 2 * leaving.from.scale[channel])
        return false;
    return true;
  }

  /// The step at which the curve was last above `share` of its fall, interpolated between medians of five. It
  /// fell from the level of the plateau's last two thirds: a slow beginning of the fall counts, too.
  double crossing(Channel channel, const Leaving& leaving, double share) const {
    const auto first_third = (leaving.onset - stretch->begin) / 3;
    const double top = level(channel, {stretch->begin + first_third, leaving.onset});
    const double bottom = now(channel, last());
    const double height = top - share * (top - bottom);
    const auto smooth = [&](std::size_t i) {
      return level(channel, {i < 2 ? 0 : i - 2, std::min(i + 2, last())});
    };
    auto i = last();
    while (i > stretch->begin && smooth(i - 1) <= height) --i;
    if (i == stretch->begin) return static_cast<double>(steps[i]);
    const double above = smooth(i - 1), below = smooth(i);
    const double part = above > below ? std::clamp((above - height) / (above - below), 0.0, 1.0) : 1;
    return static_cast<double>(steps[i - 1]) + part * static_cast<double>(steps[i] - steps[i - 1]);
  }

  bool is_sudden(const Leaving& leaving) const {
    const auto before = static_cast<double>(steps[leaving.onset]);
    const auto plateau = static_cast<double>(steps[leaving.onset] - steps[stretch->begin]);
    const double limit = std::min(sudden_share_of_run * before, sudden_share_of_plateau * plateau);
    std::array<double, 2> middle{};
    for (const auto channel : {Train, Validation}) {
      if (crossing(channel, leaving, 0.8) - crossing(channel, leaving, 0.2) > limit) return false;
      middle[channel] = crossing(channel, leaving, 0.5);
    }
    const auto spacing = static_cast<double>(steps[last()] - steps[last() - 1]);
    return std::abs(middle[Train] - middle[Validation]) <= std::max(2 * spacing, limit);
  }

  std::vector<Detection> follow_departure() {
    auto& leaving = *stretch->leaving;
    const auto& from = leaving.from;
    const double fallen = fall(Train, from);
    if (std::abs(fallen) < 0.75 * leaving_distance(from)) { // it came back
      stretch->leaving.reset();
      return {};
    }
    const auto away = last() - leaving.onset;
    const auto patience =
        std::max(shortest(), static_cast<std::size_t>(window_share *
                                                      static_cast<double>(leaving.onset - stretch->begin)));
    if (fallen < 0) {
      if (away < patience) return {};
      if (-fallen >= least_fall * from.scale[Train]) return {end_plateau(", the loss rose")};
    } else if (fell_far(Train, from)) {
      if (!leaving.far_since) leaving.far_since = last();
      const bool all_fell = fell_far(Validation, from) && fell_far(Error, from) && is_new_territory(leaving);
      const bool out_of_patience = last() - *leaving.far_since >= patience;
      if (!(all_fell && is_settled(leaving)) && !out_of_patience) return {};
      if (!all_fell) return {end_plateau("")};
      if (!is_sudden(leaving)) return {end_plateau(", gradually")};
      const auto moment = eureka_moment(leaving);
      return {end_plateau(""), moment};
    } else if (away < patience) {
      return {};
    } else if (has_accuracy() && 1 - now(Error, last()) >= options.solved_accuracy) {
      return {end_plateau("")};
    }
    // A small step is still the same plateau.
    stretch->reference_from = leaving.onset + 1;
    stretch->leaving.reset();
    return {};
  }

  Detection end_plateau(const char* how) {
    const Window whole{stretch->begin, stretch->leaving->onset};
    const auto from = steps[whole.begin], to = steps[whole.end];
    const double height = level(Train, whole);
    remember(whole);
    searched_from = last() + 1 - std::min<std::size_t>(3, last());
    stretch.reset();
    return {Detection::Kind::PlateauEnd, to, height,
            fmt::format("plateau at {:.2f} from step {} ended at step {} ({} steps){}", height, grouped(from),
                        grouped(to), grouped(to - from), how)};
  }

  /// eureka.md 5: the first of two evaluations in a row that are more than half-way up.
  Detection eureka_moment(const Leaving& leaving) {
    const auto channel = has_accuracy() ? Error : Train;
    const auto& curve = curves[channel];
    const double before = leaving.from.level[channel], after = now(channel, last());
    const auto height = [&](double share) { return before - share * (before - after); };
    auto moment = leaving.onset + 1;
    while (moment < last() && !(curve[moment] < height(0.5) && curve[moment + 1] < height(0.5))) ++moment;
    auto top = moment, bottom = moment;
    while (top > leaving.onset && curve[top] < height(0.1)) --top;
    while (bottom < last() && curve[bottom] > height(0.9)) ++bottom;
    const auto within = grouped(std::max<std::int64_t>(steps[bottom] - steps[top], 0));
    if (!first_eureka) first_eureka = steps[moment];
    const auto change = has_accuracy() ? fmt::format("accuracy {:.2f} → {:.2f}", 1 - before, 1 - after)
                                       : fmt::format("loss {:.2f} → {:.2f}", before, after);
    return {
        Detection::Kind::EurekaMoment, steps[moment], has_accuracy() ? 1 - after : after,
        fmt::format("Eureka-moment at step {}: {} within {} steps", grouped(steps[moment]), change, within)};
  }

  void remember(Window whole) {
    const Detector::Plateau ended{steps[whole.begin], steps[whole.end], level(Train, whole)};
    if (!longest || ended.end - ended.begin > longest->end - longest->begin) longest = ended;
  }

  DetectorOptions options;
  std::vector<std::int64_t> steps;
  std::array<std::vector<double>, channel_count> curves;
  std::array<std::vector<double>, 2> lowest; // level of the losses up to then
  std::size_t searched_from = 0;             // plateaus before it are over
  std::optional<Stretch> stretch;            // the plateau that lasts
  std::optional<Detector::Plateau> longest;  // of those that are over
  std::optional<std::int64_t> first_eureka;
  DivergenceWatch divergence;
};

} // namespace

std::unique_ptr<CurveDetector> plateau_detector(const DetectorOptions& options) {
  return std::make_unique<PlateauDetector>(options);
}

} // namespace plateau::analysis
