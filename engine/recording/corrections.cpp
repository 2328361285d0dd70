#include "engine/recording/corrections.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/tasks/grouped.h"

namespace plateau::recording {
namespace {

using tasks::grouped;
using training::Event;

constexpr std::string_view by_hand = ", set by hand (the detector's: ";

const PlateauCorrection* correction_of(const std::vector<PlateauCorrection>& corrections, int member,
                                       std::int64_t detected) {
  const auto found = std::ranges::find_if(corrections, [&](const PlateauCorrection& correction) {
    return correction.member == member && correction.detected == detected;
  });
  return found == corrections.end() ? nullptr : &*found;
}

// "ViT: plateau at 1.21 from step 300 ended at …" -> "ViT: plateau at 1.21".
std::string what(const std::string& text) {
  return text.substr(0, text.find(" from step "));
}

std::string ending(std::int64_t begin, std::int64_t end) {
  return fmt::format("ended at step {} ({} steps)", grouped(end), grouped(end - begin));
}

// The end of the plateau whose beginning is at `begin`; the end of the list where it lasts.
std::vector<Event>::iterator end_of(std::vector<Event>& events, std::vector<Event>::iterator begin) {
  for (auto event = begin + 1; event != events.end(); ++event) {
    if (event->member != begin->member) continue;
    if (event->kind == Event::Kind::PlateauEnd) return event;
    if (event->kind == Event::Kind::PlateauBegin) break;
  }
  return events.end();
}

} // namespace

std::vector<Plateau> plateaus(const std::vector<Event>& recorded,
                              const std::vector<PlateauCorrection>& corrections) {
  std::vector<Plateau> all;
  for (const Event& event : recorded) {
    if (event.kind == Event::Kind::PlateauBegin)
      all.push_back({.member = event.member,
                     .begin = event.step,
                     .detected_begin = event.step,
                     .end = {},
                     .detected_end = {}});
    if (event.kind != Event::Kind::PlateauEnd) continue;
    const auto open = std::find_if(all.rbegin(), all.rend(),
                                   [&](const Plateau& plateau) { return plateau.member == event.member; });
    if (open != all.rend() && !open->end) open->end = open->detected_end = event.step;
  }
  for (Plateau& plateau : all)
    if (const auto* correction = correction_of(corrections, plateau.member, plateau.detected_begin)) {
      plateau.corrected = true;
      plateau.begin = correction->begin;
      if (correction->end >= 0) plateau.end = correction->end;
    }
  return all;
}

std::vector<Event> corrected(std::vector<Event> events, const std::vector<PlateauCorrection>& corrections) {
  if (corrections.empty()) return events;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].kind != Event::Kind::PlateauBegin) continue;
    const auto* correction = correction_of(corrections, events[i].member, events[i].step);
    if (!correction) continue;
    const auto begin = events.begin() + std::ptrdiff_t(i);
    const auto end = end_of(events, begin);
    const auto detected_end = end == events.end() ? std::optional<std::int64_t>() : end->step;
    const auto shown_end = correction->end >= 0 ? std::optional(correction->end) : detected_end;
    const std::string name = what(begin->text);
    begin->text = fmt::format("{} from step {}{}step {})", name, grouped(correction->begin), by_hand,
                              grouped(correction->detected));
    begin->step = correction->begin;
    if (!shown_end) continue;
    Event over{Event::Kind::PlateauEnd, *shown_end, begin->member, {}};
    over.text = fmt::format(
        "{} from step {} {}{}{})", name, grouped(correction->begin), ending(correction->begin, *shown_end),
        by_hand,
        detected_end ? fmt::format("{} to {}", grouped(correction->detected), grouped(*detected_end))
                     : fmt::format("from {}, lasting", grouped(correction->detected)));
    if (end != events.end())
      *end = std::move(over);
    else
      events.insert(std::ranges::find_if(begin + 1, events.end(),
                                         [&](const Event& event) {
                                           return event.step > over.step ||
                                                  (event.member == over.member &&
                                                   event.kind == Event::Kind::PlateauBegin);
                                         }),
                    std::move(over));
  }
  return events;
}

bool is_corrected(const Event& event) {
  return event.text.find(by_hand) != std::string::npos;
}

void correct(analysis::MemberSummary& summary, const std::vector<PlateauCorrection>& corrections) {
  if (!summary.plateau) return;
  const auto* correction = correction_of(corrections, summary.id, summary.plateau->begin);
  if (!correction) return;
  summary.plateau->begin = correction->begin;
  if (correction->end < 0) return;
  summary.plateau->end = correction->end;
  summary.plateau->lasting = false;
}

} // namespace plateau::recording
