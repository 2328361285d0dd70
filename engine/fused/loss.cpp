#include "engine/fused/loss.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace plateau::fused {
namespace {

struct RowLoss {
  double loss = 0;
  bool correct = false; // the label's logit is the largest, the first of equals
};

template<class Real> Real log_stable(Real x) {
  return x >= 0 ? std::log1p(x) : -std::log1p(-x);
}

template<class Real>
RowLoss stable_max(float* z, std::int64_t label, std::int64_t classes, double smoothing, double scale) {
  const bool correct = std::max_element(z, z + classes) - z == label;
  thread_local std::vector<Real> s, slopes; // s(z_c), and (ln s)'(z_c) = 1 / (1 + |z_c|)
  s.resize(std::size_t(classes));
  slopes.resize(std::size_t(classes));
  for (std::int64_t c = 0; c < classes; ++c) {
    const Real grown = 1 + std::abs(Real(z[c])), shrunk = 1 / grown;
    slopes[std::size_t(c)] = shrunk;
    s[std::size_t(c)] = z[c] >= 0 ? grown : shrunk;
  }
  const Real share = Real(smoothing) / Real(classes), own = s[std::size_t(label)];
  s[std::size_t(label)] = 0; // the others by themselves: see cross_entropy_in_double
  Real others = 0, logarithms = 0;
  for (const Real value : s) others += value;
  for (std::int64_t c = 0; smoothing > 0 && c < classes; ++c) logarithms += log_stable(Real(z[c]));
  const Real total = others + own;
  const Real loss = std::log(total) - (1 - Real(smoothing)) * log_stable(Real(z[label])) - share * logarithms;
  const Real factor = 1 / total;
  for (std::int64_t c = 0; c < classes; ++c)
    z[c] = float(Real(scale) * (s[std::size_t(c)] * factor - share) * slopes[std::size_t(c)]);
  z[label] = float(Real(scale) * (Real(smoothing) - share - others * factor) * slopes[std::size_t(label)]);
  return {double(loss), correct};
}

template<class Real>
RowLoss squared(float* z, std::int64_t label, std::int64_t classes, double smoothing, double scale) {
  const bool correct = std::max_element(z, z + classes) - z == label;
  const Real share = Real(smoothing) / Real(classes);
  Real sum = 0;
  for (std::int64_t c = 0; c < classes; ++c) {
    const Real error = Real(z[c]) - share - (c == label ? 1 - Real(smoothing) : 0);
    sum += error * error;
    z[c] = float(Real(scale) * 2 * error / Real(classes));
  }
  return {double(sum) / double(classes), correct};
}

using RowFunction = RowLoss (*)(float*, std::int64_t, std::int64_t, double, double);

/// Of `rows` labelled rows, one behind the other.
LossSums labelled_rows(LossKind kind, bool in_double, const std::int64_t* labels, std::int64_t rows,
                       std::int64_t classes, double smoothing, double scale, float* z) {
  if (kind == LossKind::CrossEntropy)
    return in_double ? cross_entropy_in_double(z, labels, rows, classes, smoothing, scale)
                     : cross_entropy(z, labels, rows, classes, smoothing, scale, z);
  const RowFunction function = kind == LossKind::StableMax
                                   ? in_double ? stable_max<double> : stable_max<float>
                               : in_double ? squared<double>
                                           : squared<float>;
  LossSums sums;
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto of_row = function(z + row * classes, labels[row], classes, smoothing, scale);
    sums.loss += of_row.loss;
    sums.correct += of_row.correct;
  }
  return sums;
}

/// A row's logits behind those of the classes.
void extra_logits(const Loss& loss, const std::int64_t* targets, double scale, std::int64_t classes,
                  std::int64_t row_width, float* z) {
  const auto end = loss.extra_begin + loss.extra_groups * loss.extra_levels;
  const bool asked = loss.extra_weight > 0 && targets;
  std::fill(z + classes, z + (asked ? loss.extra_begin : row_width), 0.0f);
  if (!asked) return;
  std::fill(z + end, z + row_width, 0.0f);
  for (std::int64_t group = 0; group < loss.extra_groups; ++group) {
    float* part = z + loss.extra_begin + group * loss.extra_levels;
    if (targets[group] < 0)
      std::fill_n(part, loss.extra_levels, 0.0f);
    else
      labelled_rows(LossKind::CrossEntropy, loss.in_double, targets + group, 1, loss.extra_levels, 0, scale,
                    part);
  }
}

} // namespace

LossCounts count_targets(const Loss& loss, const LossTargets& targets, std::int64_t rows) {
  std::int64_t labels = 0, extra = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (targets.labels[row] < 0) continue;
    ++labels;
    for (std::int64_t group = 0; targets.extra && group < loss.extra_groups; ++group)
      extra += targets.extra[row * loss.extra_groups + group] >= 0;
  }
  return {double(std::max<std::int64_t>(1, labels)), double(std::max<std::int64_t>(1, extra))};
}

LossSums loss_gradient(const Loss& loss, const LossTargets& targets, const LossCounts& counts,
                       std::int64_t rows, std::int64_t row_width, float* logits) {
  if (targets.offsets) add(logits, targets.offsets, rows * row_width);
  const auto classes = loss.classes > 0 ? loss.classes : row_width;
  LossSums sums;
  for (std::int64_t row = 0; row < rows;) {
    float* z = logits + row * row_width;
    if (targets.labels[row] < 0) {
      std::fill_n(z, row_width, 0.0f);
      ++row;
      continue;
    }
    std::int64_t together = 1; // rows that lie one behind the other
    while (row_width == classes && row + together < rows && targets.labels[row + together] >= 0) ++together;
    const auto some = labelled_rows(loss.kind, loss.in_double, targets.labels + row, together, classes,
                                    loss.smoothing, 1 / counts.labels, z);
    sums.loss += some.loss;
    sums.correct += some.correct;
    if (row_width > classes)
      extra_logits(loss, targets.extra ? targets.extra + row * loss.extra_groups : nullptr,
                   loss.extra_weight / counts.extra, classes, row_width, z);
    row += together;
  }
  return sums;
}

} // namespace plateau::fused
