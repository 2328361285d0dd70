// What a linear reader finds in vectors, to compare with what the makers of the data say is there.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace linear_probe {

using Rows = std::vector<std::vector<double>>;

/// Solves A x = b for each column of b; A symmetric and positive definite. (Cholesky)
inline Rows solve(Rows a, Rows b) {
  const std::size_t n = a.size();
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k) a[j][j] -= a[j][k] * a[j][k];
    a[j][j] = std::sqrt(a[j][j]);
    for (std::size_t i = j + 1; i < n; ++i) {
      for (std::size_t k = 0; k < j; ++k) a[i][j] -= a[i][k] * a[j][k];
      a[i][j] /= a[j][j];
    }
  }
  for (std::size_t column = 0; column < b[0].size(); ++column) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < i; ++k) b[i][column] -= a[i][k] * b[k][column];
      b[i][column] /= a[i][i];
    }
    for (std::size_t i = n; i-- > 0;) {
      for (std::size_t k = i + 1; k < n; ++k) b[i][column] -= a[k][i] * b[k][column];
      b[i][column] /= a[i][i];
    }
  }
  return b;
}

/// Ridge regression of one-hot classes on (x, 1); returns the accuracy on other vectors.
inline double accuracy(const Rows& x, const std::vector<std::size_t>& y, const Rows& test_x,
                       const std::vector<std::size_t>& test_y, std::size_t classes, double ridge) {
  const std::size_t width = x[0].size() + 1;
  const auto entry = [&](const std::vector<double>& row, std::size_t k) {
    return k + 1 < width ? row[k] : 1.0;
  };
  Rows gram(width, std::vector<double>(width)), sums(width, std::vector<double>(classes));
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t k = 0; k < width; ++k) {
      for (std::size_t l = 0; l < width; ++l) gram[k][l] += entry(x[i], k) * entry(x[i], l);
      sums[k][y[i]] += entry(x[i], k);
    }
  for (std::size_t k = 0; k < width; ++k) gram[k][k] += ridge;
  const Rows weights = solve(gram, sums);
  double right = 0;
  for (std::size_t i = 0; i < test_x.size(); ++i) {
    std::size_t best = 0;
    double highest = -INFINITY;
    for (std::size_t c = 0; c < classes; ++c) {
      double score = 0;
      for (std::size_t k = 0; k < width; ++k) score += entry(test_x[i], k) * weights[k][c];
      if (score > highest) highest = score, best = c;
    }
    right += best == test_y[i];
  }
  return right / static_cast<double>(test_x.size());
}

} // namespace linear_probe
