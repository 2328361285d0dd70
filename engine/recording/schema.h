// The tables of a `.plateau` file, and how such a file is opened and recognised.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>

#include "engine/errors.h"
#include "engine/recording/sqlite.h"

namespace plateau::recording {

/// "PLTU" in the header of the file, where `file` and SQLite's own tools look for it.
inline constexpr int application_id = 0x504C5455;
/// Raised whenever an older Plateau could misread the file.
inline constexpr int schema_version = 1;

/// Fills an empty database.
void create_schema(Database& database);

/// Throws InputError, one line with the path: missing, not readable, foreign, cut off, newer.
std::unique_ptr<Database> open_for_reading(const std::filesystem::path& path);
std::unique_ptr<Database> open_for_writing(const std::filesystem::path& path);

/// An entry of the file that does not hold what it should.
struct MalformedEntry : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One line for a person who tried to read `path`.
std::string reading_failure(const std::filesystem::path& path, const SqliteError& error);
/// Runs `read` and puts into words what can be wrong with the file: throws InputError.
template<class Read> auto reading(const std::filesystem::path& path, Read read) {
  try {
    return read();
  } catch (const SqliteError& error) {
    throw InputError(reading_failure(path, error));
  } catch (const MalformedEntry& error) {
    throw InputError("'" + path.string() + "' is damaged: " + error.what());
  }
}

/// One line for a person whose run is being recorded to `path`.
std::string writing_failure(const std::filesystem::path& path, const SqliteError& error);

} // namespace plateau::recording
