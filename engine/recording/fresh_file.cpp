#include "engine/recording/fresh_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "engine/errors.h"

namespace plateau::recording {
namespace fs = std::filesystem;
namespace {

std::string reason() {
  return errno != 0 ? std::strerror(errno) : "the system gives no reason";
}

} // namespace

FreshFile::FreshFile(fs::path target) : target_(std::move(target)), path_(target_) {
  std::error_code error;
  if (fs::exists(target_, error) && !fs::is_regular_file(target_, error)) return;
  // A link stays one: the file behind it is replaced.
  if (fs::is_symlink(target_, error))
    if (const auto behind = fs::weakly_canonical(target_, error); !error) target_ = behind;
  path_ = target_;
  path_ += fmt::format(".new-{}", ::getpid());
}

FreshFile::~FreshFile() {
  std::error_code ignored;
  if (path_ != target_) fs::remove(path_, ignored);
}

void FreshFile::keep() {
  if (path_ == target_) return;
  std::error_code error;
  fs::rename(path_, target_, error);
  if (error) throw RunError(fmt::format("writing '{}' failed: {}", target_.string(), error.message()));
  path_ = target_;
}

void write_fresh_file(const fs::path& target, std::string_view text) {
  FreshFile fresh(target);
  errno = 0;
  std::ofstream file(fresh.path(), std::ios::binary | std::ios::trunc);
  if (!file) fresh.fail_to_open();
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) fresh.fail_to_write();
  fresh.keep();
}

void FreshFile::fail_to_open() const {
  throw InputError(fmt::format("can not write '{}': {}", target_.string(), reason()));
}

void FreshFile::fail_to_write() const {
  throw RunError(fmt::format("writing '{}' failed: {}", target_.string(), reason()));
}

} // namespace plateau::recording
