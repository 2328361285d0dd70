// Events as marks and shaded spans.
#include <map>
#include <set>
#include <string>
#include <utility>

#include "app/figures/curve_parts.h"

namespace plateau::figures {
namespace {

using training::Event;

// "attention.variant = norm-softmax on ViT 0, twin kept": what was changed is enough beside a line.
std::string shortened(const std::string& text) {
  constexpr std::size_t longest = 44; // bytes
  const auto what = text.substr(0, text.find(" on "));
  if (what.size() <= longest) return what;
  std::size_t end = longest;
  while (end > 0 && (what[end] & 0xC0) == 0x80) --end; // not inside a character
  return what.substr(0, end) + "…";
}

} // namespace

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
      const auto add = [&](std::int64_t begin, std::int64_t end) {
        spans.push_back({.x = {double(begin), double(end)},
                         .color = alone ? options.theme.plateau : own,
                         .label = alone || spans.empty() ? "plateau" : "",
                         .lane = alone ? -1 : lane});
      };
      std::int64_t begin = -1; // none is open
      for (const Event& event : snapshot.events) {
        if (event.member != member->id) continue;
        if (event.kind == Event::Kind::PlateauBegin) begin = event.step;
        if (event.kind == Event::Kind::PlateauEnd && begin >= 0) add(std::exchange(begin, -1), event.step);
      }
      if (begin >= 0 && member->step > begin) add(begin, member->step);
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
      plot.marks.push_back({double(event.step), theme.accent, shortened(event.text), widgets::Dash::DashDot});
      break;
    default:
      break;
    }
  }
}

} // namespace plateau::figures
