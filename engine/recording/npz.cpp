#include "engine/recording/npz.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <minizip/zip.h>

namespace plateau::recording {

static_assert(std::endian::native == std::endian::little, "NumPy is told of little-endian numbers");

namespace {

constexpr std::size_t largest_piece = std::size_t(1) << 24; // bytes given to the zip library at a time
constexpr std::size_t points_at_a_time = 4096;

/// The .npy format's header, version 1: what the bytes after it mean.
std::string header(std::string_view type, const std::vector<std::int64_t>& shape) {
  std::string extents;
  for (const auto extent : shape) extents += fmt::format("{},", extent); // a tuple of one has its comma, too
  auto text = fmt::format("{{'descr': {}, 'fortran_order': False, 'shape': ({}), }}", type, extents);
  constexpr std::size_t fixed = 10, alignment = 64;
  while ((fixed + text.size() + 1) % alignment != 0) text += ' ';
  text += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(text.size() & 0xff);
  bytes += static_cast<char>(text.size() >> 8);
  return bytes + text;
}

struct StepAndValue {
  std::int64_t step;
  double value;
};
static_assert(sizeof(StepAndValue) == 16);

} // namespace

NpzFile::NpzFile(std::filesystem::path path) : file_(std::move(path)) {
  errno = 0;
  zip_ = zipOpen64(file_.path().c_str(), APPEND_STATUS_CREATE);
  if (!zip_) file_.fail_to_open();
}

NpzFile::~NpzFile() {
  if (zip_) zipClose(zip_, nullptr);
}

void NpzFile::add(const std::string& name, const training::Series& curve) {
  begin(name, "[('step', '<i8'), ('value', '<f8')]", {static_cast<std::int64_t>(curve.size())});
  std::vector<StepAndValue> points;
  for (std::size_t from = 0; from < curve.size(); from += points_at_a_time) {
    points.clear();
    for (std::size_t i = from; i < std::min(from + points_at_a_time, curve.size()); ++i)
      points.push_back({curve[i].step, curve[i].value});
    write(points.data(), points.size() * sizeof(StepAndValue));
  }
  end();
}

void NpzFile::add(const std::string& name, std::span<const float> values,
                  const std::vector<std::int64_t>& shape) {
  begin(name, "'<f4'", shape);
  write(values.data(), values.size_bytes());
  end();
}

void NpzFile::add(const std::string& name, std::int64_t value) {
  begin(name, "'<i8'", {});
  write(&value, sizeof value);
  end();
}

void NpzFile::add(const std::string& name, std::string_view text) {
  begin(name, fmt::format("'|S{}'", std::max<std::size_t>(1, text.size())), {});
  write(text.data(), text.size());
  if (text.empty()) write("", 1);
  end();
}

void NpzFile::begin(const std::string& name, std::string_view type, const std::vector<std::int64_t>& shape) {
  constexpr int windows_bits = 15, memory = 8, version = 45, utf8_names = 1 << 11;
  const zip_fileinfo info{
      .tmz_date = {0, 0, 0, 1, 0, 1980}, .dosDate = 0, .internal_fa = 0, .external_fa = 0};
  check(zipOpenNewFileInZip4_64(zip_, (name + ".npy").c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                                Z_DEFLATED, Z_BEST_SPEED, 0, -windows_bits, memory, Z_DEFAULT_STRATEGY,
                                nullptr, 0, version, utf8_names, /*zip64=*/1));
  const auto start = header(type, shape);
  write(start.data(), start.size());
}

void NpzFile::write(const void* bytes, std::size_t size) {
  const auto* next = static_cast<const char*>(bytes);
  for (; size > 0;) {
    const auto piece = std::min(size, largest_piece);
    errno = 0;
    check(zipWriteInFileInZip(zip_, next, static_cast<unsigned>(piece)));
    next += piece;
    size -= piece;
  }
}

void NpzFile::end() {
  check(zipCloseFileInZip(zip_));
}

void NpzFile::close() {
  errno = 0;
  check(zipClose(std::exchange(zip_, nullptr), nullptr));
  file_.keep();
}

void NpzFile::check(int code) const {
  if (code != ZIP_OK) file_.fail_to_write();
}

} // namespace plateau::recording
