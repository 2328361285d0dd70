// A new member that goes on from a checkpoint with changes: from where, under which name, what differs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/window/field_editor.h"
#include "app/window/view.h"

namespace plateau::window {

class BranchDialog {
public:
  /// From `step`, or from the selected member's last checkpoint at or before the playhead.
  void open(std::optional<std::int64_t> step) {
    opening_ = true;
    wanted_ = step;
  }
  bool is_open() const { return is_open_; }
  void draw(const View& view);

private:
  bool begin(const View& view);
  void origin(const View& view, const training::MemberView& member);
  void changes(const View& view, const training::MemberView& member);
  void buttons(const View& view, const training::MemberView& member);
  /// Why it cannot be done as it stands; empty: it can.
  std::string problem(const View& view, const training::MemberView& member) const;

  bool opening_ = false, is_open_ = false;
  std::optional<std::int64_t> wanted_;
  int run_ = 0, member_ = 0; // whose branch it is
  std::int64_t step_ = 0;    // of the checkpoint
  std::array<char, 128> name_{};
  std::vector<study::Assignment> changes_;
  FieldEditor editor_;
};

} // namespace plateau::window
