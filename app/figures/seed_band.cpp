#include "app/figures/seed_band.h"

#include <algorithm>
#include <cmath>

#include "engine/analysis/statistics.h"

namespace plateau::figures {
namespace {

constexpr std::size_t most_places = 600; // along x; more than a page shows
constexpr std::size_t most_bands = 200;  // kept; more than a window shows at once

/// The seed at whose steps the band is taken: the shortest that goes on; of others alone the longest.
const SeedCurve& guide(const std::vector<SeedCurve>& seeds) {
  const SeedCurve* guide = nullptr;
  for (const auto& seed : seeds)
    if (!guide || seed.end < guide->end ||
        (seed.end == guide->end && (seed.last() < guide->last()) == (seed.end == SeedEnd::Training)))
      guide = &seed;
  return *guide;
}

/// What the seeds have at `x`, ascending; empty where one that is counted has nothing.
std::vector<double> values_at(const std::vector<SeedCurve>& seeds, double x) {
  std::vector<double> values;
  for (const auto& seed : seeds) {
    const auto point =
        widgets::value_at(seed.curve, seed.end == SeedEnd::Halted ? std::min(x, seed.last()) : x);
    if (point && std::isfinite(point->y))
      values.push_back(point->y);
    else if (seed.end != SeedEnd::Diverged)
      return {};
  }
  std::ranges::sort(values);
  return values;
}

} // namespace

SeedBand seed_band(const std::vector<SeedCurve>& all, BandEdges edges) {
  std::vector<SeedCurve> seeds = all;
  std::erase_if(seeds, [](const auto& seed) { return seed.curve.data.size == 0; });
  const widgets::CurveData& steps = guide(seeds).curve.data;
  const std::size_t stride = std::max<std::size_t>(1, steps.size / most_places);
  SeedBand band;
  std::vector<widgets::CurvePoint> medians;
  for (std::size_t i = 0; i < steps.size; i += stride) {
    const double x = steps.at(i).x;
    const auto values = values_at(seeds, x);
    if (values.empty()) continue;
    const std::size_t n = values.size();
    medians.push_back({x, n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2});
    band.x.push_back(x);
    const bool quartiles = edges == BandEdges::Quartiles;
    band.low.push_back(quartiles ? analysis::quantile(values, 0.25) : values.front());
    band.high.push_back(quartiles ? analysis::quantile(values, 0.75) : values.back());
  }
  band.median = widgets::CurveData::of(std::move(medians));
  return band;
}

std::shared_ptr<const SeedBand> SeedBandCache::get(const std::vector<SeedCurve>& seeds, BandEdges edges) {
  Key key{.seeds = {}, .edges = edges};
  for (const auto& seed : seeds)
    key.seeds.emplace_back(seed.curve.data.identity, seed.curve.data.size, seed.curve.smoothing, seed.end);
  const auto found = std::ranges::find(known_, key, &Known::key);
  if (found != known_.end()) {
    known_.splice(known_.begin(), known_, found);
    return known_.front().band;
  }
  Known made{.key = std::move(key), .data = {}, .band = nullptr};
  for (const auto& seed : seeds) made.data.push_back(seed.curve.data);
  made.band = std::make_shared<const SeedBand>(seed_band(seeds, edges));
  known_.push_front(std::move(made));
  if (known_.size() > most_bands) known_.pop_back();
  return known_.front().band;
}

} // namespace plateau::figures
