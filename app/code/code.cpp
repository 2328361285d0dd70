#include "app/code/code.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/shell_word.h"
#include "engine/errors.h"
#include "engine/recording/exported_members.h"
#include "engine/study/fields.h"

namespace plateau::code {

using app::shell_word;

namespace {

std::string comments(std::span<const std::string> notes) {
  std::string text;
  for (const auto& note : notes) text += "# " + note + "\n";
  return text;
}

/// The shipped study of this name, if there is one that can be read.
std::optional<study::Study> shipped(const std::string& name) {
  try {
    for (const auto& file : study::list_studies())
      if (file.name == name) return study::load_study(name);
  } catch (const std::exception&) { // no assets, or a broken file
  }
  return std::nullopt;
}

/// Do both train the same? Titles and descriptions do not matter.
bool train_alike(const study::Study& a, const study::Study& b) {
  return a.settings == b.settings && a.members == b.members && a.interventions == b.interventions;
}

/// Seeds in the order in which they come.
std::vector<std::int64_t> seeds_of(const study::Study& study) {
  std::vector<std::int64_t> seeds;
  for (const auto& member : study.members)
    if (std::ranges::find(seeds, member.seed) == seeds.end()) seeds.push_back(member.seed);
  return seeds;
}

/// `plateau run` with options; empty when they cannot say it.
std::string with_options(const study::Study& study, study::Study base) {
  std::string command = "plateau run " + shell_word(study.name);
  for (const auto& field : study::fields()) {
    const auto wanted = field.get(study.settings);
    if (field.get(base.settings) == wanted) continue;
    const auto assignment = field.name + "=" + study::to_string(wanted);
    study::apply_assignment(base, assignment);
    command += " --set " + shell_word(assignment);
  }
  if (train_alike(study, base)) return command;
  const auto seeds = seeds_of(study);
  study::set_seeds(base, seeds);
  if (!train_alike(study, base)) return "";
  // One number alone would be taken for how many.
  return command + fmt::format(" --seeds {}{}", fmt::join(seeds, ","), seeds.size() == 1 ? "," : "");
}

/// A word that no line of the text is.
std::string end_mark(const std::string& text) {
  std::string mark = "END";
  while (("\n" + text).find("\n" + mark + "\n") != std::string::npos) mark += "_";
  return mark;
}

} // namespace

std::vector<std::string> notes(const study::Study& study, std::span<const study::Intervention> happened) {
  std::vector<std::string> lines;
  for (const auto& intervention : happened)
    if (std::ranges::find(study.interventions, intervention) == study.interventions.end())
      lines.push_back(fmt::format("step {}: {}", intervention.step, study::describe(intervention)));
  if (!lines.empty()) lines.insert(lines.begin(), "What was done to this run by hand:");
  for (auto& line : lines)
    std::ranges::replace_if(
        line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return lines;
}

std::string as_toml(const study::Study& study, std::span<const std::string> notes) {
  return comments(notes) + study::to_toml(study);
}

std::string as_command(const study::Study& study, std::span<const std::string> notes) {
  if (const auto base = shipped(study.name)) {
    try {
      if (const auto command = with_options(study, *base); !command.empty())
        return comments(notes) + command + "\n";
    } catch (const InputError&) { // values that no option may have
    }
  }
  const auto document = study::to_toml(study), mark = end_mark(document);
  const auto file = shell_word("./" + recording::file_name(study.name) + ".toml");
  return fmt::format("{0}(set -C; cat > {1}) <<'{2}' && plateau run {1}\n{3}{2}\n", comments(notes), file,
                     mark, document);
}

std::string fork_note(const std::string& parent, std::int64_t step) {
  return fmt::format("In the run a fork of {} at step {}; here trained from the start.", parent, step);
}

Subject subject(const study::Study& study, const study::MemberSpec& member) {
  Subject subject{study.name, member.name, member.seed, study::settings_of(study, member), {}};
  for (const auto& intervention : study.interventions)
    if (intervention.member.empty() || intervention.member == member.name)
      subject.notes.push_back(fmt::format("step {}: {}", intervention.step, study::describe(intervention)));
  if (!subject.notes.empty())
    subject.notes.insert(subject.notes.begin(), "The study's script, not done here:");
  return subject;
}

} // namespace plateau::code
