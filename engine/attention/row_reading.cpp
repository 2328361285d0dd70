#include "engine/attention/row_reading.h"

#include <algorithm>
#include <cmath>

namespace plateau::attention {
namespace {

double sigma(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

/// do/dl_j of o whose derivative by the weights is `slopes`.
std::vector<double> through(std::span<const double> jacobian, std::span<const double> slopes) {
  const auto n = slopes.size();
  std::vector<double> gradient(n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) gradient[j] += slopes[i] * jacobian[i * n + j];
  return gradient;
}

} // namespace

RowReading read_row(std::string_view name, std::span<const double> scores, std::span<const double> values,
                    const RowOptions& options) {
  RowReading reading;
  reading.weights = row_weights(name, scores, options);
  reading.jacobian = row_jacobian(name, scores, options);
  const auto& a = reading.weights;
  for (std::size_t i = 0; i < a.size(); ++i) reading.mean += a[i] * values[i];
  reading.mean_gradient = through(reading.jacobian, values);
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * std::exp(values[i] - largest);
  reading.has_laser = variant(name).takes_laser && variant(name).non_negative && sum > 0;
  if (!reading.has_laser) return reading;
  reading.laser = std::log(sum) + largest;
  std::vector<double> slopes;
  for (const double value : values) slopes.push_back(std::exp(value - largest) / sum);
  reading.laser_gradient = through(reading.jacobian, slopes);
  return reading;
}

double norm(std::span<const double> numbers) {
  double squares = 0;
  for (const double number : numbers) squares += number * number;
  return std::sqrt(squares);
}

double two_token_slope(double s, double difference) {
  return difference * sigma(s) * sigma(-s);
}

double two_token_laser_slope(double s, double difference) {
  return sigma(s + difference) - sigma(s);
}

EscapeRace escape_race(bool laser, double start, double difference, bool to_high, long long most) {
  constexpr double rate = 0.1, close_enough = 0.1;
  constexpr std::size_t most_kept = 400;
  const double target = to_high ? difference : 0;
  EscapeRace race;
  double s = start, next_kept = 0;
  for (long long step = 0;; ++step) {
    const double a = sigma(s);
    const double output =
        laser ? difference + std::log(a + sigma(-s) * std::exp(-difference)) : a * difference;
    const double error = std::abs(output - target) / difference;
    race.taken = step;
    race.arrived = error <= close_enough;
    if (double(step) >= next_kept || race.arrived || step == most) {
      race.steps.push_back(double(step));
      race.errors.push_back(error);
      next_kept = std::max(double(step) + 1, double(step) * (1 + 8.0 / double(most_kept)));
    }
    if (race.arrived || step == most) return race;
    s -= rate * (output - target) *
         (laser ? two_token_laser_slope(s, difference) : two_token_slope(s, difference));
  }
}

} // namespace plateau::attention
