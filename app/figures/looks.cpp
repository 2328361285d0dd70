#include "app/figures/looks.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/recording/corrections.h"

namespace plateau::figures {
namespace {

using recording::Annotations;
using recording::MemberLook;
using training::Snapshot;

struct NewName {
  std::string_view recorded, shown;
};

/// May a name end or begin beside this character?
bool is_boundary(char c) {
  return c == ' ' || c == ',' || c == ':' || c == ';' || c == '\'' || c == '(' || c == ')';
}

/// `names`: of all members, the longest first, so that "ViT" is not found in "ViT · seed 3".
std::string renamed(std::string_view text, const std::vector<NewName>& names) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = at == 0 || is_boundary(text[at - 1]);
    const auto name = std::ranges::find_if(names, [&](const NewName& n) {
      const std::size_t end = at + n.recorded.size();
      return begins && text.substr(at).starts_with(n.recorded) &&
             (end == text.size() || is_boundary(text[end]));
    });
    if (name == names.end()) {
      result += text[at++];
      continue;
    }
    result += name->shown;
    at += name->recorded.size();
  }
  return result;
}

bool hidden_by_default(const Snapshot& recorded, const training::MemberView& member,
                       const std::set<int>& hidden) {
  if (member.parent >= 0) return hidden.contains(member.parent);
  return recorded.study && std::ranges::any_of(recorded.study->members, [&](const study::MemberSpec& spec) {
           return spec.name == member.name && !spec.shown;
         });
}

} // namespace

std::shared_ptr<const Snapshot> with_looks(std::shared_ptr<const Snapshot> recorded,
                                           const Annotations& annotations) {
  const auto changes = [](const auto& entry) { return !entry.second.name.empty() || entry.second.removed; };
  if (annotations.plateaus.empty() && std::ranges::none_of(annotations.looks, changes)) return recorded;
  const auto look_of = [&](int id) {
    const auto found = annotations.looks.find(id);
    return found == annotations.looks.end() ? nullptr : &found->second;
  };
  auto shown = std::make_shared<Snapshot>(*recorded);
  shown->events = recording::corrected(std::move(shown->events), annotations.plateaus);
  std::vector<NewName> names;
  for (std::size_t i = 0; i < shown->members.size(); ++i) {
    auto& member = shown->members[i];
    if (const auto* look = look_of(member.id); look && !look->name.empty()) member.name = look->name;
    names.push_back({recorded->members[i].name, member.name});
  }
  std::ranges::stable_sort(names, std::ranges::greater{}, [](const NewName& n) { return n.recorded.size(); });
  for (auto& event : shown->events) event.text = renamed(event.text, names);
  const auto removed = [&](int id) {
    const auto* look = look_of(id);
    return look && look->removed;
  };
  std::erase_if(shown->events, [&](const auto& event) { return removed(event.member); });
  std::erase_if(shown->members, [&](const auto& member) { return removed(member.id); });
  return shown;
}

std::set<int> hidden_members(const Snapshot& recorded, const Annotations& annotations) {
  std::set<int> hidden;
  for (const auto& member : recorded.members) { // parents come before their forks
    const auto look = annotations.looks.find(member.id);
    const auto own = look == annotations.looks.end() ? std::nullopt : look->second.hidden;
    if (own.value_or(hidden_by_default(recorded, member, hidden))) hidden.insert(member.id);
  }
  return hidden;
}

Annotations with_hidden(const Snapshot& recorded, Annotations annotations, const std::set<int>& hidden) {
  for (const auto& member : recorded.members) {
    const bool wanted = hidden.contains(member.id);
    MemberLook look = annotations.looks[member.id];
    look.hidden.reset();
    if (wanted != hidden_by_default(recorded, member, hidden)) look.hidden = wanted;
    if (look == MemberLook{})
      annotations.looks.erase(member.id);
    else
      annotations.looks[member.id] = look;
  }
  return annotations;
}

std::optional<widgets::Color> parse_color(const std::string& text, const widgets::Theme& theme) {
  std::uint32_t hex = 0;
  if (text.size() != 7 || text[0] != '#') return std::nullopt;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + 1, end, hex, 16);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  const widgets::Color color = widgets::rgb(hex);
  for (const auto* known : {&widgets::dark_theme(), &widgets::light_theme()})
    for (std::size_t i = 0; i < known->members.size(); ++i)
      if (known->members[i] == color) return theme.members[i];
  return color;
}

std::string to_string(widgets::Color color) {
  const auto byte = [](float part) { return std::lround(std::clamp(part, 0.f, 1.f) * 255); };
  return fmt::format("#{:02x}{:02x}{:02x}", byte(color.r), byte(color.g), byte(color.b));
}

void take_colors(widgets::Theme& theme, const Annotations& annotations) {
  theme.chosen.clear();
  for (const auto& [id, look] : annotations.looks)
    if (const auto color = parse_color(look.color, theme); color && id >= 0)
      theme.chosen[static_cast<std::size_t>(id)] = *color;
}

} // namespace plateau::figures
