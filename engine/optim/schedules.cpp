#include "engine/optim/schedules.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plateau::optim {

double learning_rate(const study::OptimizerSettings& s, std::int64_t step, std::int64_t planned_steps) {
  double rate = s.learning_rate;
  if (s.schedule == "cosine") {
    const double done = std::clamp(double(step) / double(std::max<std::int64_t>(1, planned_steps)), 0.0, 1.0);
    rate = s.minimum_learning_rate +
           0.5 * (s.learning_rate - s.minimum_learning_rate) * (1 + std::cos(std::numbers::pi * done));
  }
  if (step < s.warmup_steps) rate *= double(step + 1) / double(s.warmup_steps);
  return rate;
}

double learning_rate(const study::Settings& s, std::int64_t step, std::int64_t planned_steps) {
  const double rate = learning_rate(s.optimizer, step, planned_steps);
  // The readout scale is a setting of this kind of model only.
  if (s.optimizer.readout_rate != "inverse-square" || s.model.kind != "arithmetic-transformer") return rate;
  return rate / (s.model.readout_scale * s.model.readout_scale);
}

double decay_per_step(const study::OptimizerSettings& s, double learning_rate) {
  return s.decay_unit == "step" ? s.weight_decay : learning_rate * s.weight_decay;
}

double temperature(const study::AttentionSettings& s, std::int64_t step, std::int64_t planned_steps) {
  if (s.schedule == "constant") return s.temperature;
  // The full cosine takes the whole run, the other shapes their portion of it.
  const double length = (s.schedule == "cosine" ? 1 : s.schedule_portion) * double(planned_steps);
  if (double(step) >= length) return s.temperature;
  const double done = double(step) / length;
  const double left = s.schedule == "linear" ? 1 - done : 0.5 * (1 + std::cos(std::numbers::pi * done));
  const double first = 1 / s.schedule_start, last = 1 / s.temperature; // multipliers
  return 1 / (last + (first - last) * left);
}

} // namespace plateau::optim
