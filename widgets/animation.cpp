#include "widgets/animation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <stdexcept>

#include <zlib.h>

#include "widgets/figure_files.h"
#include "widgets/png_chunks.h"

namespace plateau::widgets {
namespace {

const std::uint8_t* pixel(const Image& image, int x, int y) {
  return image.rgba().data() + 4 * (std::size_t(y) * std::size_t(image.width()) + std::size_t(x));
}

// Rows of R G B, each less the row above it (PNG's filter "up"): figures repeat from row to row.
std::string compressed(const Image& image, const PixelRect& part) {
  std::string rows;
  const std::size_t length = std::size_t(part.width) * 3;
  std::string above(length, '\0'), row(length, '\0');
  for (int y = 0; y < part.height; ++y) {
    for (int x = 0; x < part.width; ++x)
      std::memcpy(row.data() + 3 * x, pixel(image, part.x + x, part.y + y), 3);
    rows += '\2';
    for (std::size_t i = 0; i < length; ++i) rows += char(row[i] - above[i]);
    above.swap(row);
  }
  uLongf size = compressBound(uLong(rows.size()));
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
                uLong(rows.size()), 9) != Z_OK)
    throw FileError("a frame could not be compressed");
  packed.resize(size);
  return packed;
}

std::string big_endian_16(unsigned number) {
  return {char(number >> 8), char(number)};
}

} // namespace

PixelRect changed_part(const Image& before, const Image& frame) {
  int left = frame.width(), right = -1, top = frame.height(), bottom = -1;
  for (int y = 0; y < frame.height(); ++y) {
    const auto *a = pixel(before, 0, y), *b = pixel(frame, 0, y);
    if (std::memcmp(a, b, 4 * std::size_t(frame.width())) == 0) continue;
    top = std::min(top, y), bottom = y;
    for (int x = 0; x < frame.width(); ++x)
      if (std::memcmp(a + 4 * x, b + 4 * x, 4) != 0) left = std::min(left, x), right = std::max(right, x);
  }
  if (right < 0) return {0, 0, 1, 1};
  return {left, top, right - left + 1, bottom - top + 1};
}

struct Animation::Implementation {
  WholeFile file;
  Size size;
  Metadata metadata;
  int frames;
  double seconds;
  float pixels_per_point;
  int added = 0;
  std::uint32_t sequence = 0;
  std::optional<Image> before;

  void add(const Image& frame) {
    if (added == frames) throw std::logic_error("more frames than were announced");
    if (added == 0) {
      const std::string depth_and_kind("\x08\x02\0\0\0", 5); // 8 bits, R G B
      file.write(png_signature);
      file.write(png_chunk("IHDR", big_endian(std::uint32_t(frame.width())) +
                                       big_endian(std::uint32_t(frame.height())) + depth_and_kind));
      file.write(png_text_chunks(metadata));
      file.write(png_chunk("acTL", big_endian(std::uint32_t(frames)) + big_endian(0)));
    }
    const PixelRect part =
        before ? changed_part(*before, frame) : PixelRect{0, 0, frame.width(), frame.height()};
    const auto milliseconds = unsigned(std::clamp(std::lround(seconds * 1000), 1L, 65535L));
    std::string control = big_endian(sequence++);
    for (const int number : {part.width, part.height, part.x, part.y})
      control += big_endian(std::uint32_t(number));
    control += big_endian_16(milliseconds) + big_endian_16(1000);
    control += std::string(2, '\0'); // left as it is, put over what is there
    file.write(png_chunk("fcTL", control));
    if (added == 0)
      file.write(png_chunk("IDAT", compressed(frame, part)));
    else
      file.write(png_chunk("fdAT", big_endian(sequence++) + compressed(frame, part)));
    before = frame;
    ++added;
  }
};

Animation::Animation(const std::filesystem::path& path, Size size, const Metadata& metadata, int frames,
                     double seconds, float pixels_per_point)
    : implementation_(new Implementation{WholeFile(path), size, metadata, frames, seconds, pixels_per_point,
                                         0, 0, std::nullopt}) {}

Animation::~Animation() = default;

std::unique_ptr<FileCanvas> Animation::next_frame() {
  return open_picture(implementation_->size, implementation_->pixels_per_point,
                      [this](const Image& frame) { implementation_->add(frame); });
}

void Animation::finish() {
  if (implementation_->added != implementation_->frames)
    throw std::logic_error("fewer frames than were announced");
  implementation_->file.write(png_chunk("IEND", ""));
  implementation_->file.finish();
}

} // namespace plateau::widgets
