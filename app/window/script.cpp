#include "app/window/script.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/study/fields.h"

namespace plateau::window {
namespace {

/// The kinds of a command's arguments: t text, n number.
const std::map<std::string, std::string>& signatures() {
  static const std::map<std::string, std::string> all = {
      {"click", "t"},          {"hover", "t"},        {"wheel", "tn"},
      {"double-click", "t"},   {"right-click", "t"},  {"ctrl-click", "t"},
      {"hold", "t"},           {"release", "t"},      {"click-at", "tnn"},
      {"drag", "tn"},          {"drag-by", "tnn"},    {"select", "tt"},
      {"type", "tt"},          {"key", "t"},          {"tab", "t"},
      {"theme", "t"},          {"resize", "nn"},      {"wait-step", "n"},
      {"wait-state", "t"},     {"wait-event", "t"},   {"wait-members", "n"},
      {"wait-item", "t"},      {"wait-text", "tt"},   {"timeout", "n"},
      {"frames", "n"},         {"sleep", "n"},        {"expect-state", "t"},
      {"expect-members", "n"}, {"expect-step", "n"},  {"expect-item", "t"},
      {"expect-no-item", "t"}, {"expect-text", "tt"}, {"screenshot", "t"},
      {"list-items", ""},      {"quit", ""},          {"keep-workspace", ""},
  };
  return all;
}

bool is_number(const std::string& text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

std::vector<std::string> words_of(const std::string& line, const std::string& where) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false, quoted = false;
  for (const char c : line) {
    if (quoted) {
      if (c == '"')
        quoted = false;
      else
        word += c;
    } else if (c == '"') {
      quoted = inside = true;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      if (inside) words.push_back(std::exchange(word, {}));
      inside = false;
    } else if (c == '#' && !inside) {
      break;
    } else {
      word += c;
      inside = true;
    }
  }
  if (quoted) throw InputError(where + ": a quotation mark is not closed");
  if (inside) words.push_back(word);
  return words;
}

} // namespace

Script parse_script(const std::string& text, const std::string& source) {
  Script script{source, {}};
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string where = fmt::format("{}:{}", source, number);
    std::vector<std::string> words = words_of(line, where);
    if (words.empty()) continue;
    const auto signature = signatures().find(words[0]);
    if (signature == signatures().end()) {
      std::vector<std::string> names;
      for (const auto& [name, arguments] : signatures()) names.push_back(name);
      throw InputError(
          fmt::format("{}: unknown command '{}'{}", where, words[0], study::did_you_mean(words[0], names)));
    }
    const std::string& kinds = signature->second;
    if (words.size() - 1 != kinds.size())
      throw InputError(fmt::format("{}: '{}' takes {} argument{}, not {}", where, words[0], kinds.size(),
                                   kinds.size() == 1 ? "" : "s", words.size() - 1));
    for (std::size_t i = 0; i < kinds.size(); ++i)
      if (kinds[i] == 'n' && !is_number(words[i + 1]))
        throw InputError(fmt::format("{}: '{}' is not a number", where, words[i + 1]));
    if (words[0] == "theme" && words[1] != "light" && words[1] != "dark")
      throw InputError(fmt::format("{}: the theme is light or dark, not '{}'", where, words[1]));
    script.commands.push_back({number, words[0], {words.begin() + 1, words.end()}});
  }
  return script;
}

bool keeps_workspace(const Script& script) {
  return std::ranges::find(script.commands, "keep-workspace", &ScriptCommand::name) != script.commands.end();
}

Script load_script(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream || std::filesystem::is_directory(file))
    throw InputError(fmt::format("cannot read the script {}", file.string()));
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_script(text.str(), file.string());
}

} // namespace plateau::window
