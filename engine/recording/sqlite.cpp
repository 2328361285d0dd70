#include "engine/recording/sqlite.h"

#include <cctype>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

namespace plateau::recording {
namespace {

/// SQLite's URI form of a path, the only way to ask for an immutable file.
std::string immutable_uri(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const unsigned char c : std::filesystem::absolute(path).string())
    if (std::isalnum(c) || c == '/' || c == '.' || c == '-' || c == '_')
      uri += static_cast<char>(c);
    else
      uri += fmt::format("%{:02X}", c);
  return uri + "?immutable=1";
}

} // namespace

Database::Database(const std::filesystem::path& path, Access access) : access_(access) {
  const bool immutable = access == Access::Immutable;
  int flags = SQLITE_OPEN_NOMUTEX;
  if (access == Access::ReadOnly)
    flags |= SQLITE_OPEN_READONLY;
  else if (immutable)
    flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  else
    flags |= SQLITE_OPEN_READWRITE;
  if (access == Access::Create) flags |= SQLITE_OPEN_CREATE;

  // An absolute path can not be mistaken for a URI or for ":memory:".
  const std::string name = immutable ? immutable_uri(path) : std::filesystem::absolute(path).string();
  const int code = sqlite3_open_v2(name.c_str(), &handle_, flags, nullptr);
  if (code != SQLITE_OK) {
    const SqliteError error(handle_ ? sqlite3_extended_errcode(handle_) : code, sqlite3_errstr(code));
    sqlite3_close(handle_);
    throw error;
  }
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, 2000);
}

Database::~Database() {
  sqlite3_close(handle_);
}

void Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw SqliteError(code, sqlite3_errmsg(handle_));
}

std::int64_t Database::integer(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.next() ? statement.integer(0) : 0;
}

std::string Database::text(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.next() ? statement.text(0) : std::string();
}

std::int64_t Database::last_row_id() const {
  return sqlite3_last_insert_rowid(handle_);
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN");
}

Transaction::~Transaction() {
  // A full disk may have rolled back already, which makes this fail harmlessly.
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

Statement::Statement(Database& database, std::string_view sql) {
  const int code = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (code != SQLITE_OK) throw SqliteError(code, sqlite3_errmsg(database.handle()));
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

Statement::Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

void Statement::check(int code) const {
  if (code != SQLITE_OK) throw SqliteError(code, sqlite3_errmsg(sqlite3_db_handle(handle_)));
}

bool Statement::next() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw SqliteError(code, sqlite3_errmsg(sqlite3_db_handle(handle_)));
}

// Repeats the error of the last execution, which next() has reported already.
void Statement::reset() {
  sqlite3_reset(handle_);
}

void Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(handle_, index, value));
}

void Statement::bind(int index, double value) {
  check(sqlite3_bind_double(handle_, index, value));
}

void Statement::bind(int index, std::string_view value) {
  // A null pointer would mean NULL.
  check(sqlite3_bind_text64(handle_, index, value.data() ? value.data() : "", value.size(), SQLITE_STATIC,
                            SQLITE_UTF8));
}

void Statement::bind(int index, std::span<const std::byte> value) {
  if (value.empty())
    check(sqlite3_bind_zeroblob(handle_, index, 0));
  else
    check(sqlite3_bind_blob64(handle_, index, value.data(), value.size(), SQLITE_STATIC));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

double Statement::real(int column) const {
  return is_null(column) ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(handle_, column);
}

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return text ? std::string(text, sqlite3_column_bytes(handle_, column)) : std::string();
}

std::span<const std::byte> Statement::blob(int column) const {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
  return {bytes, bytes ? static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)) : 0};
}

} // namespace plateau::recording
