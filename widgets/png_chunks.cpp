#include "widgets/png_chunks.h"

#include <zlib.h>

namespace plateau::widgets {

std::string big_endian(std::uint32_t number) {
  return {char(number >> 24), char(number >> 16), char(number >> 8), char(number)};
}

std::string png_chunk(std::string_view type, std::string_view body) {
  std::string summed(type);
  summed += body;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(summed.data()), uInt(summed.size()));
  return big_endian(std::uint32_t(body.size())) + summed + big_endian(std::uint32_t(sum));
}

std::string png_text_chunks(const Metadata& metadata) {
  std::string chunks;
  const auto add = [&](const std::string& keyword, const std::string& text) {
    // Uncompressed, no language, no translated keyword.
    if (!text.empty()) chunks += png_chunk("iTXt", keyword + std::string(5, '\0') + text);
  };
  add("Title", metadata.title);
  add("Software", "Plateau");
  add("Description", metadata.provenance);
  return chunks;
}

} // namespace plateau::widgets
