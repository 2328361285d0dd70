#include "app/commands/code.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "app/code/code.h"
#include "app/commands/recorded_members.h"
#include "engine/errors.h"
#include "engine/recording/reader.h"

namespace plateau::commands {
namespace {

/// The member of a recording, as the study says or, of a fork, as it was born.
code::Subject recorded_subject(const recording::Reader& reader, const study::Study& study,
                               const CodeArguments& arguments) {
  const auto members = recorded_members(reader, arguments.study.study);
  const auto& chosen = chosen_member(members, arguments.member);
  for (const auto& spec : study.members)
    if (spec.name == chosen.recorded_name) return code::subject(study, spec);
  const auto records = reader.members();
  const auto record = *std::ranges::find(records, chosen.id, &recording::MemberRecord::id);
  std::vector<std::string> notes;
  for (const auto& parent : records)
    if (parent.id == record.parent) notes.push_back(code::fork_note(parent.name, record.forked_at));
  return {study.name, record.name, record.seed, record.settings, notes};
}

code::Subject studied_subject(const study::Study& study, const std::string& member) {
  if (member.empty()) return code::subject(study, study.members.front());
  std::vector<std::string> names;
  for (const auto& spec : study.members) names.push_back(spec.name);
  return code::subject(study, study.members[static_cast<std::size_t>(member_called(member, names))]);
}

std::string text_of(const study::Study& study, const std::vector<std::string>& notes,
                    const CodeArguments& arguments, const recording::Reader* reader) {
  if (arguments.form == "toml") return code::as_toml(study, notes);
  if (arguments.form == "command") return code::as_command(study, notes);
  auto subject =
      reader ? recorded_subject(*reader, study, arguments) : studied_subject(study, arguments.member);
  subject.notes.insert(subject.notes.end(), notes.begin(), notes.end());
  return code::as_pytorch(subject);
}

} // namespace

int code_command(const CodeArguments& arguments) {
  if (!arguments.member.empty() && arguments.form != "pytorch")
    throw InputError("plateau code: --member goes with --as pytorch; the other forms hold all members");
  const auto& target = arguments.study;
  if (std::filesystem::path(target.study).extension() != ".plateau") {
    fmt::print("{}", text_of(chosen_study(target), {}, arguments, nullptr));
    return 0;
  }
  if (!target.assignments.empty() || target.steps || !target.seeds.empty())
    throw InputError("plateau code: --set, --steps and --seeds change a study, not a recording");
  const recording::Reader reader{std::filesystem::path(target.study)};
  const auto study = reader.study();
  fmt::print("{}", text_of(study, code::notes(study, reader.snapshot()->interventions), arguments, &reader));
  return 0;
}

} // namespace plateau::commands
