#include "app/window/short_names.h"

#include <algorithm>
#include <vector>

namespace plateau::window {
namespace {

bool inside_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

std::size_t shared_beginning(std::string_view a, std::string_view b) {
  const auto [end, other] = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(end - a.begin());
}

std::string trimmed(std::string_view head, std::string_view tail) {
  while (head.ends_with(' ')) head.remove_suffix(1);
  while (tail.starts_with(' ')) tail.remove_prefix(1);
  return std::string(head) + "…" + std::string(tail);
}

/// The last part of a name, which often tells seeds apart: "· seed 1", else the last word.
std::size_t last_part(std::string_view name) {
  if (const auto dot = name.rfind(" · "); dot != std::string_view::npos) return dot + 1;
  const auto space = name.rfind(' ');
  return space == std::string_view::npos ? name.size() : space + 1;
}

/// "ViT · 3": the word is the first to go.
std::string without_word_seed(std::string_view name) {
  constexpr std::string_view word = " · seed ", dot = " · ";
  const auto at = name.rfind(word);
  if (at == std::string_view::npos) return std::string(name);
  return std::string(name.substr(0, at)) + std::string(dot) + std::string(name.substr(at + word.size()));
}

std::string cut(std::string_view name, std::span<const std::string> others, float width,
                const std::function<float(std::string_view)>& measure) {
  // Where it begins to differ from the one that is most like it.
  std::size_t differs = 0;
  for (const std::string& other : others)
    if (other != name) differs = std::max(differs, shared_beginning(name, other));
  while (inside_character(name, differs)) --differs;
  const bool end_tells = differs > 0 && differs >= last_part(name);
  const std::size_t tail = end_tells ? last_part(name) : name.size();
  // As much of the beginning as fits before the tail ...
  for (std::size_t head = tail; head > 0; --head) {
    if (inside_character(name, head)) continue;
    if (const auto shown = trimmed(name.substr(0, head), name.substr(tail)); measure(shown) <= width)
      return shown;
  }
  // ... or else as much of the end as fits.
  for (std::size_t begin = end_tells ? tail : 1; begin < name.size(); ++begin) {
    if (inside_character(name, begin)) continue;
    if (const auto shown = trimmed({}, name.substr(begin)); measure(shown) <= width) return shown;
  }
  return "…";
}

} // namespace

std::string short_name(std::string_view name, std::span<const std::string> others, float width,
                       const std::function<float(std::string_view)>& measure) {
  if (measure(name) <= width) return std::string(name);
  const std::string brief = without_word_seed(name);
  if (measure(brief) <= width) return brief;
  std::vector<std::string> others_brief;
  for (const std::string& other : others) others_brief.push_back(without_word_seed(other));
  return cut(brief, others_brief, width, measure);
}

} // namespace plateau::window
