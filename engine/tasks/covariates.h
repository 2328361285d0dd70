// How the covariates of in-context regression are drawn (Ahn et al. 2024; linear-transformer.md A1).
#pragma once

#include <cstdint>
#include <string>

#include "engine/study/settings.h"
#include "engine/tasks/normal.h"
#include "engine/tasks/random.h"

namespace plateau::tasks {

/// Immutable and thread-safe.
class Covariates {
public:
  /// Of settings.covariates. Throws InputError when there is no such distribution.
  explicit Covariates(const study::TaskSettings& settings);

  /// Writes one x [dimension].
  void draw(Random& random, float* x) const;
  /// E |x|²: d, 1 or k θ.
  double mean_squared_length() const;
  /// "standard normal covariates"
  std::string description() const;

private:
  enum class Kind { Normal, Sphere, Gamma };

  /// The length of a vector: the root of a gamma variable, divided by the root of `squares`.
  double gamma_length(Random& random, double squares) const;

  Kind kind_ = Kind::Normal;
  std::int64_t dimension_;
  double shape_, scale_;
  double d_, c_, exponent_; // of the gamma method
  const Normal* normal_;
};

} // namespace plateau::tasks
