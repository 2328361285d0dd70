#include "engine/recording/schema.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>
#include <unistd.h>

#include "engine/errors.h"

namespace plateau::recording {
namespace fs = std::filesystem;
namespace {

// Written for people, too: everything but arrays and checkpoints is readable text and numbers.
// A fork's rows begin after its fork; before it, its parent's hold. Not-a-number is stored as NULL.
constexpr const char* tables = R"sql(
CREATE TABLE run(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE summary(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE member(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, seed INTEGER NOT NULL, parent INTEGER NOT NULL, -- -1: none
  forked_at INTEGER NOT NULL, is_twin INTEGER NOT NULL, parameters INTEGER NOT NULL,
  token_rows INTEGER NOT NULL, token_columns INTEGER NOT NULL, class_token INTEGER NOT NULL,
  settings TEXT NOT NULL, -- JSON {field: value}, at its first step
  after_intervention INTEGER NOT NULL -- id of the last intervention before it came into being; 0: none
);
CREATE TABLE metric(id INTEGER PRIMARY KEY, member INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE(member, name));
CREATE TABLE sample(
  metric INTEGER NOT NULL, step INTEGER NOT NULL, value REAL, PRIMARY KEY(metric, step)
) WITHOUT ROWID;
CREATE TABLE frame(
  member INTEGER NOT NULL, name TEXT NOT NULL, step INTEGER NOT NULL,
  shape TEXT NOT NULL, -- JSON, outermost first
  data BLOB NOT NULL,  -- little-endian float32, row-major, zstd
  PRIMARY KEY(member, name, step)
);
CREATE TABLE event(
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, step INTEGER NOT NULL, member INTEGER NOT NULL, -- -1: all
  text TEXT NOT NULL
);
CREATE TABLE intervention(
  id INTEGER PRIMARY KEY AUTOINCREMENT, step INTEGER NOT NULL, kind TEXT NOT NULL, member TEXT NOT NULL, -- '': all running
  changes TEXT NOT NULL, -- JSON [[field, value], ...]
  keep_twin INTEGER NOT NULL, from_step INTEGER NOT NULL, new_name TEXT NOT NULL
);
CREATE TABLE checkpoint(
  member INTEGER NOT NULL, step INTEGER NOT NULL, settings TEXT NOT NULL, -- JSON {field: value}
  pinned INTEGER NOT NULL, -- 1: an intervention depends on it; 2: taken at an event; 0: makes room for newer ones
  training INTEGER NOT NULL, state BLOB NOT NULL, PRIMARY KEY(member, step)
);
CREATE VIEW curve AS
  SELECT member.id AS member, member.name AS name, metric.name AS metric, sample.step AS step, sample.value AS value
  FROM sample JOIN metric ON metric.id = sample.metric JOIN member ON member.id = metric.member;
)sql";

constexpr std::uintmax_t smallest_database = 512; // SQLite takes anything shorter for an empty one

bool may(const fs::path& path, int mode) {
  return access(path.c_str(), mode) == 0;
}

/// Where SQLite keeps what belongs to a file: beside what a link points to.
fs::path real_path(const fs::path& path) {
  std::error_code error;
  auto real = fs::weakly_canonical(path, error);
  return error ? fs::absolute(path) : real;
}

fs::path write_ahead_log(const fs::path& path) {
  return real_path(path) += "-wal";
}

bool has_log(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(write_ahead_log(path), error);
  return !error && size > 0;
}

void check_file(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::none)
    throw InputError(fmt::format("'{}' may not be read: {}", path.string(), error.message()));
  if (!fs::exists(status)) throw InputError(fmt::format("there is no recording '{}'", path.string()));
  if (fs::is_directory(status))
    throw InputError(fmt::format("'{}' is a folder, not a recording", path.string()));
  if (!may(path, R_OK))
    throw InputError(fmt::format("'{}' may not be read: permission denied", path.string()));
  const auto size = fs::is_regular_file(status) ? fs::file_size(path, error) : 0;
  if (size == 0) throw InputError(fmt::format("'{}' is empty, not a recording", path.string()));
  if (size < smallest_database) throw InputError(reading_failure(path, {SQLITE_NOTADB, "too short"}));
}

/// Throws InputError for what is not ours and SqliteError for what SQLite can not read.
void recognise(Database& database, const fs::path& path) {
  if (database.integer("PRAGMA application_id") != application_id)
    throw InputError(fmt::format("'{}' is a database, but not a Plateau recording", path.string()));
  const auto version = database.integer("PRAGMA user_version");
  if (version > schema_version)
    throw InputError(fmt::format("'{}' was recorded by a newer Plateau (format {}, this one reads up to {}); "
                                 "install the newer one to open it",
                                 path.string(), version, schema_version));
  // Of the last page SQLite itself would not miss a part.
  const auto pages = database.integer("PRAGMA page_count"), page_size = database.integer("PRAGMA page_size");
  std::error_code error;
  if (!has_log(path) && fs::file_size(path, error) < static_cast<std::uintmax_t>(pages * page_size))
    throw SqliteError(SQLITE_CORRUPT, "cut off");
  if (database.integer("SELECT count(*) FROM run WHERE key = 'study'") == 0)
    throw InputError(fmt::format("'{}' holds no study: it is damaged", path.string()));
}

std::unique_ptr<Database> open_and_recognise(const fs::path& path, Database::Access access) {
  auto database = std::make_unique<Database>(path, access);
  recognise(*database, path);
  return database;
}

bool is_writable(const fs::path& path) {
  return may(path, W_OK) && may(real_path(path).parent_path(), W_OK | X_OK);
}

} // namespace

void create_schema(Database& database) {
  database.execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", application_id, schema_version));
  database.execute(tables);
}

std::unique_ptr<Database> open_for_reading(const fs::path& path) {
  check_file(path);
  try {
    std::unique_ptr<Database> database;
    try {
      database = open_and_recognise(path, Database::Access::ReadOnly); // look before touching
    } catch (const SqliteError& error) {
      if (is_writable(path)) {
        // Killed in the middle of closing: SQLite has to undo that first.
        if (error.primary_code() != SQLITE_READONLY) throw;
        return open_and_recognise(path, Database::Access::ReadWrite);
      }
      // Read-only media leave no room for the shared memory that a write-ahead log wants.
      if (has_log(path))
        spdlog::warn("'{}' was not closed properly and its folder is read-only: what stands in '{}' alone is "
                     "not shown; copy both to a writable folder to see it",
                     path.string(), write_ahead_log(path).string());
      return open_and_recognise(path, Database::Access::Immutable);
    }
    // A file that a killed writer left behind is tidied when its last connection closes, if that one may
    // write.
    if (is_writable(path) && database->text("PRAGMA journal_mode") == "wal") {
      database = nullptr;
      database = open_and_recognise(path, Database::Access::ReadWrite);
      database->execute("PRAGMA query_only = 1");
    }
    return database;
  } catch (const SqliteError& error) {
    throw InputError(reading_failure(path, error));
  }
}

std::unique_ptr<Database> open_for_writing(const fs::path& path) {
  open_for_reading(path);
  if (!is_writable(path))
    throw InputError(fmt::format(
        "'{}' or its folder may not be written; copy it to a writable folder to go on", path.string()));
  try {
    return open_and_recognise(path, Database::Access::ReadWrite);
  } catch (const SqliteError& error) {
    throw InputError(reading_failure(path, error));
  }
}

std::string reading_failure(const fs::path& path, const SqliteError& error) {
  const auto name = path.string();
  switch (error.primary_code()) {
  case SQLITE_NOTADB:
    return fmt::format("'{}' is not a Plateau recording (not an SQLite file)", name);
  case SQLITE_CORRUPT:
    return fmt::format("'{}' is damaged or cut off; copy it again (a recording of a run that has not ended "
                       "properly together with the file '{}')",
                       name, write_ahead_log(path).filename().string());
  case SQLITE_BUSY:
    return fmt::format("'{}' is locked by another program; close that one and try again", name);
  default:
    return fmt::format("'{}' can not be read: {}", name, error.what());
  }
}

std::string writing_failure(const fs::path& path, const SqliteError& error) {
  const auto name = path.string();
  switch (error.primary_code()) {
  case SQLITE_FULL:
    return fmt::format("the disk is full: recording to '{}' has ended; what was recorded so far is whole",
                       name);
  case SQLITE_IOERR:
    return fmt::format("the disk fails: recording to '{}' has ended ({}); what was recorded so far is whole",
                       name, error.what());
  default:
    return fmt::format("recording to '{}' has ended: {}", name, error.what());
  }
}

} // namespace plateau::recording
