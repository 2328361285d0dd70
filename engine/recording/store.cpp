#include "engine/recording/store.h"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/errors.h"
#include "engine/recording/compression.h"
#include "engine/recording/json.h"
#include "engine/recording/schema.h"

namespace plateau::recording {
namespace fs = std::filesystem;
namespace {

std::pair<std::uint64_t, std::uint64_t> identity(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {0, 0};
  return {status.st_dev, status.st_ino};
}

void check_place(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error))
    throw InputError(fmt::format("'{0}' exists already; choose another name with --out, or go on with it: "
                                 "--resume {0}",
                                 path.string()));
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error))
    throw InputError(fmt::format("can not write '{}': there is no folder '{}'; create it or choose another "
                                 "with --out",
                                 path.string(), folder.string()));
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    throw InputError(
        fmt::format("can not write '{}': the folder '{}' is read-only; choose another with --out",
                    path.string(), folder.string()));
}

/// Now, in UTC, as ISO 8601.
std::string timestamp() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

} // namespace

struct Store::Statements {
  explicit Statements(Database& db)
      : run(db, "INSERT OR REPLACE INTO run VALUES(?1, ?2)"),
        summary(db, "INSERT OR REPLACE INTO summary VALUES(?1, ?2)"),
        member(db, "INSERT OR REPLACE INTO member VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                   "(SELECT ifnull(max(id), 0) FROM intervention))"),
        metric(db, "INSERT INTO metric(member, name) VALUES(?1, ?2)"),
        sample(db, "INSERT OR REPLACE INTO sample VALUES(?1, ?2, ?3)"),
        frame(db, "INSERT OR REPLACE INTO frame VALUES(?1, ?2, ?3, ?4, ?5)"),
        event(db, "INSERT INTO event(kind, step, member, text) VALUES(?1, ?2, ?3, ?4)"),
        intervention(db,
                     "INSERT INTO intervention(step, kind, member, changes, keep_twin, from_step, new_name) "
                     "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
        checkpoint(db, "INSERT OR REPLACE INTO checkpoint VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
        remove_checkpoints(db, "DELETE FROM checkpoint WHERE step = ?1 AND pinned <> 1") {}
  Statement run, summary, member, metric, sample, frame, event, intervention, checkpoint, remove_checkpoints;
};

Store::Store(fs::path path, std::unique_ptr<WriterLock> lock, std::unique_ptr<Database> database)
    : path_(std::move(path)), lock_(std::move(lock)), database_(std::move(database)),
      identity_(identity(path_)) {
  // Where the file system can not share memory (some network ones), SQLite keeps its rollback journal.
  database_->text("PRAGMA journal_mode = WAL");
  database_->execute("PRAGMA synchronous = NORMAL");
  statements_ = std::make_unique<Statements>(*database_);
  read_metric_ids();
}

std::unique_ptr<Store> Store::create(const fs::path& path, const study::Study& study) {
  check_place(path);
  auto lock = std::make_unique<WriterLock>(path);
  check_place(path); // another run may have ended meanwhile
  const auto toml = study::to_toml(study);
  try {
    auto database = std::make_unique<Database>(path, Database::Access::Create);
    // Still without a write-ahead log: from its first commit on the file can be opened alone.
    Transaction transaction(*database);
    create_schema(*database);
    Statement run(*database, "INSERT INTO run VALUES(?1, ?2)");
    run.run("study", toml);
    run.run("created", timestamp());
    run.run("plateau", PLATEAU_VERSION);
    transaction.commit();
    return std::unique_ptr<Store>(new Store(path, std::move(lock), std::move(database)));
  } catch (const SqliteError& error) {
    std::error_code ignored;
    fs::remove(path, ignored);
    throw InputError(fmt::format("can not write '{}': {}", path.string(), error.what()));
  }
}

std::unique_ptr<Store> Store::resume(const fs::path& path, std::int64_t step) {
  open_for_writing(path); // says what is wrong with the file before a lock is laid beside it
  auto lock = std::make_unique<WriterLock>(path);
  auto database = open_for_writing(path);
  try {
    std::unique_ptr<Store> store(new Store(path, std::move(lock), std::move(database)));
    store->remove_after(step);
    return store;
  } catch (const SqliteError& error) {
    throw InputError(fmt::format("can not go on with '{}': {}", path.string(), error.what()));
  }
}

Store::~Store() {
  statements_.reset();
  try {
    database_->text("PRAGMA wal_checkpoint(TRUNCATE)");
    database_->text("PRAGMA journal_mode = DELETE");
  } catch (const SqliteError&) {
    // Someone reads it, or the disk is full: the log stays beside the file and holds the rest.
  }
}

void Store::check_still_there() const {
  if (identity(path_) != identity_)
    throw RunError(fmt::format("'{}' was moved or deleted while it was being written: recording has ended",
                               path_.string()));
}

void Store::remove_after(std::int64_t step) {
  Transaction transaction(*database_);
  Statement(*database_, "DELETE FROM member WHERE parent >= 0 AND forked_at > ?1").run(step);
  Statement(*database_, "DELETE FROM sample WHERE metric IN (SELECT id FROM metric) AND step > ?1").run(step);
  for (const char* table : {"frame", "event", "intervention", "checkpoint"})
    Statement(*database_, fmt::format("DELETE FROM {} WHERE step > ?1", table)).run(step);
  database_->execute("DELETE FROM metric WHERE NOT EXISTS (SELECT 1 FROM sample WHERE metric = metric.id)");
  database_->execute("DELETE FROM summary WHERE key = 'finished'");
  transaction.commit();

  read_metric_ids();
}

void Store::read_metric_ids() {
  metric_ids_.clear();
  Statement metrics(*database_, "SELECT id, member, name FROM metric");
  while (metrics.next())
    metric_ids_[{static_cast<int>(metrics.integer(1)), metrics.text(2)}] = metrics.integer(0);
}

std::int64_t Store::metric_id(int member, const std::string& name) {
  const auto [entry, is_new] = metric_ids_.try_emplace({member, name}, 0);
  if (is_new) {
    statements_->metric.run(member, name);
    entry->second = database_->last_row_id();
  }
  return entry->second;
}

void Store::set_task(const training::TaskInfo& task) {
  statements_->run.run("task", to_json(task));
  if (!task.inputs) return;
  const auto packed = compress(task.inputs->data);
  statements_->run.run("task_inputs", std::span<const std::byte>(packed));
}

void Store::set_planned_steps(std::int64_t steps) {
  statements_->run.run("planned_steps", steps);
}

void Store::set_summary(const std::string& key, const std::string& value) {
  statements_->summary.run(key, value);
}

void Store::add_member(const MemberRecord& m) {
  statements_->member.run(m.id, m.name, m.seed, m.parent, m.forked_at, m.is_twin, m.parameters, m.tokens.rows,
                          m.tokens.columns, m.tokens.class_token, to_json(m.settings));
}

void Store::add_sample(const Sample& sample) {
  statements_->sample.run(metric_id(sample.member, sample.metric), sample.point.step, sample.point.value);
}

void Store::add_frame(int member, const training::TensorFrame& frame) {
  for (const auto& [name, tensor] : frame.tensors) {
    const auto packed = compress(tensor->data);
    statements_->frame.run(member, name, frame.step, to_json(tensor->shape),
                           std::span<const std::byte>(packed));
  }
}

void Store::add_event(const training::Event& event) {
  statements_->event.run(training::to_string(event.kind), event.step, event.member, event.text);
}

void Store::add_intervention(const study::Intervention& i) {
  statements_->intervention.run(i.step, study::to_string(i.kind), i.member, to_json(i.changes), i.keep_twin,
                                i.from_step, i.new_name);
}

void Store::add_checkpoint(const Checkpoint& c) {
  statements_->checkpoint.run(c.member, c.step, to_json(c.settings), int(c.keep), c.training,
                              std::span<const std::byte>(c.state));
}

void Store::remove_checkpoints(std::int64_t step) {
  statements_->remove_checkpoints.run(step);
}

} // namespace plateau::recording
