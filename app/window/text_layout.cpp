#include "app/window/text_layout.h"

#include <algorithm>

namespace plateau::window {
namespace {

std::size_t characters(const std::string& token) {
  return static_cast<std::size_t>(
      std::ranges::count_if(token, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace

std::vector<TextLine> wrap(std::span<const std::string> tokens, std::size_t columns) {
  columns = std::max<std::size_t>(1, columns);
  std::vector<TextLine> lines;
  std::size_t begin = 0, used = 0, after_space = 0; // where the line could be broken
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string& token = tokens[i];
    if (token == "⏎") {
      lines.push_back({begin, i + 1});
      begin = i + 1;
      used = 0;
      continue;
    }
    const bool space = token == "␣" || token == " ";
    const std::size_t width = characters(token);
    // A space may hang over the end of its line.
    if (used + width > columns && !space && i > begin) {
      const std::size_t at = after_space > begin ? after_space : i;
      lines.push_back({begin, at});
      begin = at;
      used = 0;
      for (std::size_t k = begin; k < i; ++k) used += characters(tokens[k]);
    }
    used += width;
    if (space) after_space = i + 1;
  }
  if (begin < tokens.size()) lines.push_back({begin, tokens.size()});
  return lines;
}

std::string readable(std::span<const std::string> tokens, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i)
    text += tokens[i] == "␣" ? " " : tokens[i] == "⏎" ? "" : tokens[i];
  return text;
}

} // namespace plateau::window
