// The names under which states and events are shown and stored. Part of plateau_base (no LibTorch).
#include "engine/training/snapshot.h"

#include <array>
#include <utility>

#include "engine/errors.h"

namespace plateau::training {

const char* to_string(State state) {
  switch (state) {
  case State::Preparing:
    return "preparing";
  case State::Running:
    return "running";
  case State::Paused:
    return "paused";
  case State::Stopping:
    return "stopping";
  case State::Finished:
    return "finished";
  case State::Failed:
    return "failed";
  }
  return "unknown";
}

namespace {
constexpr std::array<std::pair<Event::Kind, const char*>, 9> event_names{{
    {Event::Kind::PlateauBegin, "plateau-begin"},
    {Event::Kind::PlateauEnd, "plateau-end"},
    {Event::Kind::EurekaMoment, "eureka-moment"},
    {Event::Kind::Memorisation, "memorisation"},
    {Event::Kind::Generalisation, "generalisation"},
    {Event::Kind::Divergence, "divergence"},
    {Event::Kind::Intervention, "intervention"},
    {Event::Kind::Checkpoint, "checkpoint"},
    {Event::Kind::Note, "note"},
}};
} // namespace

const char* to_string(Event::Kind kind) {
  for (const auto& [known, name] : event_names)
    if (known == kind) return name;
  return "note";
}

Event::Kind event_kind(const std::string& text) {
  for (const auto& [kind, name] : event_names)
    if (text == name) return kind;
  throw InputError("unknown kind of event '" + text + "'");
}

} // namespace plateau::training
