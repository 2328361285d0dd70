#include "app/terminal/live_lines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace plateau::terminal {

namespace {

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

} // namespace

bool is_interactive(std::FILE* stream) {
  const std::string_view terminal = environment("TERM");
  return isatty(fileno(stream)) != 0 && !terminal.empty() && terminal != "dumb";
}

bool shows_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (std::string locale(environment(name)); !locale.empty()) {
      std::transform(locale.begin(), locale.end(), locale.begin(),
                     [](unsigned char c) { return std::tolower(c); });
      return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    }
  return false;
}

int width_of(std::FILE* stream) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::string bar(double fraction, int width, bool utf8) {
  static constexpr std::array eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  width = std::max(width, 0);
  // NaN compares false with everything and becomes 0.
  fraction = fraction > 0 ? std::min(fraction, 1.0) : 0;
  const int parts = static_cast<int>(fraction * width * 8);
  const int full = parts / 8, rest = parts % 8;
  std::string text;
  for (int i = 0; i < full; ++i) text += utf8 ? "█" : "#";
  if (utf8 && rest > 0) text += eighths[rest];
  const int used = full + (utf8 && rest > 0 ? 1 : 0);
  for (int i = used; i < width; ++i) text += utf8 ? "─" : "-";
  return text;
}

std::string clipped(std::string_view text, int columns) {
  std::size_t end = 0;
  for (int characters = 0; end < text.size(); ++end)
    if (!continues_character(text[end]) && characters++ == columns) break;
  return std::string(text.substr(0, end));
}

std::string duration(double seconds) {
  constexpr double longest = 1000.0 * 3600;
  if (!(seconds >= 0 && seconds < longest)) return "?";
  const long total = std::lround(seconds);
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{}:{:02}", total / 60, total % 60);
  return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
}

std::string grouped(long long count) {
  std::string digits = std::to_string(count);
  const int first = count < 0 ? 1 : 0;
  for (int i = static_cast<int>(digits.size()) - 3; i > first; i -= 3) digits.insert(i, 1, ' ');
  return digits;
}

void LiveLines::show(const std::vector<std::string>& lines) {
  if (lines == shown_) return;
  std::string text;
  if (!shown_.empty()) text += fmt::format("\x1b[{}A", shown_.size());
  // A line that wraps would take two rows and the next rewriting would leave one behind.
  const int columns = width_of(stream_) - 1;
  for (const std::string& line : lines) text += clipped(line, columns) + "\x1b[K\n";
  text += "\x1b[J";
  write(text);
  shown_ = lines;
}

void LiveLines::print_above(const std::string& line) {
  const std::vector<std::string> lines = shown_;
  clear();
  write(line + "\n");
  show(lines);
}

void LiveLines::clear() {
  if (!shown_.empty()) write(fmt::format("\x1b[{}A\x1b[J", shown_.size()));
  shown_.clear();
}

void LiveLines::write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stream_);
  std::fflush(stream_);
}

} // namespace plateau::terminal
