// What language models write at the step shown, side by side.
#pragma once

#include <vector>

#include "app/window/field_editor.h"
#include "app/window/sent_values.h"
#include "app/window/view.h"

namespace plateau::window {

class TextTab {
public:
  void draw(const View& view);

private:
  void settings(const View& view);
  void column(const View& view, const training::MemberView& member, widgets::Size size);
  void written(const View& view, const training::TensorFrame& frame);

  FieldEditor editor_;
  SentValues sent_;
};

} // namespace plateau::window
