// Internal: what a probe puts out. Each probe is a free function in a file of its own; its formula stands in
// the catalogue and above its code.
#pragma once

#include <torch/types.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/models/model.h"
#include "engine/training/snapshot.h"

namespace plateau::probes {

struct Output {
  std::vector<std::pair<std::string, double>> scalars; // metric name, value
  std::map<std::string, std::shared_ptr<const training::Tensor>> tensors;

  void add(std::string metric, double value) { scalars.emplace_back(std::move(metric), value); }
  void add(const std::string& name, training::Tensor tensor);
};

/// "saturation/entropy/layer1" and, with a head (1-based), ".../head2".
std::string metric_name(const std::string& metric, int layer, int head = 0);

/// Copies to plain memory (the host, float32, contiguous).
std::shared_ptr<const training::Tensor> plain(const torch::Tensor& tensor);

/// Everything on the CPU, float32 and contiguous, as the probes below expect it.
void to_host(models::Activations& activations);

/// attention/maps, attention/mean, attention/predictions. `logits` [B, classes]. Nothing of the first two
/// when the model has no attention.
void attention_maps(const models::Activations& activations, const torch::Tensor& logits,
                    std::int64_t map_samples, Output& output);

/// saturation/* of the attention probabilities; `causal`: of those on and below the diagonal.
void saturation(const models::Activations& activations, bool causal, Output& output);

/// values/* of a pass that kept its layers.
void values(const models::Activations& activations, Output& output);

/// linear/* of P and Q [layers, 2, width, width].
void linear_matrices(const torch::Tensor& layers, Output& output);

/// curvature/* of the Hessian's diagonal, sorted magnitudes; at least one.
void condition_number(std::span<const double> ascending, Output& output);

/// noise/* of the distances of single batches' gradients from the true one.
void gradient_noise(std::vector<double> errors, Output& output);

/// A token with probability softmax(logits / temperature), from a number in [0, 1); at temperature 0 the most
/// probable.
std::int64_t draw_token(std::span<const double> logits, double temperature, double uniform);

enum class NormOf { Gradient, Weight };
/// gradient/* and gradient-mean/*, or weight/*: per weight group, groups of one name and layer joined.
void group_norms(const std::vector<models::WeightGroup>& groups, NormOf what, Output& output);

/// component/*: `full` from a normal pass, `weights_only` from one with Mixing::Identity on the same input.
void components(const models::Activations& full, const models::Activations& weights_only, Output& output);

} // namespace plateau::probes
