// The parts that a PNG file is made of. Internal to widgets/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "widgets/file_canvas.h"

namespace plateau::widgets {

inline constexpr std::string_view png_signature{"\x89PNG\r\n\x1a\n", 8};

/// Most significant byte first, as PNG has all its numbers.
std::string big_endian(std::uint32_t number);
/// Length, type, body and checksum.
std::string png_chunk(std::string_view type, std::string_view body);
/// Title, provenance and "Plateau" as UTF-8 text chunks; to stand behind the header.
std::string png_text_chunks(const Metadata& metadata);

} // namespace plateau::widgets
