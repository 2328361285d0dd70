#include "engine/tasks/random_network.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/tasks/random.h"

namespace plateau::tasks {
namespace {

constexpr std::int64_t block = 16; // hidden units at a time, in registers

std::vector<double> uniform(Random& random, std::int64_t count, std::int64_t fan_in) {
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = bound * (2 * random.uniform() - 1);
  return values;
}

} // namespace

RandomNetwork::RandomNetwork(std::int64_t dimension) : dimension_(dimension), hidden_(2 * dimension) {
  Random random(0, Purpose::TargetNetwork, 0, 0);
  first_ = uniform(random, dimension_ * hidden_, dimension_);
  first_bias_ = uniform(random, hidden_, dimension_);
  second_ = uniform(random, dimension_ * hidden_, hidden_);
  second_bias_ = uniform(random, dimension_, hidden_);
}

void RandomNetwork::features(const float* x, double* f) const {
  for (std::int64_t i = 0; i < dimension_; ++i) f[i] = second_bias_[static_cast<std::size_t>(i)];
  for (std::int64_t j = 0; j < hidden_; ++j) {
    double h = first_bias_[static_cast<std::size_t>(j)];
    for (std::int64_t i = 0; i < dimension_; ++i)
      h += first_[static_cast<std::size_t>(i * hidden_ + j)] * x[i];
    if (h <= 0) continue;
    for (std::int64_t i = 0; i < dimension_; ++i)
      f[i] += second_[static_cast<std::size_t>(i * hidden_ + j)] * h;
  }
}

void RandomNetwork::read_out(const double* w, double* r) const {
  std::fill(r, r + hidden_ + 1, 0.0);
  for (std::int64_t i = 0; i < dimension_; ++i) {
    const double* row = second_.data() + i * hidden_;
    for (std::int64_t j = 0; j < hidden_; ++j) r[j] += w[i] * row[j];
    r[hidden_] += w[i] * second_bias_[static_cast<std::size_t>(i)];
  }
}

double RandomNetwork::respond(const double* r, const float* x) const {
  double response = r[hidden_];
  for (std::int64_t begin = 0; begin < hidden_; begin += block) {
    const std::int64_t size = std::min(block, hidden_ - begin);
    std::array<double, block> h;
    std::copy_n(first_bias_.data() + begin, size, h.data());
    for (std::int64_t i = 0; i < dimension_; ++i) {
      const double* row = first_.data() + i * hidden_ + begin;
      for (std::int64_t j = 0; j < size; ++j) h[static_cast<std::size_t>(j)] += row[j] * x[i];
    }
    for (std::int64_t j = 0; j < size; ++j)
      response += r[begin + j] * std::max(h[static_cast<std::size_t>(j)], 0.0);
  }
  return response;
}

} // namespace plateau::tasks
