// Internal: the paper's controls on "are small Q and K gradients the cause?" (eureka.md section 4).
#pragma once

#include <string>
#include <vector>

#include "engine/models/model.h"

namespace plateau::optim {

/// Rescales the gradients of the fused Q, K, V weights [3d, d] in place, after backward, before the update:
///   mean:              G_f <- G_f mean|G| / mean|G_f|            for f in Q, K, V
///   per-head-to-value: G_{f,h} <- G_{f,h} mean|G_{V,h}| / mean|G_{f,h}|  for f in Q, K and each head h
///   mean-to-value:     the same over all heads together
/// "none" does nothing. A part whose gradient is exactly 0 stays 0.
void rescale_gradients(const std::string& method, const std::vector<models::FusedProjection>& projections);

} // namespace plateau::optim
