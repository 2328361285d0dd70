// Internal: one attention variant, everything about it in one place. A new variant is one file that defines
// a Variant, and one line in catalogue.cpp.
#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/attention/catalogue.h"
#include "engine/attention/read_counts.h"
#include "engine/attention/scale.h"

namespace plateau::attention {

/// What a layer's own parameters depend on.
struct LayerShape {
  std::int64_t width = 0, heads = 0, tokens = 0;
  std::int64_t index = 0; // of the layer, from 0
  bool causal = false;
  std::int64_t head_width() const { return width / heads; }
};

/// Parameters of a variant in one layer, by name, in the order in which they are registered.
using OwnParameters = std::vector<std::pair<std::string, torch::Tensor>>;

/// One layer's attention at work on a batch.
struct Layer {
  torch::Tensor q, k, v; // [B, H, N, d_k]
  torch::Tensor x;       // [B, N, d]: what they were made of
  torch::Tensor visible; // bool, broadcasts to [B, H, N, N]: query i may look at key j; undefined: at all
  Scale scale;
  const study::AttentionSettings* settings = nullptr;
  const OwnParameters* own = nullptr;
  std::int64_t index = 0;       // of the layer, from 0
  ReadCounts* counts = nullptr; // where LASER's reads are counted, if at all

  const torch::Tensor& own_parameter(const std::string& name) const; // throws std::out_of_range
};

inline const study::AttentionSettings standard_settings{};

struct Mixed {
  torch::Tensor weights; // [B, H, N, N]
  torch::Tensor output;  // [B, H, N, d_k]
};

/// A row of visible scores in float64, and what else decides its weights.
struct Row {
  std::span<const double> scores;
  const RowOptions& options;
  double own; // never NaN where the variant has a scalar of its own
  std::size_t size() const { return scores.size(); }
};

struct Variant {
  VariantInfo info;

  // The stages of a layer, each standard where it is null.
  /// [B, H, N, N]; standard: q k^T.
  torch::Tensor (*scores)(const Layer&) = nullptr;
  /// Of those scores, [B, H, N, N], 0 where nothing is visible. Differentiable, twice.
  torch::Tensor (*weights)(const torch::Tensor& scores, const Layer&) = nullptr;
  /// In the place of reading `weights` v; `read` is the study's way to read (plain or LASER).
  torch::Tensor (*output)(const torch::Tensor& weights, const Layer&) = nullptr;
  /// After the read.
  torch::Tensor (*finish)(const torch::Tensor& output, const Layer&) = nullptr;

  /// Its parameters as a fresh model starts with them; null: it has none.
  OwnParameters (*own)(const LayerShape&, at::Generator&) = nullptr;
  /// Sets them so that the layer goes on as nearly as it can from what it computed before the switch: `layer`
  /// holds a batch's q, k, v under the old variant.
  void (*go_on)(OwnParameters&, const Layer& layer) = nullptr;

  /// The weights of one row in float64 and without LibTorch, and their Jacobian da_i/dl_j, row-major.
  std::vector<double> (*row)(const Row&) = nullptr;
  std::vector<double> (*jacobian)(const Row&) = nullptr;
  /// The scalar of its own that a row starts with.
  double (*own_scalar)(std::size_t tokens) = nullptr;
  /// Are the block's linear maps reparametrised (sigma_reparam.h)?
  bool reparametrises = false;
};

/// Throws InputError with the nearest names.
const Variant& find_variant(std::string_view name);

extern const Variant softmax, norm_softmax, norm_softmax_std, qk_norm, cosine, qk_layer_norm, linear,
    elu_plus_one, sigmoid, relu, softmax_plus_one, learned_sink, clipped_softmax, sparsemax, entmax15, entmax,
    differential, gated_head, gated_element, sigma_reparam, ssmax, selective, soft_cap, free_energy, sinkhorn;

/// A whole layer: scores, weights, the read that settings.laser asks for, and what the variant does after it.
Mixed attend(const Variant& variant, const Layer& layer);

} // namespace plateau::attention
