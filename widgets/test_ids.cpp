#include "widgets/test_ids.h"

#include <imgui.h>

namespace plateau::widgets::test_ids {
namespace {

// UI thread only.
std::map<std::string, Rect, std::less<>> current, previous;

} // namespace

void begin_frame() {
  previous = std::move(current);
  current.clear();
}

void mark(std::string_view id) {
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  mark(id, {low.x, low.y, high.x - low.x, high.y - low.y});
}

void mark(std::string_view id, const Rect& rect) {
  current.insert_or_assign(std::string(id), rect);
}

std::optional<Rect> find(std::string_view id) {
  for (const auto* frame : {&current, &previous})
    if (const auto found = frame->find(id); found != frame->end()) return found->second;
  return std::nullopt;
}

std::map<std::string, Rect> all() {
  std::map<std::string, Rect> marked(current.begin(), current.end());
  marked.insert(previous.begin(), previous.end());
  return marked;
}

} // namespace plateau::widgets::test_ids
