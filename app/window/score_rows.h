// Rows of raw attention scores to look at variants with.
#pragma once

#include <string>
#include <vector>

#include "engine/attention/catalogue.h"
#include "engine/training/snapshot.h"

namespace plateau::window {

/// One query's scores l = q.k, and where they come from.
struct ScoreRow {
  std::string label; // "layer 1, head 2"
  std::vector<double> scores;
};

/// Fixed scores like those of a fresh head, one key stands out; as cosines: tanh(z / 2), as similarities: e^z.
ScoreRow example_scores(double sqrt_dk, attention::RowInput input);

/// The scores behind the first query's row (the class token's, where there is one) of each layer and head,
/// for the first probed sample: l = tau log a up to a constant, which softmax does not see. Empty unless the
/// member uses plain softmax: other variants cannot be inverted.
std::vector<ScoreRow> current_scores(const training::MemberView& member, double tau);

} // namespace plateau::window
