#include "engine/recording/exported_members.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

namespace plateau::recording {
namespace {

constexpr std::size_t longest = 100;

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

} // namespace

std::string file_name(const std::string& text) {
  std::string name;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    const bool unsafe =
        code < 0x20 || code == 0x7f || std::string_view("/\\:*?\"<>|").find(letter) != std::string_view::npos;
    name += unsafe ? '-' : letter;
  }
  if (name.size() > longest) {
    auto end = longest;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end; // no half letter
    name.resize(end);
  }
  const auto last = name.find_last_not_of(" .");
  name.resize(last == std::string::npos ? 0 : last + 1);
  name.erase(0, name.find_first_not_of(" .-"));
  return name.empty() ? "member" : name;
}

std::vector<ExportedMember> exported_members(const Reader& reader, const Annotations& annotations) {
  std::vector<ExportedMember> members;
  std::set<std::string> taken;
  for (const auto& record : reader.members()) {
    const auto look = annotations.looks.find(record.id);
    const bool has_look = look != annotations.looks.end();
    if (has_look && look->second.removed) continue;
    const auto name = has_look && !look->second.name.empty() ? look->second.name : record.name;
    auto file = file_name(name);
    for (int number = 2; !taken.insert(lower_case(file)).second; ++number)
      file = fmt::format("{} ({})", file_name(name), number);
    members.push_back({record.id, name, record.name, file});
  }
  return members;
}

} // namespace plateau::recording
