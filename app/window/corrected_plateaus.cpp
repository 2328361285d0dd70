#include "app/window/corrected_plateaus.h"

#include <algorithm>
#include <cmath>

#include "app/window/overlay_run.h"
#include "engine/recording/corrections.h"

namespace plateau::window {
namespace {

using recording::PlateauCorrection;

/// The plateau of the selected member that begins at this event.
std::optional<recording::Plateau> plateau_of(const View& view, int event) {
  const auto& events = view.snapshot.events;
  if (event < 0 || event >= static_cast<int>(events.size()) || !view.recorded || !view.member)
    return std::nullopt;
  const training::Event& begin = events[static_cast<std::size_t>(event)];
  // Other recordings' plateaus are theirs to correct.
  if (begin.kind != training::Event::Kind::PlateauBegin || begin.member != view.member->id ||
      is_beside(begin.member))
    return std::nullopt;
  for (const auto& plateau : recording::plateaus(view.recorded->events, view.annotations.plateaus))
    if (plateau.member == begin.member && plateau.begin == begin.step) return plateau;
  return std::nullopt;
}

auto same_plateau(const PlateauCorrection& correction) {
  return [&correction](const PlateauCorrection& other) {
    return other.member == correction.member && other.detected == correction.detected;
  };
}

} // namespace

void make_movable(const View& view, widgets::LinePlot& plot) {
  for (widgets::Span& span : plot.spans) span.movable = plateau_of(view, span.id).has_value();
}

void correct_plateau(const View& view, const widgets::PlotInteraction::MovedSpan& moved) {
  const auto plateau = plateau_of(view, moved.id);
  if (!plateau) return;
  auto next = view.annotations;
  PlateauCorrection correction{plateau->member, plateau->detected_begin, plateau->begin, -1};
  const auto known = std::ranges::find_if(next.plateaus, same_plateau(correction));
  if (known != next.plateaus.end()) correction = *known;
  if (moved.low_end)
    correction.begin = std::max<std::int64_t>(0, std::llround(moved.x.low));
  else
    correction.end = std::max<std::int64_t>(correction.begin + 1, std::llround(moved.x.high));
  if (known != next.plateaus.end()) next.plateaus.erase(known);
  const bool as_detected = correction.begin == correction.detected &&
                           (correction.end < 0 || correction.end == plateau->detected_end);
  if (!as_detected) next.plateaus.push_back(correction);
  view.ask(Annotate{std::move(next), "correct plateau"});
}

std::optional<PlateauCorrection> correction_of(const View& view, const widgets::Span& span) {
  const auto plateau = plateau_of(view, span.id);
  if (!plateau || !plateau->corrected) return std::nullopt;
  const auto found = std::ranges::find_if(view.annotations.plateaus, [&](const auto& correction) {
    return correction.member == plateau->member && correction.detected == plateau->detected_begin;
  });
  return found == view.annotations.plateaus.end() ? std::nullopt : std::optional(*found);
}

void forget_correction(const View& view, const PlateauCorrection& correction) {
  auto next = view.annotations;
  std::erase_if(next.plateaus, same_plateau(correction));
  view.ask(Annotate{std::move(next), "back to the detector's plateau"});
}

} // namespace plateau::window
