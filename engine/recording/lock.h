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

} // namespace plateau::recording
