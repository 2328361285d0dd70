// The table of members: sort, show, select.
#pragma once

#include <vector>

#include "app/window/view.h"

namespace plateau::window {

class MembersPanel {
public:
  void draw(const View& view);

private:
  struct Row {
    const training::MemberView* member = nullptr;
    std::int64_t step = 0;
    std::optional<double> loss, accuracy;
    std::optional<std::int64_t> eureka;
  };
  std::vector<Row> rows(const View& view) const;
  void row(const View& view, const Row& row);
};

} // namespace plateau::window
