// Views of linear transformers: their matrices, and their losses against gradient descent.
#pragma once

#include <memory>
#include <string>

#include "app/figures/optimizer.h"
#include "app/window/seed_bands.h"
#include "app/window/view.h"
#include "widgets/interactive_plot.h"

namespace plateau::window {

class MatricesView {
public:
  void draw(const View& view);

private:
  std::string key_;
  std::shared_ptr<const training::Tensor> matrices_;
  widgets::HeatMapGrid grid_;
  widgets::PlotView distances_;
};

class DescentView {
public:
  void draw(const View& view);

private:
  int average_ = 0; // index into the recorded averages
  SeedBands seed_bands_;
  widgets::PlotView plot_;
};

} // namespace plateau::window
