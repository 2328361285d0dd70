// Small tasks that need no data files.
#pragma once

#include "engine/study/settings.h"

namespace plateau::testing {

inline study::Settings regression_settings() {
  study::Settings s;
  s.task.kind = "linear-regression";
  s.task.validation_samples = 32;
  s.model.kind = "linear-transformer";
  s.model.depth = 3;
  s.model.init_std = 0.2;
  s.optimizer.warmup_steps = 0;
  s.optimizer.weight_decay = 0;
  s.training.batch_size = 32;
  s.probes.samples = 16;
  s.probes.curvature_samples = 32;
  return s;
}

inline study::Settings recall_settings() {
  study::Settings s;
  s.task.kind = "associative-recall";
  s.task.pairs = 3;
  s.task.symbols = 4;
  s.task.validation_samples = 32;
  s.model.kind = "decoder";
  s.model.width = 8;
  s.model.heads = 2;
  s.model.depth = 2;
  s.model.init_std = 0.3;
  s.optimizer.warmup_steps = 2;
  s.training.batch_size = 8;
  s.training.label_smoothing = 0;
  s.probes.samples = 16;
  s.probes.curvature_samples = 16;
  s.probes.curvature_coordinates = 8;
  return s;
}

} // namespace plateau::testing
