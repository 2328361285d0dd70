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

std::filesystem::path lock_file(const std::filesystem::path& recording) {
  std::error_code error; // a link and what it points to share one lock
  auto file = std::filesystem::weakly_canonical(recording, error);
  if (error) file = recording;
  return file += "-lock";
}

} // namespace

WriterLock::WriterLock(const std::filesystem::path& recording) : file_(lock_file(recording)) {
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

LockState lock_state(const std::filesystem::path& recording) {
  const int descriptor = open(lock_file(recording).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return LockState::Free;
  const bool held = flock(descriptor, LOCK_SH | LOCK_NB) != 0;
  close(descriptor);
  return held ? LockState::Held : LockState::LeftOver;
}

void remove_left_over_lock(const std::filesystem::path& recording) {
  if (lock_state(recording) != LockState::LeftOver) return;
  try {
    const WriterLock taken(recording); // removes it at its end
  } catch (const InputError&) {
    // Another process has begun to write meanwhile, or the folder is read-only: then it stays.
  }
}

} // namespace plateau::recording
