// What models of modular arithmetic find, from memorising to generalising (grokking.md 4.4).
#pragma once

#include "app/window/feature_views.h"
#include "app/window/view.h"

namespace plateau::window {

class FeaturesTab {
public:
  void draw(const View& view);

private:
  int shown_ = 0; // index into the views
  CurveScope scope_{true};
  EmbeddingView embedding_;
  SpectrumView spectrum_;
  OperandView operands_;
  CircuitView circuit_;
  LogitView logits_;
  NormView norms_;
};

} // namespace plateau::window
