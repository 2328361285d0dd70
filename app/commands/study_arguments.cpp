#include "app/commands/study_arguments.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include <fmt/format.h>

#include "engine/study/fields.h"

namespace plateau::commands {

namespace {

constexpr std::int64_t most_seeds = 1000;

} // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::int64_t> parse_seeds(std::string_view text) {
  const auto wrong = [&] {
    return InputError(fmt::format(
        "--seeds: '{}' is neither a number of seeds from 1 to {} nor a list like 1,5,7", text, most_seeds));
  };
  if (text.find(',') == std::string_view::npos) {
    const auto count = whole_number(text);
    if (!count || *count < 1 || *count > most_seeds) throw wrong();
    std::vector<std::int64_t> seeds(static_cast<std::size_t>(*count));
    std::iota(seeds.begin(), seeds.end(), std::int64_t{0});
    return seeds;
  }
  std::vector<std::int64_t> seeds;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto seed = whole_number(text.substr(0, comma));
    if (!seed || *seed < 0) throw wrong();
    if (std::find(seeds.begin(), seeds.end(), *seed) != seeds.end())
      throw InputError(fmt::format("--seeds: {} is there twice", *seed));
    seeds.push_back(*seed);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  if (seeds.empty()) throw wrong();
  return seeds;
}

study::Study chosen_study(const StudyArguments& arguments) {
  study::Study study = study::load_study(arguments.study);
  for (const std::string& assignment : arguments.assignments) study::apply_assignment(study, assignment);
  if (arguments.steps) study::apply_assignment(study, fmt::format("training.steps={}", *arguments.steps));
  if (!arguments.seeds.empty()) study::set_seeds(study, parse_seeds(arguments.seeds));
  // Settings that contradict each other show here, before anything is opened or written.
  for (const study::MemberSpec& member : study.members) study::settings_of(study, member);
  return study;
}

int member_called(const std::string& name, const std::vector<std::string>& names) {
  if (const auto found = std::find(names.begin(), names.end(), name); found != names.end())
    return static_cast<int>(found - names.begin());
  if (const auto id = whole_number(name); id && *id >= 0 && *id < static_cast<std::int64_t>(names.size()))
    return static_cast<int>(*id);
  throw no_member_called(name, names);
}

InputError no_member_called(const std::string& name, const std::vector<std::string>& names) {
  std::string hint = study::did_you_mean(name, names);
  if (hint.empty()) hint = fmt::format("; there are: {}", fmt::join(names, ", "));
  return InputError(fmt::format("no member is called '{}'{}", name, hint));
}

} // namespace plateau::commands
