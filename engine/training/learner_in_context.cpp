// What comes from the context and what from the weights (icl-plateaus.md 5.3, 7.4).
#include "engine/training/learner.h"

namespace plateau::training {

void Learner::measure_in_context(std::int64_t, std::int64_t, probes::Output&) {}

} // namespace plateau::training
