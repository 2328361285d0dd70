// Texts as tokens, one per character: found on disk, read once per process and shared between tasks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::tasks {

/// Immutable and thread-safe.
struct TextData {
  std::string name; // "fortunes", or the file's name without its folder
  bool is_fortunes = false;
  std::u32string characters;        // of the tokens: ascending, then � for all that are not kept
  std::vector<std::uint8_t> tokens; // the text

  std::int64_t vocabulary() const { return static_cast<std::int64_t>(characters.size()); }
  std::uint8_t token(char32_t character) const;
  /// Tokens of another text, treated as this one was (without_controls()); bytes that are no UTF-8 become �.
  std::vector<std::int64_t> encode(std::string_view utf8) const;
  /// "e", "␣", "⏎"
  std::string print(std::int64_t token) const;
};

/// The vocabulary is the text's 96 most frequent characters, or all when it has no more, and �.
constexpr std::size_t most_characters = 96;

/// Reads `file`, any UTF-8 text; if it is empty, the fortunes in $PLATEAU_FORTUNES or else in the folder of
/// Debian's package. Throws InputError when a file is missing, larger than 256 MB or not UTF-8.
std::shared_ptr<const TextData> load_text(const std::string& file);

/// "fortunes: 2.6 million characters, 97 kinds"
std::string describe(const TextData& data);

} // namespace plateau::tasks
