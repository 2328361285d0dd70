#include "widgets/file_canvas.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "widgets/figure_files.h"

namespace plateau::widgets {

WholeFile::WholeFile(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path_, ignored)) fail("it is a folder");
  temporary_ = path_;
  temporary_ += fmt::format(".{}.part", ::getpid());
  file_ = std::fopen(temporary_.c_str(), "wb");
  if (!file_) fail(std::strerror(errno));
}

WholeFile::~WholeFile() {
  if (!file_) return;
  std::fclose(file_);
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void WholeFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) failed_ = true;
}

void WholeFile::finish() {
  errno = 0;
  if (std::fflush(file_) != 0) failed_ = true;
  if (failed_) fail(errno ? std::strerror(errno) : "it was not written in full"); // the destructor cleans up
  std::fclose(file_);
  file_ = nullptr;
  std::error_code error;
  std::filesystem::rename(temporary_, path_, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
    fail(error.message());
  }
}

void WholeFile::fail(const std::string& why) const {
  throw FileError(fmt::format("cannot write {}: {}", path_.string(), why));
}

std::vector<std::string> figure_suffixes() {
  return {".pdf", ".svg", ".png"};
}

int sharp_factor(const Image& image, Interpolation interpolation) {
  if (interpolation == Interpolation::Linear) return 1;
  const int longest = std::max({image.width(), image.height(), 1});
  return std::clamp(512 / longest, 1, 64);
}

std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '"')
      escaped += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
      escaped += c;
  }
  return escaped;
}

std::unique_ptr<FileCanvas> open_figure_file(const std::filesystem::path& path, Size size,
                                             const Metadata& metadata, float pixels_per_point) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  if (!(size.width > 0 && size.height > 0)) throw FileError("a figure needs a width and a height above 0");
  if (suffix == ".pdf") return open_pdf(path, size, metadata);
  if (suffix == ".svg") return open_svg(path, size, metadata);
  if (suffix == ".png") return open_png(path, size, metadata, pixels_per_point);
  if (suffix == ".csv") return open_table(path, size);
  throw FileError(
      fmt::format("{}: a figure's file ends in .pdf, .svg or .png (or .csv for its numbers)", path.string()));
}

} // namespace plateau::widgets
