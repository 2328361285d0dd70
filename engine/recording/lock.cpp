#include "engine/recording/lock.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/errors.h"

namespace plateau::recording {
namespace {

/// Its last owner may have removed the file between our opening and locking it.
bool is_still_there(int descriptor, const std::filesystem::path& file) {
  struct stat locked {
  }, present{};
  return fstat(descriptor, &locked) == 0 && stat(file.c_str(), &present) == 0 &&
         locked.st_ino == present.st_ino && locked.st_dev == present.st_dev;
}

} // namespace

WriterLock::WriterLock(const std::filesystem::path& recording) {
  std::error_code error; // a link and what it points to share one lock
  file_ = std::filesystem::weakly_canonical(recording, error);
  if (error) file_ = recording;
  file_ += "-lock";
  while (true) {
    descriptor_ = open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0)
      throw InputError(fmt::format("can not write '{}': {}", recording.string(), std::strerror(errno)));
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const bool taken = errno == EWOULDBLOCK;
      const auto reason = std::strerror(errno);
      close(descriptor_);
      if (taken)
        throw InputError(
            fmt::format("'{}' is being written by another run; stop that run or choose another file",
                        recording.string()));
      throw InputError(fmt::format("can not lock '{}': {}", file_.string(), reason));
    }
    if (is_still_there(descriptor_, file_)) return;
    close(descriptor_);
  }
}

WriterLock::~WriterLock() {
  unlink(file_.c_str()); // while it is locked: nobody can lock a file that is about to vanish
  close(descriptor_);
}

} // namespace plateau::recording
