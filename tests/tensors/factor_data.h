// A small task of items and labels with rules and attributes, for probes of in-context learning.
#pragma once

#include "engine/study/settings.h"

namespace plateau::testing {

inline study::Settings factor_settings() {
  study::Settings s;
  s.task.kind = "factor-labels";
  s.task.factors = 2;
  s.task.levels = 4;
  s.task.pairs = 5;
  s.task.item_width = 6;
  s.task.mappings = 50;
  s.task.validation_share = 0.3;
  s.task.validation_samples = 40;
  s.model.kind = "decoder";
  s.model.width = 8;
  s.model.heads = 2;
  s.model.depth = 2;
  s.model.init_std = 0.3;
  s.optimizer.warmup_steps = 2;
  s.optimizer.learning_rate = 1e-2;
  s.training.batch_size = 16; // not a divisor of the validation set's size
  s.training.label_smoothing = 0;
  s.probes.samples = 20;
  return s;
}

} // namespace plateau::testing
