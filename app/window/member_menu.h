// What a right click on a member offers.
#pragma once

#include <array>
#include <optional>

#include "app/window/view.h"

namespace plateau::window {

class MemberMenu {
public:
  void open(int member) { opening_ = member; }
  /// Outside of tables; true when renaming was chosen for `member()`.
  bool draw(const View& view);
  int member() const { return member_; }

private:
  void colors(const View& view, const training::MemberView& member);

  std::optional<int> opening_;
  int member_ = -1; // whose menu it is
  std::array<float, 3> free_color_{};
};

} // namespace plateau::window
