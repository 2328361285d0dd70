// Live changes on their way to the trainer: shown until the snapshot has them, so that nothing jumps back.
#pragma once

#include <map>
#include <string>

#include "engine/study/value.h"

namespace plateau::window {

class SentValues {
public:
  void add(const std::string& field, const study::Value& value);
  /// What was sent, or `current` once that is in force or the trainer has not taken it for two seconds.
  study::Value shown(const std::string& field, const study::Value& current);
  void clear() { sent_.clear(); }

private:
  struct Sent {
    study::Value value;
    double until = 0; // ImGui time
  };
  std::map<std::string, Sent> sent_;
};

} // namespace plateau::window
