// What the optimizer meets: gradient noise, curvature, and what linear transformers make of it.
#pragma once

#include "app/window/curvature_views.h"
#include "app/window/linear_views.h"
#include "app/window/noise_view.h"
#include "app/window/view.h"

namespace plateau::window {

class OptimizerTab {
public:
  void draw(const View& view);

private:
  int shown_ = 0; // index into the views of this study
  NoiseView noise_;
  ConditionView condition_;
  SmoothnessView smoothness_;
  GradientSmoothnessView gradient_smoothness_;
  MatricesView matrices_;
  DescentView descent_;
};

} // namespace plateau::window
