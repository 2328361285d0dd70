// SQLite's connection and statement as owning objects that throw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace plateau::recording {

/// What SQLite reports; `code` is its extended result code. Callers put it into words for people.
struct SqliteError : std::runtime_error {
  SqliteError(int code_, const std::string& message) : std::runtime_error(message), code(code_) {}
  int primary_code() const { return code & 0xff; }
  int code;
};

class Database {
public:
  enum class Access {
    ReadOnly,
    Immutable, // on media that nobody can write: no locks, a write-ahead log is not looked at
    ReadWrite,
    Create,
  };
  Database(const std::filesystem::path& path, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Statements without results, separated by semicolons.
  void execute(const std::string& sql);
  /// The one number or text that `sql` yields.
  std::int64_t integer(const std::string& sql);
  std::string text(const std::string& sql);
  std::int64_t last_row_id() const;
  Access access() const { return access_; }
  sqlite3* handle() const { return handle_; }

private:
  sqlite3* handle_ = nullptr;
  Access access_;
};

/// Rolls back when it is left without commit().
class Transaction {
public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

private:
  Database& database_;
  bool open_ = true;
};

class Statement {
public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  /// Starts over with these values for ?1, ?2, ...; texts and blobs must outlive the execution.
  template<class... Values> Statement& start(const Values&... values) {
    reset();
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }
  /// start() and execution to the end.
  template<class... Values> void run(const Values&... values) {
    start(values...);
    while (next()) {
    }
    reset();
  }

  bool next(); // false after the last row
  std::int64_t integer(int column) const;
  double real(int column) const; // NaN for NULL
  std::string text(int column) const;
  std::span<const std::byte> blob(int column) const; // until the next call of next() or start()
  bool is_null(int column) const;

private:
  void reset();
  void bind(int index, std::int64_t value);
  void bind(int index, int value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, bool value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, double value); // NaN becomes NULL
  void bind(int index, std::string_view value);
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, const char* value) { bind(index, std::string_view(value)); }
  void bind(int index, std::span<const std::byte> value);
  void check(int code) const;

  sqlite3_stmt* handle_ = nullptr;
};

} // namespace plateau::recording
