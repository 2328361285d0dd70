// Internal: how far gradient descent in as many steps gets on the prompts that a linear transformer is
// evaluated on (linear-transformer.md A7; von Oswald et al. 2023; Ahn et al. 2023). A layer with P = 0, Q =
// -eta I is one step of gradient descent on the context's squared error; with P = p I it transforms the
// covariates as well, which preconditions the steps (GD++).
#pragma once

#include "engine/fused/linear_closed_form.h"

namespace plateau::training {

/// Mean losses with the best step sizes found, one (and one p) for each layer, tuned on the very prompts.
struct LinearReference {
  double gradient_descent = 0, preconditioned = 0;
};
LinearReference linear_reference(const fused::LinearShape& shape, const fused::LinearPrompts<double>& prompts,
                                 parallel::WorkerPool& pool);

} // namespace plateau::training
