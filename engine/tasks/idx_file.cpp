#include "engine/tasks/idx_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>

#include <fmt/format.h>
#include <zlib.h>

#include "engine/errors.h"

namespace plateau::tasks {
namespace {

// A header that announces more is foreign or damaged; the largest real file holds 47 MB.
constexpr std::int64_t largest_payload = std::int64_t{1} << 28;

/// zlib reads plain files as they are, so one reader serves both forms.
class IdxReader {
public:
  explicit IdxReader(const std::filesystem::path& path) : path_(path.string()) {
    errno = 0;
    file_.reset(gzopen(path_.c_str(), "rb"));
    if (!file_) throw InputError(fmt::format("{}: cannot be opened ({})", path_, std::strerror(errno)));
    gzbuffer(file_.get(), 1 << 17);
  }

  std::vector<std::int64_t> read_header(int dimensions, const char* what) {
    std::array<std::uint8_t, 4> magic{};
    read(magic);
    // 0, 0, element type (8: unsigned byte), number of dimensions
    if (magic != std::array<std::uint8_t, 4>{0, 0, 8, static_cast<std::uint8_t>(dimensions)})
      throw InputError(fmt::format(
          "{}: not an idx file of {} (starts with {:02x}{:02x}{:02x}{:02x}, expected 000008{:02x})", path_,
          what, magic[0], magic[1], magic[2], magic[3], dimensions));
    std::vector<std::int64_t> sizes;
    for (int i = 0; i < dimensions; ++i) {
      std::array<std::uint8_t, 4> big_endian{};
      read(big_endian);
      sizes.push_back(std::int64_t{big_endian[0]} << 24 | big_endian[1] << 16 | big_endian[2] << 8 |
                      big_endian[3]);
    }
    return sizes;
  }

  std::vector<std::uint8_t> read_payload(std::span<const std::int64_t> sizes) {
    std::int64_t bytes = 1;
    for (const std::int64_t size : sizes) {
      if (size > largest_payload / bytes)
        throw InputError(path_ + ": its header announces more than 256 MiB of data, the file is damaged");
      bytes *= size;
      if (bytes == 0) throw InputError(path_ + ": holds no items");
    }
    std::vector<std::uint8_t> payload(static_cast<std::size_t>(bytes));
    read(payload);
    std::uint8_t extra = 0;
    if (read_some({&extra, 1}) != 0) // also makes zlib check the checksum at the end
      throw InputError(fmt::format("{}: longer than the {} bytes that its header announces", path_, bytes));
    return payload;
  }

private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };

  void read(std::span<std::uint8_t> target) {
    const std::size_t got = read_some(target);
    if (got < target.size())
      throw InputError(fmt::format("{}: truncated, {} bytes are missing", path_, target.size() - got));
  }

  std::size_t read_some(std::span<std::uint8_t> target) {
    const int got = gzread(file_.get(), target.data(), static_cast<unsigned>(target.size()));
    int code = Z_OK;
    const char* message = gzerror(file_.get(), &code);
    if (code == Z_BUF_ERROR) throw InputError(path_ + ": truncated, the compressed data end too early");
    if (code == Z_ERRNO)
      throw InputError(fmt::format("{}: cannot be read ({})", path_, std::strerror(errno)));
    if (got < 0 || code != Z_OK) throw InputError(fmt::format("{}: damaged ({})", path_, message));
    return static_cast<std::size_t>(got);
  }

  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

} // namespace

IdxImages read_idx_images(const std::filesystem::path& path) {
  IdxReader reader(path);
  const auto sizes = reader.read_header(3, "images");
  return {sizes[0], sizes[1], sizes[2], reader.read_payload(sizes)};
}

std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& path) {
  IdxReader reader(path);
  const auto sizes = reader.read_header(1, "labels");
  return reader.read_payload(sizes);
}

} // namespace plateau::tasks
