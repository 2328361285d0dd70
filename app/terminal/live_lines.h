// The part of a terminal that is rewritten in place, and the text that goes into it.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::terminal {

/// Whether `stream` is a terminal that understands cursor movement.
bool is_interactive(std::FILE* stream);
/// Whether the terminal shows UTF-8, by the locale's variables.
bool shows_utf8();
/// Columns of the terminal behind `stream`; 80 when unknown.
int width_of(std::FILE* stream);

/// "█████▌────" of exactly `width` columns; '#' and '-' without UTF-8. `fraction` is clamped to [0, 1].
std::string bar(double fraction, int width, bool utf8);
/// The first `columns` characters of UTF-8 text (one column each).
std::string clipped(std::string_view text, int columns);
/// "9 s", "4:07", "1:02:03"; "?" for a negative, infinite or undefined duration.
std::string duration(double seconds);
/// "12 345"
std::string grouped(long long count);

/// Some lines at the end of the output that are replaced as a whole.
class LiveLines {
public:
  explicit LiveLines(std::FILE* stream) : stream_(stream) {}
  ~LiveLines() { keep(); }
  LiveLines(const LiveLines&) = delete;
  LiveLines& operator=(const LiveLines&) = delete;

  /// Replaces the live lines.
  void show(const std::vector<std::string>& lines);
  /// Writes a line that stays, above the live ones.
  void print_above(const std::string& line);
  /// Removes the live lines.
  void clear();
  /// What is shown now stays; the next lines go below.
  void keep() { shown_.clear(); }

private:
  void write(const std::string& text);

  std::FILE* stream_;
  std::vector<std::string> shown_;
};

} // namespace plateau::terminal
