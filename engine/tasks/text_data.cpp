#include "engine/tasks/text_data.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <tuple>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/study/utf8.h"
#include "engine/tasks/environment.h"
#include "engine/tasks/grouped.h"
#include "engine/tasks/unicode.h"

namespace plateau::tasks {
namespace {

namespace fs = std::filesystem;

const fs::path debian_folder = "/usr/share/games/fortunes";
constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 28;
constexpr char32_t largest_character = 0x10ffff;

std::string shown(const fs::path& path) {
  return study::printable(path.string());
}

std::u32string read(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error); // an error for a folder, too
  if (error) throw InputError(fmt::format("{}: cannot be read ({})", shown(path), error.message()));
  if (size > largest_file)
    throw InputError(
        fmt::format("{}: a text of {} MB is too large; at most 256 MB", shown(path), size >> 20));
  std::string bytes(size, '\0');
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size)))
    throw InputError(fmt::format("{}: cannot be read ({})", shown(path),
                                 errno ? std::strerror(errno) : "it became shorter meanwhile"));
  const Decoded decoded = decode_utf8(bytes);
  if (decoded.first_invalid)
    throw InputError(fmt::format("{}: not UTF-8 text: byte 0x{:02x} at offset {} belongs to no character",
                                 shown(path), static_cast<unsigned char>(bytes[*decoded.first_invalid]),
                                 *decoded.first_invalid));
  return without_controls(decoded.text);
}

/// Fortunes stand between lines of a single %, which become blank lines.
std::u32string without_separators(std::u32string_view text) {
  std::u32string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(U'\n'), text.size());
    const std::u32string_view line = text.substr(0, end);
    if (line != U"%") result += line;
    result += U'\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

bool is_fortune_file(const fs::directory_entry& entry) {
  std::error_code ignored;
  const std::string name = entry.path().filename().string();
  // Indices end in .dat, links to the same texts in .u8; pictures made of characters are no English.
  return name.find('.') == std::string::npos && name != "ascii-art" && entry.is_regular_file(ignored);
}

std::vector<fs::path> fortune_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (is_fortune_file(*entry)) files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  return files;
}

std::u32string read_fortunes(const fs::path& folder) {
  std::u32string text;
  for (const fs::path& file : fortune_files(folder)) {
    text += without_separators(read(file));
    if (!text.ends_with(U"\n\n")) text += U'\n'; // the last fortune of some files has no % after it
  }
  if (!text.empty()) return text;
  const bool is_default = folder == debian_folder;
  throw InputError(
      fmt::format("the fortunes are missing: no texts in {}{}; install the Debian package fortunes, or set "
                  "{}task.text_file to a text of your own",
                  shown(folder), is_default ? "" : " (PLATEAU_FORTUNES)",
                  is_default ? "PLATEAU_FORTUNES to a folder with them, or " : "another folder, or "));
}

/// The most frequent characters (of equally frequent ones those of lower code point), in order, then �.
std::u32string choose_characters(const std::u32string& text) {
  std::vector<std::uint32_t> count(largest_character + 1);
  for (const char32_t character : text) ++count[character];
  count[replacement_character] = 0; // has a token in any case
  std::u32string characters;
  for (char32_t character = 0; character <= largest_character; ++character)
    if (count[character] > 0) characters += character;
  if (characters.size() > most_characters) {
    std::stable_sort(characters.begin(), characters.end(),
                     [&](char32_t a, char32_t b) { return count[a] > count[b]; });
    characters.resize(most_characters);
    std::sort(characters.begin(), characters.end());
  }
  return characters + replacement_character;
}

std::shared_ptr<const TextData> make(std::string name, bool is_fortunes, const std::u32string& text) {
  auto data = std::make_shared<TextData>();
  data->name = std::move(name);
  data->is_fortunes = is_fortunes;
  data->characters = choose_characters(text);
  data->tokens.reserve(text.size());
  for (const char32_t character : text) data->tokens.push_back(data->token(character));
  return data;
}

/// A file that was edited meanwhile is read again.
struct Version {
  fs::path path;
  std::uintmax_t size = 0;
  fs::file_time_type::rep changed = 0;
  bool operator<(const Version& other) const {
    return std::tie(path, size, changed) < std::tie(other.path, other.size, other.changed);
  }
};

Version version(const fs::path& path) {
  std::error_code missing; // reading will say so
  const auto changed = fs::last_write_time(path, missing);
  return {path, fs::is_regular_file(path, missing) ? fs::file_size(path, missing) : 0,
          changed.time_since_epoch().count()};
}

} // namespace

std::uint8_t TextData::token(char32_t character) const {
  const auto end = characters.end() - 1;
  const auto found = std::lower_bound(characters.begin(), end, character);
  return static_cast<std::uint8_t>((found != end && *found == character ? found : end) - characters.begin());
}

std::vector<std::int64_t> TextData::encode(std::string_view utf8) const {
  std::vector<std::int64_t> result;
  for (const char32_t character : without_controls(decode_utf8(utf8).text))
    result.push_back(token(character));
  return result;
}

std::string TextData::print(std::int64_t token) const {
  const char32_t character = characters[static_cast<std::size_t>(token)];
  if (character == ' ') return "␣";
  if (character == '\n') return "⏎";
  return encode_utf8(character);
}

std::shared_ptr<const TextData> load_text(const std::string& file) {
  const bool is_fortunes = file.empty();
  const std::string named = environment("PLATEAU_FORTUNES");
  const fs::path path = !is_fortunes ? fs::path(file) : named.empty() ? debian_folder : expand_home(named);

  static std::mutex mutex;
  static std::map<Version, std::weak_ptr<const TextData>> loaded;
  static std::shared_ptr<const TextData> latest; // so that restarting a study needs no reading
  const std::lock_guard lock(mutex);
  auto& entry = loaded[version(path)];
  auto data = entry.lock();
  if (!data)
    entry = data = is_fortunes ? make("fortunes", true, read_fortunes(path))
                               : make(shown(path.filename()), false, read(path));
  latest = data;
  return data;
}

std::string describe(const TextData& data) {
  const auto count = static_cast<std::int64_t>(data.tokens.size());
  return fmt::format("{}: {} characters, {} kinds", data.name,
                     count < 1000000 ? grouped(count)
                                     : fmt::format("{:.1f} million", static_cast<double>(count) * 1e-6),
                     data.vocabulary());
}

} // namespace plateau::tasks
