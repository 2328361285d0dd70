#include "engine/tasks/covariates.h"

#include <cmath>

#include <fmt/format.h>

#include "engine/errors.h"

namespace plateau::tasks {

Covariates::Covariates(const study::TaskSettings& settings)
    : dimension_(settings.dimension), shape_(settings.gamma_shape),
      scale_(std::sqrt(10 / settings.gamma_shape)), // so that Var |x|² = k θ² = 10, the normal's at d = 5
      d_((shape_ < 1 ? shape_ + 1 : shape_) - 1.0 / 3), c_(1 / std::sqrt(9 * d_)),
      exponent_(1 / (2 * shape_)), normal_(&Normal::tables()) {
  if (settings.covariates == "sphere")
    kind_ = Kind::Sphere;
  else if (settings.covariates == "gamma")
    kind_ = Kind::Gamma;
  else if (settings.covariates != "normal")
    throw InputError(
        fmt::format("task.covariates = {}: there is no such distribution; there are normal, sphere, gamma",
                    settings.covariates));
}

void Covariates::draw(Random& random, float* x) const {
  const Normal& normal = *normal_;
  if (kind_ == Kind::Normal) {
    for (std::int64_t i = 0; i < dimension_; ++i) x[i] = static_cast<float>(normal(random));
    return;
  }
  // A normal vector's direction is uniform on the sphere.
  double squares = 0;
  do {
    squares = 0;
    for (std::int64_t i = 0; i < dimension_; ++i) {
      x[i] = static_cast<float>(normal(random));
      squares += static_cast<double>(x[i]) * x[i];
    }
  } while (squares == 0);
  const double length = kind_ == Kind::Gamma ? gamma_length(random, squares) : 1 / std::sqrt(squares);
  for (std::int64_t i = 0; i < dimension_; ++i) x[i] = static_cast<float>(x[i] * length);
}

double Covariates::gamma_length(Random& random, double squares) const {
  // Marsaglia & Tsang, A simple method for generating gamma variables, ACM TOMS 26(3), 2000: d (1 + c x)³
  // with normal x.
  double cube = 0;
  for (;;) {
    const double x = (*normal_)(random), v = 1 + c_ * x;
    if (v <= 0) continue;
    cube = v * v * v;
    const double u = 1 - random.uniform(); // never 0
    if (u < 1 - 0.0331 * x * x * x * x || std::log(u) < x * x / 2 + d_ * (1 - cube + std::log(cube))) break;
  }
  const double length = std::sqrt(scale_ * d_ * cube / squares);
  if (shape_ >= 1) return length;
  // Shapes below 1: that of shape k + 1, times U^(1/k), as small as 1e-1600 at k = 0.01: in logarithms.
  return length * std::exp(std::log(1 - random.uniform()) * exponent_);
}

double Covariates::mean_squared_length() const {
  switch (kind_) {
  case Kind::Normal:
    return static_cast<double>(dimension_);
  case Kind::Sphere:
    return 1;
  case Kind::Gamma:
    return shape_ * scale_;
  }
  return 0;
}

std::string Covariates::description() const {
  switch (kind_) {
  case Kind::Normal:
    return "standard normal covariates";
  case Kind::Sphere:
    return "covariates on the unit sphere";
  case Kind::Gamma:
    return fmt::format("covariates of gamma distributed squared length (k = {:.3g}, θ = {:.3g})", shape_,
                       scale_);
  }
  return "";
}

} // namespace plateau::tasks
