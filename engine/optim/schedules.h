// How the learning rate and the temperature move over the steps. Plain functions of the step, so that a
// resumed or forked run needs no schedule state.
#pragma once

#include <cstdint>

#include "engine/study/settings.h"

namespace plateau::optim {

/// Learning rate of the update that follows `step` completed updates: linear warm-up from 0 (never 0 itself),
/// then constant, or the cosine from learning_rate to minimum_learning_rate over all planned steps.
double learning_rate(const study::OptimizerSettings& settings, std::int64_t step, std::int64_t planned_steps);
/// The same as the whole settings have it: with optimizer.readout_rate = inverse-square over the readout
/// scale squared (grokking.md 1.4).
double learning_rate(const study::Settings& settings, std::int64_t step, std::int64_t planned_steps);
/// The share of a weight that decay takes in an update made at this learning rate.
double decay_per_step(const study::OptimizerSettings& settings, double learning_rate);

/// Temperature in units of sqrt(d_k) after `step` updates. Heat treatment (eureka.md section 4) moves the
/// multiplier 1/tau from cold (sharp) to the default: half-cosine or linear in 1/tau over the first
/// schedule_portion of the planned steps, cosine over all of them.
double temperature(const study::AttentionSettings& settings, std::int64_t step, std::int64_t planned_steps);

} // namespace plateau::optim
