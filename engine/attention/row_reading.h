// What one row of attention reads from scalar values, by their mean and by LASER, and which gradient its
// scores get; LASER's two-token case. Float64, no LibTorch: for the window's Attention lab.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/attention/catalogue.h"

namespace plateau::attention {

struct RowReading {
  std::vector<double> weights;        // a, [n]
  std::vector<double> jacobian;       // da_i/dl_j, [n, n]
  double mean = 0;                    // o = sum_j a_j v_j
  std::vector<double> mean_gradient;  // do/dl_j; softmax: a_j (v_j - o) / tau (laser.md B2)
  bool has_laser = false;             // can LASER read these weights?
  double laser = 0;                   // o = ln sum_j a_j exp(v_j)
  std::vector<double> laser_gradient; // softmax: (p_j - a_j) / tau, p = softmax(l / tau + v)
};

/// `scores` and `values` of equal length, at least 1.
RowReading read_row(std::string_view variant, std::span<const double> scores, std::span<const double> values,
                    const RowOptions& options);

/// Root of the sum of squares: Frobenius for a matrix.
double norm(std::span<const double> numbers);

// Two tokens with values `difference` and 0, and s the difference of their scores (laser.md B2).
/// do/ds of softmax: difference sigma(s) sigma(-s).
double two_token_slope(double s, double difference);
/// do/ds of LASER: sigma(s + difference) - sigma(s).
double two_token_laser_slope(double s, double difference);

/// How attention that starts at s turns to the token it should read: gradient flow on (o - target)^2 / 2.
struct EscapeRace {
  std::vector<double> errors; // |o - target| / difference after 0, 1, … steps; thinned out when long
  std::vector<double> steps;  // of each
  long long taken = 0;        // steps until the error is 10 %
  bool arrived = false;
};
/// `to_high`: the target is the value `difference`, else 0. Learning rate 0.1; gives up after `most` steps.
EscapeRace escape_race(bool laser, double start, double difference, bool to_high, long long most = 200000);

} // namespace plateau::attention
