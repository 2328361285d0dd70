// Events as marks and shaded spans.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "app/figures/curve_parts.h"
#include "engine/recording/corrections.h"

namespace plateau::figures {

using training::Event;

std::string shortened(const std::string& text) {
  constexpr std::size_t longest = 44; // bytes
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end; // not inside a character
  return text.substr(0, end) + "…";
}

std::vector<widgets::Span> plateau_spans(const training::Snapshot& snapshot, const PlotOptions& options) {
  const auto chosen = chosen_members(snapshot, options);
  // Alone a plateau shades the plot; several are bars in their members' colours, those of one seed group on
  // top of each other.
  const bool alone = chosen.size() == 1;
  std::vector<widgets::Span> spans;
  int lane = 0;
  for (const auto& group : seed_groups(chosen, options.seed_bands)) {
    const std::size_t before = spans.size();
    for (const auto* member : group.members) {
      const auto own =
          color_of(snapshot, *member, options).with_alpha(group.members.size() > 1 ? 0.45f : 0.85f);
      const auto add = [&](std::size_t begin, std::int64_t end, const Event& last) {
        const bool by_hand = recording::is_corrected(snapshot.events[begin]);
        const char* label = by_hand ? "plateau (set by hand)" : "plateau";
        spans.push_back({.x = {double(snapshot.events[begin].step), double(end)},
                         .color = alone ? options.theme.plateau : own,
                         .label = alone || spans.empty() ? label : "",
                         .lane = alone ? -1 : lane,
                         .note = by_hand ? last.text : "",
                         .id = int(begin)});
      };
      std::optional<std::size_t> open; // index of its beginning
      for (std::size_t i = 0; i < snapshot.events.size(); ++i) {
        const Event& event = snapshot.events[i];
        if (event.member != member->id) continue;
        if (event.kind == Event::Kind::PlateauBegin) open = i;
        if (event.kind == Event::Kind::PlateauEnd && open) add(*std::exchange(open, {}), event.step, event);
      }
      if (open && member->step > snapshot.events[*open].step)
        add(*open, member->step, snapshot.events[*open]);
    }
    if (spans.size() > before) ++lane;
  }
  return spans;
}

void add_events(widgets::LinePlot& plot, const training::Snapshot& snapshot, const PlotOptions& options) {
  for (auto& span : plateau_spans(snapshot, options)) plot.spans.push_back(std::move(span));
  std::map<int, const training::MemberView*> members;
  for (const auto* member : chosen_members(snapshot, options)) members[member->id] = member;
  const widgets::Theme& theme = options.theme;
  // Of seeds that are drawn as one, the first is enough.
  std::set<std::string> told;
  const auto label = [&](const char* what, const training::MemberView& member) {
    if (!options.seed_bands) return what + member.name;
    const std::string text = what + without_seed(member.name);
    return told.insert(text).second ? text : std::string();
  };
  for (const Event& event : snapshot.events) {
    const auto member = members.find(event.member);
    if (event.member >= 0 && member == members.end()) continue;
    const bool alone = members.size() == 1 || event.member < 0;
    const auto own = alone ? theme.eureka : color_of(snapshot, *member->second, options);
    switch (event.kind) {
    case Event::Kind::EurekaMoment:
      plot.marks.push_back({double(event.step), own,
                            alone ? "Eureka-moment" : label("Eureka: ", *member->second),
                            widgets::Dash::Dashed});
      break;
    case Event::Kind::Memorisation:
      plot.marks.push_back({double(event.step), alone ? theme.good : own,
                            alone ? "memorised" : "", // beside several generalisations there is no room
                            widgets::Dash::Dotted});
      break;
    case Event::Kind::Generalisation:
      plot.marks.push_back({double(event.step), own,
                            alone ? "generalises" : label("generalises: ", *member->second),
                            widgets::Dash::Dashed});
      break;
    case Event::Kind::Divergence:
      plot.marks.push_back({double(event.step), theme.error, "divergence", widgets::Dash::Dotted});
      break;
    case Event::Kind::Intervention:
      plot.marks.push_back({double(event.step), theme.accent,
                            // "attention.variant = norm-softmax on ViT 0": what was changed is enough
                            shortened(event.text.substr(0, event.text.find(" on "))),
                            widgets::Dash::DashDot});
      break;
    default:
      break;
    }
  }
}

} // namespace plateau::figures
