#include "engine/study/study.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/study/utf8.h"

namespace plateau::study {
namespace {

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// Members without the seed in their names, those that differ in nothing else once.
std::vector<MemberSpec> without_seeds(const std::vector<MemberSpec>& members) {
  std::vector<MemberSpec> kinds;
  for (auto member : members) {
    const auto suffix = seeded_name("", member.seed);
    if (member.name.ends_with(suffix)) member.name.resize(member.name.size() - suffix.size());
    const bool known = std::ranges::any_of(kinds, [&](const MemberSpec& other) {
      return other.name == member.name && other.overrides == member.overrides;
    });
    if (!known) kinds.push_back(std::move(member));
  }
  return kinds;
}

} // namespace

std::string seeded_name(const std::string& name, std::int64_t seed) {
  return fmt::format("{} · seed {}", name, seed);
}

std::string to_string(Intervention::Kind kind) {
  switch (kind) {
  case Intervention::Kind::Set:
    return "set";
  case Intervention::Kind::Branch:
    return "branch";
  case Intervention::Kind::Rewind:
    return "rewind";
  case Intervention::Kind::Halt:
    return "halt";
  case Intervention::Kind::Continue:
    return "continue";
  }
  return "";
}

bool goes_back_in_time(const Intervention& intervention) {
  return intervention.kind == Intervention::Kind::Rewind || intervention.kind == Intervention::Kind::Branch;
}

std::string describe(const Intervention& intervention) {
  std::string changes;
  for (const auto& change : intervention.changes)
    changes += fmt::format("{}{} = {}", changes.empty() ? "" : ", ", change.field, to_string(change.value));
  const auto member = intervention.member.empty() ? "all members" : intervention.member;
  const auto as_new = intervention.new_name.empty() ? "" : fmt::format(" as {}", intervention.new_name);
  switch (intervention.kind) {
  case Intervention::Kind::Set:
    return fmt::format("{} on {}{}{}", changes, member, intervention.keep_twin ? ", twin kept" : "", as_new);
  case Intervention::Kind::Branch:
    return fmt::format("branch {} from step {}{}{}{}", member, intervention.from_step, as_new,
                       changes.empty() ? "" : " with ", changes);
  case Intervention::Kind::Rewind:
    return fmt::format("rewind {} to step {}", member, intervention.from_step);
  case Intervention::Kind::Halt:
    return fmt::format("halt {}", member);
  case Intervention::Kind::Continue:
    return fmt::format("continue {}", member);
  }
  return "";
}

Settings settings_of(const Study& study, const MemberSpec& member) {
  Settings settings = study.settings;
  try {
    for (const auto& assignment : member.overrides) set(settings, assignment);
    validate(settings);
  } catch (const InputError& error) {
    throw InputError(fmt::format("member '{}': {}", member.name, error.what()));
  }
  return settings;
}

void apply_assignment(Study& study, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos)
    throw InputError(fmt::format("'{}' is no assignment: write field=value", printable(assignment)));
  const auto& which = field(trimmed(std::string_view(assignment).substr(0, equals)));
  set(study.settings,
      {which.name, parse_value(which, trimmed(std::string_view(assignment).substr(equals + 1)))});
  for (auto& member : study.members)
    std::erase_if(member.overrides, [&](const Assignment& override) { return override.field == which.name; });
}

void set_seeds(Study& study, const std::vector<std::int64_t>& seeds) {
  if (seeds.empty()) throw InputError("no seeds given: at least one is needed");
  if (std::ranges::any_of(seeds, [](std::int64_t seed) { return seed < 0; }))
    throw InputError("seeds must be whole numbers from 0");
  if (std::set(seeds.begin(), seeds.end()).size() != seeds.size())
    throw InputError("each seed must be given only once: equal seeds would train equal members");
  study.members = without_seeds(study.members);
  if (seeds.size() == 1) {
    for (auto& member : study.members) member.seed = seeds.front();
    return;
  }
  std::vector<MemberSpec> members;
  for (const auto& member : study.members)
    for (const auto seed : seeds) {
      members.push_back(member);
      members.back().name = seeded_name(member.name, seed);
      members.back().seed = seed;
    }
  // A scripted intervention on one member becomes one on each of its copies; forks are copied like members.
  std::vector<Intervention> interventions;
  for (const auto& intervention : study.interventions) {
    if (intervention.member.empty()) {
      interventions.push_back(intervention);
      continue;
    }
    for (const auto seed : seeds) {
      auto& copy = interventions.emplace_back(intervention);
      copy.member = seeded_name(copy.member, seed);
      if (!copy.new_name.empty()) copy.new_name = seeded_name(copy.new_name, seed);
    }
  }
  study.members = std::move(members);
  study.interventions = std::move(interventions);
}

} // namespace plateau::study
