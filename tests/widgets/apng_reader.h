// Reads animated PNGs of the kind that Plateau writes (8 bits, R G B), by the specification alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <zlib.h>

namespace plateau::test {

struct Apng {
  int width = 0, height = 0;
  std::vector<std::vector<std::uint8_t>> frames; // R G B of the whole picture
  std::vector<double> seconds;
  std::string text; // all text chunks
};

inline std::uint32_t number_in(const std::string& bytes, std::size_t at, std::size_t size = 4) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

/// Throws std::runtime_error for anything that a reader of PNG would refuse.
inline Apng read_apng(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string png{std::istreambuf_iterator<char>(file), {}};
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
  };
  require(png.starts_with("\x89PNG\r\n\x1a\n"), "signature");
  Apng apng;
  std::vector<std::uint8_t> canvas;
  std::uint32_t sequence = 0, announced = 0;
  struct {
    std::uint32_t width, height, x, y;
  } part{};
  std::string packed;
  const auto end_frame = [&] {
    if (packed.empty()) return;
    const std::size_t length = part.width * 3;
    std::vector<std::uint8_t> rows((length + 1) * part.height);
    uLongf size = rows.size();
    require(uncompress(rows.data(), &size, reinterpret_cast<const Bytef*>(packed.data()), packed.size()) ==
                    Z_OK &&
                size == rows.size(),
            "pixels");
    std::vector<std::uint8_t> above(length);
    for (std::uint32_t y = 0; y < part.height; ++y) {
      std::uint8_t* row = rows.data() + y * (length + 1);
      require(row[0] == 0 || row[0] == 2, "filter");
      for (std::size_t i = 0; i < length; ++i) {
        above[i] = std::uint8_t(row[1 + i] + (row[0] == 2 ? above[i] : 0));
        canvas.at(((part.y + y) * std::size_t(apng.width) + part.x) * 3 + i) = above[i];
      }
    }
    apng.frames.push_back(canvas);
    packed.clear();
  };
  std::string type;
  for (std::size_t at = 8; at + 12 <= png.size();) {
    const auto size = number_in(png, at);
    type = png.substr(at + 4, 4);
    const std::string body = png.substr(at + 8, size);
    const std::string summed = type + body;
    require(crc32(0, reinterpret_cast<const Bytef*>(summed.data()), uInt(summed.size())) ==
                number_in(png, at + 8 + size),
            "checksum");
    at += 12 + size;
    if (type == "IHDR") {
      apng.width = int(number_in(body, 0)), apng.height = int(number_in(body, 4));
      require(body[8] == 8 && body[9] == 2 && body[12] == 0, "8 bits, R G B, not interlaced");
      canvas.assign(std::size_t(apng.width) * std::size_t(apng.height) * 3, 0);
    } else if (type == "iTXt") {
      apng.text += body;
    } else if (type == "acTL") {
      announced = number_in(body, 0);
    } else if (type == "fcTL") {
      end_frame();
      require(number_in(body, 0) == sequence++, "sequence");
      part = {number_in(body, 4), number_in(body, 8), number_in(body, 12), number_in(body, 16)};
      require(part.width > 0 && part.height > 0 && part.x + part.width <= std::uint32_t(apng.width) &&
                  part.y + part.height <= std::uint32_t(apng.height),
              "part of the picture");
      apng.seconds.push_back(double(number_in(body, 20, 2)) / double(number_in(body, 22, 2)));
    } else if (type == "IDAT") {
      packed += body;
    } else if (type == "fdAT") {
      require(number_in(body, 0) == sequence++, "sequence");
      packed += body.substr(4);
    }
  }
  end_frame();
  require(type == "IEND", "end");
  require(apng.frames.size() == announced, "number of frames");
  return apng;
}

} // namespace plateau::test
