// Gradient noise: its distribution for the selected member, in numbers for all visible ones, measured anew on
// demand.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/figures/optimizer.h"
#include "app/window/view.h"

namespace plateau::window {

class NoiseView {
public:
  void draw(const View& view);

private:
  void tools(const View& view, const std::optional<figures::NoiseNumbers>& numbers);
  void resample_button(const View& view, const std::optional<figures::NoiseNumbers>& numbers);
  void plots(const View& view, widgets::Size size);
  void table(const View& view, widgets::Size size);

  /// A measurement that was asked for: over when the member has other arrays.
  struct Wanted {
    int member = 0;
    std::shared_ptr<const training::Tensor> before;
    double until = 0; // ImGui time
  };
  std::optional<Wanted> wanted_;

  // Pictures of the errors, and what they were made from.
  std::string key_;
  std::shared_ptr<const training::Tensor> errors_;
  widgets::Histogram histogram_;
  widgets::Scatter quantiles_;
};

} // namespace plateau::window
