// One writer per recording: a lock that ends with its process, however that ends.
#pragma once

#include <filesystem>

namespace plateau::recording {

/// An advisory lock on RECORDING-lock. It is not the recording itself that is locked: closing any descriptor
/// of a file would drop the locks that SQLite holds on it in the same process.
class WriterLock {
public:
  /// Throws InputError when another writer, of this process or another, holds it or the folder is read-only.
  explicit WriterLock(const std::filesystem::path& recording);
  ~WriterLock(); // removes the lock file
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

enum class LockState {
  Free,     // nobody writes it, and its last writer closed it
  Held,     // it is being written, by this process or another
  LeftOver, // its last writer ended without closing it: it was killed, or the machine went down
};
LockState lock_state(const std::filesystem::path& recording);
/// What a writer left behind is removed; that of a living one stays.
void remove_left_over_lock(const std::filesystem::path& recording);

} // namespace plateau::recording
