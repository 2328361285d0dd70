#include "engine/recording/png.h"

#include <string_view>

#include <zlib.h>

#include "engine/errors.h"

namespace plateau::recording {
namespace {

std::string big_endian(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
          static_cast<char>(number)};
}

std::string chunk(std::string_view type, std::string_view data) {
  std::string body(type);
  body += data;
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<unsigned>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + body +
         big_endian(static_cast<std::uint32_t>(crc));
}

std::string deflated(const std::string& bytes) {
  auto size = compressBound(static_cast<uLong>(bytes.size()));
  std::string packed(size, '\0');
  if (compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
               static_cast<uLong>(bytes.size())) != Z_OK)
    throw RunError("a picture can not be packed: not enough memory");
  packed.resize(size);
  return packed;
}

} // namespace

std::string to_png(const GreyImage& image) {
  const auto width = static_cast<std::size_t>(image.width);
  std::string rows;
  for (std::size_t y = 0; y < static_cast<std::size_t>(image.height); ++y) {
    rows += '\0'; // not filtered
    rows.append(reinterpret_cast<const char*>(image.pixels.data()) + y * width, width);
  }
  using namespace std::string_view_literals;
  const auto header = big_endian(static_cast<std::uint32_t>(image.width)) +
                      big_endian(static_cast<std::uint32_t>(image.height)) +
                      std::string("\x08\0\0\0\0"sv); // 8 bits, grey
  return std::string("\x89PNG\r\n\x1a\n") + chunk("IHDR", header) + chunk("IDAT", deflated(rows)) +
         chunk("IEND", "");
}

} // namespace plateau::recording
