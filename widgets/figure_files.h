// Shared by the canvases that write files; internal to widgets/.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "widgets/file_canvas.h"

namespace plateau::widgets {

/// Bytes that become a file all at once: written beside `path` first, then renamed over it.
class WholeFile {
public:
  /// Throws FileError when nothing can be written there.
  explicit WholeFile(std::filesystem::path path);
  ~WholeFile(); // removes what was not finished
  void write(std::string_view bytes);
  /// Throws FileError.
  void finish();

private:
  [[noreturn]] void fail(const std::string& why) const;
  std::filesystem::path path_, temporary_;
  std::FILE* file_ = nullptr;
  bool failed_ = false;
};

/// As a PNG file's bytes, enlarged to `factor` x `factor` pixels each.
std::string encode_png(const Image& image, int factor = 1);
/// Factor that makes a picture so large that viewers which blur enlarged pictures do no harm.
int sharp_factor(const Image& image, Interpolation interpolation);

/// In memory: finish() hands the pixels to `receive`.
std::unique_ptr<FileCanvas> open_picture(Size, float pixels_per_point,
                                         std::function<void(const Image&)> receive);
std::unique_ptr<FileCanvas> open_pdf(const std::filesystem::path&, Size, const Metadata&);
std::unique_ptr<FileCanvas> open_png(const std::filesystem::path&, Size, const Metadata&,
                                     float pixels_per_point);
std::unique_ptr<FileCanvas> open_svg(const std::filesystem::path&, Size, const Metadata&);
std::unique_ptr<FileCanvas> open_table(const std::filesystem::path&, Size);

/// Characters that XML reserves, written out.
std::string escape_xml(std::string_view text);

} // namespace plateau::widgets
