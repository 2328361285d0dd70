#include "engine/study/toml_reader.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/study/rules.h"
#include "engine/study/study.h"
#include "engine/study/utf8.h"

namespace plateau::study {
namespace {

using Line = toml::source_index;

/// Where assignments stand in the document, for messages that come up later.
using Lines = std::map<std::string, Line>;

struct LocatedAssignment {
  Assignment assignment;
  Line line, column;
};

class Reader {
public:
  Reader(const std::string& toml, std::string source);
  Study read();
  std::string title();

private:
  [[noreturn]] void fail(Line line, const std::string& message) const {
    throw InputError(printable(fmt::format("{}:{}: {}", source_, line, message)));
  }
  static Line line_of(const toml::node& node) { return node.source().begin.line; }

  void check_keys(const toml::table& table, const std::vector<std::string>& allowed,
                  const std::string& where) const;
  std::string text(const toml::table& table, std::string_view key, const std::string& fallback,
                   bool multi_line = false) const;
  std::int64_t number(const toml::table& table, std::string_view key, std::int64_t fallback) const;
  bool truth(const toml::table& table, std::string_view key, bool fallback) const;
  /// One copy per entry of `seeds`, or the member itself with its `seed`.
  std::vector<MemberSpec> with_seeds(const MemberSpec& member, const toml::table& table) const;
  bool flag(const toml::table& table, std::string_view key) const;
  std::vector<const toml::table*> tables(std::string_view key) const;

  [[noreturn]] void fail_type(const std::string& name, Line line) const;
  void collect(const toml::table& table, const std::string& prefix,
               std::vector<LocatedAssignment>& found) const;
  std::vector<LocatedAssignment> assignments(const toml::table& table) const;
  void assign(Settings& settings, LocatedAssignment& located) const;
  void check(const Settings& settings, const Lines& lines, Line otherwise, const std::string& who) const;

  void read_heading();
  void read_settings();
  void read_members();
  void read_interventions();
  Intervention read_intervention(const toml::table& table);
  Intervention::Kind read_kind(const toml::table& table) const;
  void check_options(const toml::table& table, const Intervention& intervention) const;
  void check_member_known(const toml::table& table, const std::string& member) const;
  void carry_out(const toml::table& table, Intervention& intervention);

  std::string source_;
  toml::table document_;
  Study study_;
  Lines shared_lines_;
  /// Settings in force while interventions are read in order, by member; forks join as they are named.
  std::map<std::string, Settings> in_force_;
  bool has_unnamed_forks_ = false;
};

Reader::Reader(const std::string& toml, std::string source) : source_(std::move(source)) {
  try {
    document_ = toml::parse(toml, source_);
  } catch (const toml::parse_error& error) {
    fail(error.source().begin.line, std::string(error.description()));
  }
}

std::string Reader::title() {
  read_heading();
  return study_.title;
}

Study Reader::read() {
  std::set<std::string> known = {"name", "title", "description", "member", "intervention"};
  for (const auto& field : fields()) known.insert(field.name.substr(0, field.name.find('.')));
  for (const auto& [key, node] : document_) {
    // A misspelt table is best explained by its first key: the nearest field names table and key.
    if (known.contains(std::string(key)) || (node.is_table() && !node.as_table()->empty())) continue;
    fail(key.source().begin.line,
         fmt::format("unknown key '{}'{}", key.str(),
                     did_you_mean(key.str(), std::vector<std::string>(known.begin(), known.end()))));
  }
  read_heading();
  read_settings();
  read_members();
  read_interventions();
  return study_;
}

void Reader::check_keys(const toml::table& table, const std::vector<std::string>& allowed,
                        const std::string& where) const {
  for (const auto& [key, node] : table)
    if (std::ranges::find(allowed, key.str()) == allowed.end())
      fail(key.source().begin.line,
           fmt::format("unknown key '{}' in {}{}", key.str(), where, did_you_mean(key.str(), allowed)));
}

std::string Reader::text(const toml::table& table, std::string_view key, const std::string& fallback,
                         bool multi_line) const {
  const auto* node = table.get(key);
  if (!node) return fallback;
  const auto value = node->value_exact<std::string>();
  if (!value) fail(line_of(*node), fmt::format("{}: allowed is text in quotes", key));
  if (!is_plain_utf8(*value, multi_line))
    fail(line_of(*node),
         fmt::format("{}: allowed is text without {}", key,
                     multi_line ? "control characters" : "line breaks and control characters"));
  return *value;
}

std::int64_t Reader::number(const toml::table& table, std::string_view key, std::int64_t fallback) const {
  const auto* node = table.get(key);
  if (!node) return fallback;
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < 0) fail(line_of(*node), fmt::format("{}: allowed is a whole number from 0", key));
  return *value;
}

bool Reader::flag(const toml::table& table, std::string_view key) const {
  const auto* node = table.get(key);
  if (!node) return false;
  const auto value = node->value_exact<bool>();
  if (!value) fail(line_of(*node), fmt::format("{}: allowed is true or false", key));
  return *value;
}

/// The tables of [[key]].
std::vector<const toml::table*> Reader::tables(std::string_view key) const {
  std::vector<const toml::table*> result;
  const auto* node = document_.get(key);
  if (!node) return result;
  if (!node->is_array()) fail(line_of(*node), fmt::format("'{}' must be written as [[{}]]", key, key));
  for (const auto& element : *node->as_array()) {
    if (!element.is_table()) fail(line_of(element), fmt::format("'{}' must be written as [[{}]]", key, key));
    result.push_back(element.as_table());
  }
  return result;
}

/// For values that no field can have: arrays, dates.
void Reader::fail_type(const std::string& name, Line line) const {
  std::string expected;
  try {
    expected = allowed(field(name));
  } catch (const InputError& unknown) {
    fail(line, unknown.what());
  }
  fail(line, fmt::format("{}: allowed is {}", name, expected));
}

/// Both `"attention.variant" = x` and `attention.variant = x` (nested tables) name a field.
void Reader::collect(const toml::table& table, const std::string& prefix,
                     std::vector<LocatedAssignment>& found) const {
  for (const auto& [key, node] : table) {
    const auto name = prefix.empty() ? std::string(key) : fmt::format("{}.{}", prefix, key.str());
    const auto line = key.source().begin.line;
    if (const auto* nested = node.as_table()) {
      collect(*nested, name, found);
      continue;
    }
    Value value;
    if (const auto whole = node.value_exact<std::int64_t>())
      value = *whole;
    else if (const auto real = node.value_exact<double>())
      value = *real;
    else if (const auto truth = node.value_exact<bool>())
      value = *truth;
    else if (auto words = node.value_exact<std::string>())
      value = std::move(*words);
    else
      fail_type(name, line);
    found.push_back({{name, std::move(value)}, line, key.source().begin.column});
  }
}

/// In the order of the document (toml::table sorts by key).
std::vector<LocatedAssignment> Reader::assignments(const toml::table& table) const {
  const auto* node = table.get("set");
  if (!node) return {};
  if (!node->is_table())
    fail(line_of(*node), "set: allowed is a table, for example { \"attention.variant\" = \"norm-softmax\" }");
  std::vector<LocatedAssignment> found;
  collect(*node->as_table(), "", found);
  std::ranges::sort(found, {}, [](const auto& located) { return std::pair(located.line, located.column); });
  return found;
}

/// Stores the value and rewrites it in the field's own type (1 becomes 1.0 where a real is wanted).
void Reader::assign(Settings& settings, LocatedAssignment& located) const {
  auto& [assignment, line, column] = located;
  try {
    set(settings, assignment);
    assignment.value = get(settings, assignment.field);
  } catch (const InputError& error) {
    fail(line, error.what());
  }
}

void Reader::check(const Settings& settings, const Lines& lines, Line otherwise,
                   const std::string& who) const {
  const auto conflict = find_conflict(settings);
  if (!conflict) return;
  std::optional<Line> line;
  for (const auto& name : conflict->fields)
    if (const auto found = lines.find(name); found != lines.end())
      line = std::max(line.value_or(0), found->second);
  fail(line.value_or(otherwise), who + conflict->message);
}

void Reader::read_heading() {
  auto stem = std::filesystem::path(source_).stem().string();
  study_.name = text(document_, "name", stem);
  const bool usable = !study_.name.empty() && study_.name.find('/') == std::string::npos &&
                      !study_.name.starts_with('.') && !study_.name.starts_with('-');
  if (!usable) {
    const auto* node = document_.get("name");
    fail(node ? line_of(*node) : 1, "name: allowed is a short text for file names, without '/'");
  }
  study_.title = text(document_, "title", study_.name);
  study_.description = text(document_, "description", "", true);
}

void Reader::read_settings() {
  std::vector<LocatedAssignment> found;
  for (const auto& [key, node] : document_) {
    if (key == "member" || key == "intervention") continue;
    if (const auto* table = node.as_table())
      collect(*table, std::string(key), found);
    else if (std::ranges::any_of(fields(), [&](const Field& field) {
               return field.name.starts_with(fmt::format("{}.", key.str()));
             }))
      fail(key.source().begin.line, fmt::format("'{}' must be a table: write [{}]", key.str(), key.str()));
  }
  for (auto& located : found) {
    assign(study_.settings, located);
    shared_lines_[located.assignment.field] = located.line;
  }
}

void Reader::read_members() {
  const auto members = tables("member");
  if (members.empty()) {
    check(study_.settings, shared_lines_, 1, "");
    study_.members.push_back({study_.title, 0, {}});
    in_force_[study_.title] = study_.settings;
  }
  for (const auto* table : members) {
    check_keys(*table, {"name", "seed", "seeds", "shown", "set"}, "[[member]]");
    MemberSpec member;
    member.name = text(*table, "name", "");
    if (member.name.empty()) fail(line_of(*table), "this [[member]] needs a name");
    const auto name_line = line_of(*table->get("name"));
    member.shown = truth(*table, "shown", true);
    auto settings = study_.settings;
    auto lines = shared_lines_;
    for (auto& located : assignments(*table)) {
      assign(settings, located);
      const auto& name = located.assignment.field;
      if (!field(name).per_member)
        fail(located.line, fmt::format("{} is shared by all members: set it in [{}]", name,
                                       name.substr(0, name.find('.'))));
      lines[name] = located.line;
      member.overrides.push_back(std::move(located.assignment));
    }
    check(settings, lines, name_line, fmt::format("member '{}': ", member.name));
    for (auto& copy : with_seeds(member, *table)) {
      if (in_force_.contains(copy.name))
        fail(name_line,
             fmt::format("there is already a member '{}': each name must be different", copy.name));
      in_force_[copy.name] = settings;
      study_.members.push_back(std::move(copy));
    }
  }
}

std::vector<MemberSpec> Reader::with_seeds(const MemberSpec& member, const toml::table& table) const {
  const auto* node = table.get("seeds");
  if (!node) {
    auto one = member;
    one.seed = number(table, "seed", 0);
    return {one};
  }
  if (table.get("seed")) fail(line_of(*node), "a [[member]] has a seed or seeds, not both");
  const auto* list = node->as_array();
  std::vector<MemberSpec> copies;
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const auto seed = (*list)[i].value_exact<std::int64_t>();
    if (!seed || *seed < 0) break;
    copies.push_back(member);
    copies.back().name = seeded_name(member.name, *seed);
    copies.back().seed = *seed;
  }
  if (!list || list->empty() || copies.size() < list->size())
    fail(line_of(*node), "seeds: allowed is a list of whole numbers from 0, for example [0, 1, 2]");
  return copies;
}

bool Reader::truth(const toml::table& table, std::string_view key, bool fallback) const {
  const auto* node = table.get(key);
  if (!node) return fallback;
  const auto value = node->value_exact<bool>();
  if (!value) fail(line_of(*node), fmt::format("{}: allowed is true or false", key));
  return *value;
}

Intervention::Kind Reader::read_kind(const toml::table& table) const {
  using Kind = Intervention::Kind;
  const auto word = text(table, "kind", "set");
  std::vector<std::string> words;
  for (const auto kind : {Kind::Set, Kind::Branch, Kind::Rewind, Kind::Halt, Kind::Continue}) {
    words.push_back(to_string(kind));
    if (word == words.back()) return kind;
  }
  fail(line_of(*table.get("kind")),
       fmt::format("kind = \"{}\": allowed is one of set, branch, rewind, halt, continue{}", word,
                   did_you_mean(word, words)));
}

/// Which keys make sense for which kind.
void Reader::check_options(const toml::table& table, const Intervention& intervention) const {
  using Kind = Intervention::Kind;
  const auto kind = intervention.kind;
  const bool goes_back = kind == Kind::Branch || kind == Kind::Rewind;
  const auto only_for = [&](std::string_view key, bool fits, std::string_view kinds) {
    if (const auto* node = table.get(key); node && !fits)
      fail(line_of(*node),
           fmt::format("{} has no meaning for kind \"{}\", only for {}", key, to_string(kind), kinds));
  };
  only_for("set", kind == Kind::Set || kind == Kind::Branch, "set and branch");
  only_for("keep_twin", kind == Kind::Set, "set");
  only_for("from_step", goes_back, "branch and rewind");
  only_for("name", kind == Kind::Branch || intervention.keep_twin, "branch, and set with keep_twin = true");
  if (!table.get("step")) fail(line_of(table), "this [[intervention]] needs a step");
  if (kind == Kind::Set && intervention.changes.empty())
    fail(line_of(table), "this [[intervention]] changes nothing: give set = { \"field\" = value }");
  if (goes_back && !table.get("from_step"))
    fail(line_of(table), fmt::format("kind \"{}\" needs from_step, the step to go back to", to_string(kind)));
  if (intervention.from_step > intervention.step)
    fail(line_of(*table.get("from_step")),
         fmt::format("from_step = {} lies after step = {}: allowed is an earlier one", intervention.from_step,
                     intervention.step));
  if (!intervention.new_name.empty() && intervention.member.empty())
    fail(line_of(*table.get("name")),
         "name: needs member, since one name cannot serve a fork of every member");
}

Intervention Reader::read_intervention(const toml::table& table) {
  check_keys(table, {"step", "kind", "member", "set", "keep_twin", "from_step", "name"}, "[[intervention]]");
  Intervention intervention;
  intervention.kind = read_kind(table);
  intervention.step = number(table, "step", 0);
  intervention.member = text(table, "member", "");
  intervention.keep_twin = flag(table, "keep_twin");
  intervention.from_step = number(table, "from_step", 0);
  intervention.new_name = text(table, "name", "");
  for (auto& located : assignments(table)) {
    Settings scratch;
    assign(scratch, located);
    const auto& which = field(located.assignment.field);
    if (!which.live)
      fail(
          located.line,
          fmt::format("{} cannot change in mid-run: set it for the whole study or for a member", which.name));
    if (!which.per_member && !intervention.member.empty())
      fail(located.line, fmt::format("{} is shared by all members: leave out member", which.name));
    intervention.changes.push_back(std::move(located.assignment));
  }
  check_options(table, intervention);
  return intervention;
}

void Reader::check_member_known(const toml::table& table, const std::string& member) const {
  // The trainer names forks that have no name in the study; it also checks then.
  if (member.empty() || in_force_.contains(member) || has_unnamed_forks_) return;
  std::vector<std::string> names;
  for (const auto& [name, settings] : in_force_) names.push_back(name);
  fail(line_of(*table.get("member")),
       fmt::format("there is no member '{}' at this step{}", member, did_you_mean(member, names)));
}

/// Follows what the intervention does to the members' settings, to find conflicts before the run starts.
void Reader::carry_out(const toml::table& table, Intervention& intervention) {
  using Kind = Intervention::Kind;
  check_member_known(table, intervention.member);
  Lines lines;
  for (const auto& located : assignments(table)) lines[located.assignment.field] = located.line;
  const auto changed = [&](const std::string& name, Settings settings) {
    for (const auto& change : intervention.changes) set(settings, change);
    check(settings, lines, line_of(table), fmt::format("member '{}': ", name));
    return settings;
  };
  const bool forks = intervention.kind == Kind::Branch || intervention.keep_twin;
  if (intervention.kind == Kind::Rewind || (forks && intervention.new_name.empty()))
    has_unnamed_forks_ = true;
  if (in_force_.contains(intervention.new_name))
    fail(line_of(*table.get("name")), fmt::format("there is already a member '{}'", intervention.new_name));

  std::map<std::string, Settings> born;
  for (auto& [name, settings] : in_force_) {
    if (!intervention.member.empty() && intervention.member != name) continue;
    if (!intervention.new_name.empty())
      born[intervention.new_name] = intervention.kind == Kind::Branch ? changed(name, settings) : settings;
    if (intervention.kind == Kind::Set) settings = changed(name, settings);
  }
  in_force_.merge(born);
}

void Reader::read_interventions() {
  std::vector<std::pair<Intervention, const toml::table*>> found;
  for (const auto* table : tables("intervention")) found.emplace_back(read_intervention(*table), table);
  // Where members go back in time, the document's own order is the order of events.
  const auto back_in_time = [](const auto& entry) { return goes_back_in_time(entry.first); };
  if (std::ranges::none_of(found, back_in_time))
    std::ranges::stable_sort(found, {}, [](const auto& entry) { return entry.first.step; });
  // A step beyond the planned end is no error: runs are shortened with --steps and go on later.
  for (auto& [intervention, table] : found) {
    carry_out(*table, intervention);
    study_.interventions.push_back(std::move(intervention));
  }
}

} // namespace

Study parse_study(const std::string& toml, const std::string& source) {
  return Reader(toml, source).read();
}

std::string read_title(const std::string& toml, const std::string& source) {
  return Reader(toml, source).title();
}

} // namespace plateau::study
