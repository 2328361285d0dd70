// A dialog in which a person writes a remark at a step.
#pragma once

#include <array>
#include <optional>

#include "app/window/view.h"

namespace plateau::window {

class RemarkEditor {
public:
  void open(const EditRemark& wanted) { opening_ = wanted; }
  bool is_open() const { return is_open_; }
  void draw(const View& view);

private:
  void begin(const View& view);
  void whose(const View& view);
  void save(const View& view) const;

  std::optional<EditRemark> opening_;
  EditRemark edited_;
  std::array<char, 400> text_{};
  int member_ = -1;   // -1: the whole run
  int selected_ = -1; // the member that the remark could be about
  bool is_open_ = false, focus_ = false;
};

void delete_remark(const View& view, const recording::Remark& remark);

} // namespace plateau::window
