// The entries of a recording that are stored as JSON text, so that any tool can read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/study/settings.h"
#include "engine/study/value.h"
#include "engine/training/snapshot.h"

namespace plateau::recording {

// Each *_from_json throws MalformedEntry.

/// {"optimizer.learning_rate": 0.001, ...}: every field of the field table.
std::string to_json(const study::Settings& settings);
/// Fields that the text lacks keep their defaults; ones that no longer exist are passed over.
study::Settings settings_from_json(const std::string& text);

/// [["optimizer.learning_rate", 0.001], ...]
std::string to_json(const std::vector<study::Assignment>& assignments);
std::vector<study::Assignment> assignments_from_json(const std::string& text);

std::string to_json(const std::vector<std::int64_t>& shape);
std::vector<std::int64_t> shape_from_json(const std::string& text);

/// Everything but the data of `inputs`; of these, the shape.
std::string to_json(const training::TaskInfo& task);
struct StoredTask {
  training::TaskInfo task;               // without inputs
  std::vector<std::int64_t> input_shape; // empty: there are none
};
StoredTask task_from_json(const std::string& text);

} // namespace plateau::recording
