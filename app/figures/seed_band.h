// Runs that differ in their seed alone as one curve in a band. Internal to app/figures, but for the cache.
#pragma once

#include <list>
#include <memory>
#include <tuple>
#include <vector>

#include "app/figures/options.h"
#include "widgets/line_plot.h"

namespace plateau::figures {

/// Why a seed's curve ends. A band reaches as far as those that still train; one that was halted has its last
/// value counted on beside them, one that diverged is no longer counted.
enum class SeedEnd { Training, Halted, Diverged };

/// A member's curve as one of a band's seeds.
struct SeedCurve {
  widgets::Curve curve;
  SeedEnd end = SeedEnd::Training;
  double last() const { return curve.data.at(curve.data.size - 1).x; }
};

/// The median over the seeds, and from where to where they lie, at up to 600 places along the steps.
struct SeedBand {
  widgets::CurveData median;
  std::vector<double> x, low, high;
};
/// Curves are smoothed before the median is taken. Of `seeds` at least one has points.
SeedBand seed_band(const std::vector<SeedCurve>& seeds, BandEdges edges);

/// Bands that were made before: plots are described anew for each frame, and bands of long runs are dear.
class SeedBandCache {
public:
  std::shared_ptr<const SeedBand> get(const std::vector<SeedCurve>& seeds, BandEdges edges);

private:
  struct Key {
    std::vector<std::tuple<const void*, std::size_t, double, SeedEnd>>
        seeds; // identity, size, smoothing, end
    BandEdges edges{};
    bool operator==(const Key&) const = default;
  };
  struct Known {
    Key key;
    std::vector<widgets::CurveData> data; // kept, so that no other curve can take their place in memory
    std::shared_ptr<const SeedBand> band;
  };
  std::list<Known> known_; // latest used first
};

} // namespace plateau::figures
