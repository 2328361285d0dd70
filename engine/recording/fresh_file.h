// A file that takes its name only when it is whole: until then what had that name stays as it was.
#pragma once

#include <filesystem>
#include <string_view>

namespace plateau::recording {

class FreshFile {
public:
  /// Nothing is made yet. A target that is no ordinary file, a device or a pipe, is written to itself.
  explicit FreshFile(std::filesystem::path target);
  ~FreshFile(); // removes what was not kept
  FreshFile(const FreshFile&) = delete;
  FreshFile& operator=(const FreshFile&) = delete;

  /// Where to write: beside the target.
  const std::filesystem::path& path() const { return path_; }
  /// Gives it its name; it must be closed. Throws RunError.
  void keep();

  /// Throw with the reason in errno, one line. Set errno to 0 before what may fail.
  [[noreturn]] void fail_to_open() const;  // InputError
  [[noreturn]] void fail_to_write() const; // RunError

private:
  std::filesystem::path target_, path_;
};

/// Replaces `target` by `text` as a whole. Throws InputError or RunError.
void write_fresh_file(const std::filesystem::path& target, std::string_view text);

} // namespace plateau::recording
