// Events as marks and shaded spans.
#include <map>

#include "app/figures/curves.h"

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
  const auto members = chosen_members(snapshot, options);
  std::vector<widgets::Span> spans;
  for (const auto* member : members) {
    // Alone a plateau is grey and named; several are told apart by their members' colours.
    const bool alone = members.size() == 1;
    widgets::Color color = options.theme.plateau;
    if (!alone) color = widgets::member_color(options.theme, std::size_t(member->id)).with_alpha(0.07f);
    std::int64_t begin = -1; // none is open
    const auto add = [&](std::int64_t end) {
      spans.push_back({{double(begin), double(end)}, color, alone ? "plateau" : ""});
      begin = -1;
    };
    for (const Event& event : snapshot.events) {
      if (event.member != member->id) continue;
      if (event.kind == Event::Kind::PlateauBegin) begin = event.step;
      if (event.kind == Event::Kind::PlateauEnd && begin >= 0) add(event.step);
    }
    if (begin >= 0 && member->step > begin) add(member->step);
  }
  return spans;
}

void add_events(widgets::LinePlot& plot, const training::Snapshot& snapshot, const PlotOptions& options) {
  for (auto& span : plateau_spans(snapshot, options)) plot.spans.push_back(std::move(span));
  std::map<int, const training::MemberView*> members;
  for (const auto* member : chosen_members(snapshot, options)) members[member->id] = member;
  const widgets::Theme& theme = options.theme;
  for (const Event& event : snapshot.events) {
    const auto member = members.find(event.member);
    if (event.member >= 0 && member == members.end()) continue;
    const bool alone = members.size() == 1 || event.member < 0;
    const auto own = alone ? theme.eureka : widgets::member_color(theme, std::size_t(event.member));
    switch (event.kind) {
    case Event::Kind::EurekaMoment:
      plot.marks.push_back({double(event.step), own,
                            alone ? "Eureka-moment" : "Eureka: " + member->second->name,
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
