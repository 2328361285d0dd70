// Choosing what to train.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/window/view.h"
#include "engine/study/study.h"

namespace plateau::window {

class StudyPanel {
public:
  void draw(const View& view);

private:
  std::optional<std::vector<study::StudyFile>> studies_; // read once
  std::string problem_;                                  // why there are none
};

} // namespace plateau::window
