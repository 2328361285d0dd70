// The formula of a setting with this run's own numbers, for tooltips.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/study/fields.h"
#include "engine/training/snapshot.h"

namespace plateau::window {

/// What the formulas need besides the settings.
struct RunNumbers {
  std::int64_t step = 0;
  std::int64_t classes = 0;            // 0: not known yet
  std::optional<double> learning_rate; // in force at `step`
  std::optional<double> temperature;   // likewise, in units of sqrt(d_k)
};
RunNumbers run_numbers(const training::MemberView& member, const training::TaskInfo* task, std::int64_t step);

/// "τ = 0.25 × √16 = 1.00"; empty where there is nothing to work out.
std::string with_numbers(const study::Field& field, const study::Settings& settings,
                         const RunNumbers& numbers);

/// Width of a head.
std::int64_t head_width(const study::ModelSettings& model);

} // namespace plateau::window
