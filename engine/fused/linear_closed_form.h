// Internal: loss and gradient of the linear transformer without ever building its tokens
// (linear-transformer.md A2b), with as many samples at once as a vector has lanes.
//   A_l = P_l G_l Q_l^T / n;  g_l = Q_l h_l / n;  s += g_l . x_l;  T_l = I + A_l
//   x_{l+1} = T_l x_l;  h_{l+1} = T_l (h_l + G_l g_l);  G_{l+1} = T_l G_l T_l^T
// from G = sum_j x_j x_j^T and h = sum_j x_j y_j over the context; loss = mean (s + y_query)^2. Holds for the
// block-sparse parametrisation of the released code and linear attention.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/parallel/worker_pool.h"

namespace plateau::fused {

struct LinearShape {
  std::int64_t layers, width, context; // L, d, n
  std::int64_t parameters() const { return 2 * layers * width * width; }
};

/// Prompts, lane by lane, in Real = float or double. `prompts` [count, context + 1, width + 1] of rows (x,
/// y), the query last, whose y stands in `targets` [count].
template<class Real> struct LinearPrompts {
  LinearPrompts(const LinearShape& shape, std::int64_t count, const float* prompts, const float* targets);
  std::int64_t count = 0,
               groups = 0;  // a group fills a vector; the last is padded with zeros, which cost nothing
  std::vector<Real> tokens; // [groups, context + 1, width + 1, lanes], the query's y in its place
};

template<class Real> class LinearClosedForm {
public:
  explicit LinearClosedForm(const LinearShape& shape);

  /// Mean loss; `gradient` like `parameters` [layers, 2, width, width]: P and Q of each layer. The sums'
  /// order does not depend on the number of threads.
  double gradient(const Real* parameters, const LinearPrompts<Real>& prompts, parallel::WorkerPool& pool,
                  Real* gradient);
  /// [count] y of the query less the prediction.
  std::vector<Real> residuals(const Real* parameters, const LinearPrompts<Real>& prompts,
                              parallel::WorkerPool& pool);

private:
  double run(const Real* parameters, const LinearPrompts<Real>& prompts, parallel::WorkerPool& pool,
             bool wants_gradient, Real* residuals);

  LinearShape shape_;
  std::vector<std::vector<Real>> workspaces_; // by part of the batch
  std::vector<std::vector<Real>> gradients_;  // likewise
};

} // namespace plateau::fused
