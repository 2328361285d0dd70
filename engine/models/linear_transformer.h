// Internal: the linear transformer of Ahn et al. (linear-transformer.md A2) and its exact short form.
#pragma once

#include <memory>

#include "engine/models/model.h"

namespace plateau::models {

/// Its forward takes prompts [B, n + 1, d + 1] of rows z_i = (x_i, y_i), the query last with y = 0, and gives
/// predictions [B]. Every layer moves each token by
///   z_i <- z_i + 1/n sum_{j <= n} f(z_i^T Q z_j) P z_j
/// and the prediction is -y of the query. Parameters: "layers" [2L, d, d], P and Q of each layer in turn,
/// where P = diag(P, 1) and Q = diag(Q, 0) (block-sparse), or [2L, d + 1, d + 1] (dense); with
/// model.feature_width an MLP on the covariates. With linear mixing nothing but H = sum_j z_j z_j^T of the
/// context matters:
///   A = P H Q^T / n;  z_query <- (I + A) z_query;  H <- (I + A) H (I + A)^T
/// which is what is computed, unless training.path = "autograd" asks for the tokens.
std::shared_ptr<Model> make_linear_transformer(const study::Settings& settings,
                                               const tasks::InputShape& shape, at::Generator& generator);

} // namespace plateau::models
