// Lines of text made of tokens, for a font in which all characters are equally wide.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace plateau::window {

/// Tokens [begin, end) on one line.
struct TextLine {
  std::size_t begin = 0, end = 0;
  bool operator==(const TextLine&) const = default;
};

/// Lines of at most `columns` characters, broken after spaces where possible; "⏎" ends a line and is the last
/// of its tokens, "␣" is a space.
std::vector<TextLine> wrap(std::span<const std::string> tokens, std::size_t columns);

/// Tokens [begin, end) as they are read: "␣" as a space, "⏎" as nothing.
std::string readable(std::span<const std::string> tokens, std::size_t begin, std::size_t end);

} // namespace plateau::window
