// Internal: what a model reads from its context and what its weights know by heart: the formulas
// (icl-plateaus.md 5.3, 6.4, 7.4), as functions of plain tensors on the CPU. Learner::measure_in_context puts
// them together.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "engine/probes/probe.h"
#include "engine/tasks/task.h"

namespace plateau::probes {

// ---- linear probes (ridge_probe.cpp)

/// Against the standardised features' second moments, whose mean is 1. So little that it only keeps the
/// equations solvable: on the items of icl-plateaus.md 7.1 a tenth of the features' size costs 5 % accuracy.
constexpr double ridge_penalty = 1e-3;

/// Linear classifiers that share their features: ridge regression of one-hot targets, in closed form and in
/// float64 (icl-plateaus.md 7.4.3). With rows x, z = (x - mean) / deviation and one-hot targets Y,
///   W = (Z^T Z / n + penalty I)^-1 Z^T (Y - mean Y) / n,   scores = z W + mean Y
/// Mean and deviation are those of the rows it was made from; features that do not vary there are left out.
class RidgeProbe {
public:
  /// `features` [n, d], `targets` [n, probes] in 0 … classes - 1 (int64).
  RidgeProbe(const torch::Tensor& features, const torch::Tensor& targets, std::int64_t classes,
             double penalty = ridge_penalty);

  /// [m, probes, classes] of features [m, d]; NaN where a feature was not finite.
  torch::Tensor scores(const torch::Tensor& features) const;
  /// Share of rows and probes whose highest score is the target's; NaN where scores are not finite or there
  /// are no rows.
  double accuracy(const torch::Tensor& features, const torch::Tensor& targets) const;

private:
  std::int64_t classes_;
  torch::Tensor mean_, inverse_deviation_, weights_, offset_; // [d], [d], [d, probes * classes], [… classes]
};

// ---- what heads look for (heads.cpp)

/// Tokens that a head may look at from one row of its map.
struct Glance {
  std::int64_t sample = 0, query = 0;
  std::vector<std::int64_t> keys; // at least one, none behind the query
};

/// Queries are places whose label is asked for (>= 0), except for `previous`; those that find nothing are
/// left out.
///   previous     of pairs: from each label to its item; of tokens: from each but the first to the one before
///   induction    of pairs: from an item to the labels of earlier items that agree with it: in the factor of
///                the sequence's rule, or by their token where there are no rules. Of tokens: to those that
///                followed an earlier occurrence of the same token (icl-plateaus.md 6.4, prefix matching)
///   right_label  of pairs: from an item to earlier labels that are its own; of tokens: to those that are the
///                label. Where there are fewer classes than tokens, classes are the last tokens.
struct Lookups {
  std::vector<Glance> previous, induction, right_label;
};
/// Of the first `samples` sequences of tokens or pairs.
Lookups lookups(const tasks::Batch& batch, const tasks::InputShape& shape, std::int64_t classes,
                std::int64_t samples);

/// head/previous-token, head/induction, head/right-label per layer and head: the mean over glances of what
/// falls on their keys; of induction over what uniform attention to the `query + 1` visible tokens would
/// give. `attention`: per layer [samples, heads, N, N]. Nothing for a list without glances.
void head_scores(const std::vector<torch::Tensor>& attention, const Lookups& lookups, Output& output);

// ---- states and answers (states.cpp)

/// Mean cosine between different rows of [n, d], n > 1; a row of zeros has cosine 0 with all.
double pairwise_cosine(const torch::Tensor& rows);
/// Standard deviation over classes, mean over rows of [n, classes].
double logit_deviation(const torch::Tensor& logits);
/// Share of labels >= 0 whose logit is the largest: logits [..., classes], labels [...]. NaN for none.
double answer_share(const torch::Tensor& logits, const torch::Tensor& labels);

} // namespace plateau::probes
