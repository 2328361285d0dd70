#include "app/window/sent_values.h"

#include <imgui.h>

namespace plateau::window {

void SentValues::add(const std::string& field, const study::Value& value) {
  sent_[field] = {value, ImGui::GetTime() + 2};
}

study::Value SentValues::shown(const std::string& field, const study::Value& current) {
  const auto found = sent_.find(field);
  if (found == sent_.end()) return current;
  if (found->second.value != current && ImGui::GetTime() <= found->second.until) return found->second.value;
  sent_.erase(found);
  return current;
}

} // namespace plateau::window
