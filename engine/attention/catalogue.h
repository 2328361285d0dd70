// The attention variants by name, with what a person needs to know about each, and their exact effect on
// one row of scores. No LibTorch here: the window draws Jacobians from this, tests compare the models with
// it.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/study/settings.h"

namespace plateau::attention {

/// Trained parameters that a variant brings along, per layer.
struct OwnParameterInfo {
  std::string name;        // "sink"
  std::string description; // "s_h, one per head; starts at 0"
};

/// What a row function takes as scores l: products, cosines in [-1, 1], or similarities above 0.
enum class RowInput { Scores, Cosines, Similarities };

struct VariantInfo {
  std::string name;        // "softmax"
  std::string title;       // "Softmax"
  std::string formula;     // "a = softmax(l / tau),  l = q.k,  tau = temperature x sqrt(d_k)"
  std::string description; // one paragraph for the tooltip
  std::string source;      // paper, equation
  std::string row_sum = "1";
  bool shift_invariant = true;            // does adding a constant to a row of scores change nothing?
  bool non_negative = true;               // the weights
  bool takes_laser = true;                // can LASER read with them?
  std::vector<OwnParameterInfo> own = {}; // empty: it needs none
  std::vector<std::string> fields = {};   // settings of its own: "attention.soft_cap"
  RowInput row_input = RowInput::Scores;
  std::string row_scores = "scores l_j = q·k_j"; // that in words
};

std::span<const VariantInfo> variants();
/// Throws InputError with the nearest names.
const VariantInfo& variant(std::string_view name);

/// What decides a row's weights beside its scores.
struct RowOptions {
  double tau = 1;     // temperature x sqrt(d_k)
  double sqrt_dk = 1; // of the head
  study::AttentionSettings settings;
  /// Value of the variant's own scalar (sink, scale, lambda); NaN: the one it starts with.
  double own = std::numeric_limits<double>::quiet_NaN();
};

/// Weights a of one row of raw scores l = q.k, all of them visible.
std::vector<double> row_weights(std::string_view variant, std::span<const double> scores,
                                const RowOptions& options);
/// da_i/dl_j at the same place, row-major [n, n].
std::vector<double> row_jacobian(std::string_view variant, std::span<const double> scores,
                                 const RowOptions& options);

} // namespace plateau::attention
