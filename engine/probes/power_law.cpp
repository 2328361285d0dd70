// The exponent of a power law's tail (Clauset, Shalizi & Newman 2009), as the package powerlaw fits it: for
// each value x_min but the largest, over the n values x_i ≥ x_min,
//   α = 1 + n / Σ ln(x_i / x_min),   D = max_i |1 − (x_i / x_min)^(1 − α) − #{x_j < x_i} / n|,
// and of these the α whose D is least, the smallest x_min among equals.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/probes/features.h"

namespace plateau::probes {

double tail_exponent(std::span<const double> eigenvalues) {
  std::vector<double> values;
  std::copy_if(eigenvalues.begin(), eigenvalues.end(), std::back_inserter(values),
               [](double v) { return v > 0; });
  std::sort(values.begin(), values.end());
  double best = std::numeric_limits<double>::quiet_NaN(), least = std::numeric_limits<double>::infinity();
  for (std::size_t first = 0; first < values.size() && values[first] < values.back(); ++first) {
    if (first > 0 && values[first] == values[first - 1]) continue;
    const double count = double(values.size() - first);
    double logarithms = 0;
    for (std::size_t i = first; i < values.size(); ++i) logarithms += std::log(values[i] / values[first]);
    const double exponent = 1 + count / logarithms;
    double distance = 0, below = 0;
    for (std::size_t i = first; i < values.size(); ++i) {
      if (i > first && values[i] > values[i - 1]) below = double(i - first) / count;
      distance = std::max(distance, std::abs(1 - std::pow(values[i] / values[first], 1 - exponent) - below));
    }
    if (distance < least) {
      least = distance;
      best = exponent;
    }
  }
  return best;
}

} // namespace plateau::probes
