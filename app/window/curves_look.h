// What a person has chosen for the panel of curves.
#pragma once

#include <string>

namespace plateau::window {

struct CurvesLook {
  std::string shown = "both"; // both | loss | accuracy | difference
  int average = 0;            // index into the recorded averages
  std::string step_scale, loss_scale; // linear | log | symlog; "": as the plots have it by nature
  bool events = true;
  bool seed_bands = false;
  int band_edges = 0; // minimum and maximum, quartiles
  bool operator==(const CurvesLook&) const = default;
};

} // namespace plateau::window
