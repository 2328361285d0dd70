// What can happen to a file: killed writers, full disks, second writers, foreign and damaged files.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <thread>

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "tests/catch.h"
#include "tests/recording/scratch.h"

using namespace scratch;

using recording::Reader;
using recording::Writer;

namespace {

/// Runs `work` in a process of its own; returns its id.
pid_t in_child(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    work();
    _exit(0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "in the child: %s\n", error.what());
  } catch (const char* problem) {
    std::fprintf(stderr, "in the child: %s\n", problem);
  }
  _exit(1);
}

int exit_status(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void kill_and_wait(pid_t child) {
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
}

std::string integrity(const fs::path& file) {
  sqlite3* db = nullptr;
  sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
  sqlite3_stmt* row = nullptr;
  sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &row, nullptr);
  const bool answered = sqlite3_step(row) == SQLITE_ROW;
  const std::string answer =
      answered ? reinterpret_cast<const char*>(sqlite3_column_text(row, 0)) : sqlite3_errmsg(db);
  sqlite3_finalize(row);
  sqlite3_close(db);
  return answer;
}

void change(const fs::path& file, const std::string& sql) {
  sqlite3* db = nullptr;
  sqlite3_open(file.c_str(), &db);
  sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  sqlite3_close(db);
}

void write(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

/// A short recording, closed properly.
void record(const fs::path& file, int last_step = 100) {
  const auto writer = Writer::create(file, small_study());
  writer->add_member(member(0));
  for (int step = 1; step <= last_step; ++step) writer->add_samples(sample(0, "loss/train", step, step));
  writer->add_frame(0, frame(1, {{"attention/mean", 1.f}}));
  writer->add_checkpoint(checkpoint(0, last_step));
}

std::string opening(const fs::path& file) {
  return message<InputError>([&] { Reader(file).snapshot(); });
}

/// Writes steps 1, 2, ... for ever; the pipe gets each number once it is queued.
void write_until_killed(const fs::path& file, int pipe) {
  const auto writer = Writer::create(file, small_study());
  writer->add_member(member(0));
  for (std::int64_t step = 1;; ++step) {
    writer->add_samples(sample(0, "loss/train", step, static_cast<double>(step)));
    if (step % 10 == 0) writer->add_frame(0, frame(step, {{"attention/mean", float(step)}}));
    if (step % 100 == 0) writer->add_checkpoint(checkpoint(0, step));
    if (::write(pipe, &step, sizeof step) != sizeof step) return;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

/// The latest number in the pipe.
std::int64_t latest(int pipe) {
  std::int64_t numbers[512], last = 0;
  for (ssize_t size; (size = read(pipe, numbers, sizeof numbers)) > 0;) {
    last = numbers[size / sizeof last - 1];
    if (size < static_cast<ssize_t>(sizeof numbers)) break;
  }
  return last;
}

} // namespace

TEST_CASE("a killed writer leaves a whole file that lacks at most the last second") {
  const Folder folder;
  for (const int milliseconds : {50, 400, 900}) {
    const auto file = folder / ("killed-" + std::to_string(milliseconds) + ".plateau");
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const auto child = in_child([&] { write_until_killed(file, ends[1]); });
    close(ends[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    const auto a_second_ago = latest(ends[0]);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    kill_and_wait(child);
    close(ends[0]);

    REQUIRE(a_second_ago > 0);
    const auto series = Reader(file).series(0, "loss/train");
    CHECK(static_cast<std::int64_t>(series.size()) >= a_second_ago);
    REQUIRE_FALSE(series.empty());
    CHECK(series.back().step == static_cast<std::int64_t>(series.size())); // no gap
    CHECK(opening(file) == "nothing was thrown");
    CHECK(integrity(file) == "ok");
    // It is free for the next writer, though nobody closed it, which leaves one file.
    const auto last = series.back().step;
    Writer::resume(file, last)->add_samples(sample(0, "loss/train", last + 1, 0));
    CHECK(Reader(file).series(0, "loss/train").back().step == last + 1);
    CHECK_FALSE(fs::exists(file.string() + "-wal"));
    CHECK_FALSE(fs::exists(file.string() + "-lock"));
  }
}

TEST_CASE("opening the file of a killed writer tidies it") {
  const Folder folder;
  const auto file = folder / "killed.plateau";
  kill_and_wait([&] {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const auto child = in_child([&] { write_until_killed(file, ends[1]); });
    while (!fs::exists(file.string() + "-wal")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    close(ends[0]);
    close(ends[1]);
    return child;
  }());
  REQUIRE(opening(file) == "nothing was thrown");
  CHECK_FALSE(fs::exists(file.string() + "-wal"));
  CHECK_FALSE(fs::exists(file.string() + "-shm"));
}

TEST_CASE("the main file of a running recording can be opened alone") {
  const Folder folder;
  const auto writer = Writer::create(folder / "run.plateau", small_study());
  writer->add_member(member(0));
  writer->add_samples(sample(0, "loss/train", 1, 1.0));
  writer->flush();
  fs::copy_file(folder / "run.plateau", folder / "copy.plateau");
  const auto snapshot = Reader(folder / "copy.plateau").snapshot();
  CHECK(*snapshot->study == small_study());
  CHECK_FALSE(fs::exists(folder / "copy.plateau-wal"));
}

TEST_CASE("an existing file is never written into by a new run") {
  const Folder folder;
  const auto file = folder / "run.plateau";
  record(file);
  CHECK(message<InputError>([&] { Writer::create(file, small_study()); }) ==
        "'" + file.string() +
            "' exists already; choose another name with --out, or go on with it: --resume " + file.string());
  CHECK(Reader(file).series(0, "loss/train").size() == 100);
}

TEST_CASE("a place that can not be written is named") {
  const Folder folder;
  CHECK_THAT(message<InputError>([&] { Writer::create(folder / "no/such/run.plateau", small_study()); }),
             ContainsSubstring("there is no folder '" + (folder / "no/such").string() + "'"));
  const auto long_name = folder / (std::string(300, 'x') + ".plateau");
  CHECK_THAT(message<InputError>([&] { Writer::create(long_name, small_study()); }),
             ContainsSubstring("can not write"));
  CHECK(folder.names().empty());
}

TEST_CASE("a second writer is refused") {
  const Folder folder;
  const auto file = folder / "run.plateau";
  {
    const auto writer = Writer::create(file, small_study());
    writer->add_member(member(0));
    const auto expected =
        "'" + file.string() + "' is being written by another run; stop that run or choose another file";
    CHECK(message<InputError>([&] { Writer::resume(file, 0); }) == expected);
    CHECK(exit_status(in_child([&] { // another process
            if (message<InputError>([&] { Writer::resume(file, 0); }) != expected) throw "not refused";
          })) == 0);
    fs::create_symlink(file, folder / "link.plateau");
    CHECK_THAT(message<InputError>([&] { Writer::resume(folder / "link.plateau", 0); }),
               ContainsSubstring("is being written by another run"));
    writer->add_samples(sample(0, "loss/train", 1, 1.0));
    writer->flush(); // the first one is undisturbed
  }
  Writer::resume(file, 1);
  CHECK(Reader(file).series(0, "loss/train").size() == 1);
}

TEST_CASE("files that are no recordings are refused in one line") {
  const Folder folder;
  const auto file = folder / "file.plateau";
  const auto name = "'" + file.string() + "'";
  CHECK(opening(file) == "there is no recording " + name);
  CHECK(opening(folder.path()) == "'" + folder.path().string() + "' is a folder, not a recording");
  write(file, "");
  CHECK(opening(file) == name + " is empty, not a recording");
  for (const auto& content : {std::string("x"), std::string(100000, 'x'), std::string("SQLite format 3"),
                              std::string("\x89PNG\r\n\x1a\n\0\0", 10)}) {
    write(file, content);
    CHECK(opening(file) == name + " is not a Plateau recording (not an SQLite file)");
    CHECK(message<InputError>([&] { Writer::resume(file, 0); }) == opening(file));
    CHECK(fs::file_size(file) == content.size()); // left as it was
  }
  fs::remove(file);
  change(file, "CREATE TABLE t(a); INSERT INTO t VALUES(1)");
  CHECK(opening(file) == name + " is a database, but not a Plateau recording");
  CHECK(folder.names() == std::vector<std::string>{"file.plateau"});
}

TEST_CASE("a newer format is refused with what to do") {
  const Folder folder;
  record(folder / "run.plateau");
  change(folder / "run.plateau", "PRAGMA user_version = 99");
  CHECK_THAT(opening(folder / "run.plateau"),
             ContainsSubstring("newer Plateau (format 99") && ContainsSubstring("install the newer one"));
}

TEST_CASE("a truncated file is refused, wherever it was cut") {
  const Folder folder;
  record(folder / "whole.plateau", 3000);
  const auto size = fs::file_size(folder / "whole.plateau");
  for (const auto cut :
       {std::uintmax_t(50), std::uintmax_t(700), size / 4, size / 2, size - 4096, size - 1}) {
    const auto file = folder / "cut.plateau";
    fs::copy_file(folder / "whole.plateau", file, fs::copy_options::overwrite_existing);
    fs::resize_file(file, cut);
    INFO("cut to " << cut << " of " << size);
    const auto problem = opening(file);
    CHECK_THAT(problem, ContainsSubstring(file.string()));
    CHECK_THAT(problem,
               ContainsSubstring("is damaged or cut off") || ContainsSubstring("not an SQLite file"));
    CHECK(problem.find('\n') == std::string::npos);
  }
}

TEST_CASE("damage inside a file is reported, not believed") {
  const Folder folder;
  const auto file = folder / "run.plateau";
  const auto damaged = [&](const std::string& sql) {
    fs::remove(file);
    record(file);
    change(file, sql);
    return opening(file);
  };
  CHECK_THAT(damaged("UPDATE member SET settings = '{\"optimizer.learning_rate\": \"fast\"}'"),
             ContainsSubstring("is damaged: malformed settings"));
  CHECK_THAT(damaged("UPDATE member SET settings = '{'"),
             ContainsSubstring("is damaged: malformed settings"));
  CHECK_THAT(damaged("UPDATE frame SET shape = '[1000000, 1000000, 1000000]'"),
             ContainsSubstring("impossible shape"));
  CHECK_THAT(damaged("UPDATE frame SET shape = '[7]'"), ContainsSubstring("does not fit its shape"));
  CHECK_THAT(damaged("UPDATE frame SET data = x'00112233'"), ContainsSubstring("does not fit its shape"));
  CHECK_THAT(damaged("INSERT INTO event VALUES(NULL, 'surprise', 1, 0, '')"), ContainsSubstring("surprise"));
  CHECK_THAT(damaged("UPDATE member SET parent = 0"), ContainsSubstring("member 0"));
  CHECK_THAT(damaged("DELETE FROM run WHERE key = 'study'"), ContainsSubstring("holds no study"));
  CHECK_THAT(damaged("UPDATE run SET value = 'x = ' WHERE key = 'study'"), ContainsSubstring(file.string()));
}

namespace {

int page_limit = 0;

/// Every new connection may grow to so many pages: the full disk of this test.
int limit_pages(sqlite3* db, char**, const void*) {
  return sqlite3_exec(db, ("PRAGMA max_page_count = " + std::to_string(page_limit)).c_str(), nullptr, nullptr,
                      nullptr);
}

} // namespace

TEST_CASE("a full disk ends recording with one line and leaves the file whole") {
  const Folder folder;
  const auto file = folder / "run.plateau";
  const auto entry = reinterpret_cast<void (*)()>(limit_pages);
  page_limit = 60;
  sqlite3_auto_extension(entry);
  std::int64_t stored = 0;
  {
    const auto writer = Writer::create(file, small_study());
    writer->add_member(member(0));
    writer->flush();
    CHECK_FALSE(writer->failure());
    std::string failure = "nothing was thrown";
    for (std::int64_t step = 1; step <= 100 && failure == "nothing was thrown"; ++step) {
      writer->add_samples(sample(0, "loss/train", step, 1.0));
      writer->add_checkpoint(checkpoint(0, step));
      failure = message<RunError>([&] { writer->flush(); });
      if (failure == "nothing was thrown") stored = step;
    }
    CHECK(failure == "the disk is full: recording to '" + file.string() +
                         "' has ended; what was recorded so far is whole");
    CHECK(writer->failure() == failure);
    writer->add_samples(sample(0, "loss/train", 1000, 1.0)); // harmless
    CHECK(message<RunError>([&] { writer->flush(); }) == failure);
  }
  sqlite3_cancel_auto_extension(entry);
  CHECK(stored > 5);
  CHECK(stored < 100);
  CHECK(steps(Reader(file).series(0, "loss/train")).size() == static_cast<std::size_t>(stored));
  CHECK(Reader(file).checkpoints().size() == static_cast<std::size_t>(stored));
  CHECK(integrity(file) == "ok");
  CHECK(folder.names() == std::vector<std::string>{"run.plateau"});
}

TEST_CASE("a recording that is moved away is noticed") {
  const Folder folder;
  const auto writer = Writer::create(folder / "run.plateau", small_study());
  writer->add_member(member(0));
  writer->flush();
  fs::rename(folder / "run.plateau", folder / "elsewhere.plateau");
  writer->add_samples(sample(0, "loss/train", 1, 1.0));
  CHECK_THAT(message<RunError>([&] { writer->flush(); }), ContainsSubstring("moved or deleted"));
}

TEST_CASE("a folder that may not be written still shows its recordings") {
  Folder folder;
  record(folder / "closed.plateau");
  {
    // As a killed writer leaves it: with its log, and without the shared memory.
    const auto writer = Writer::create(folder / "running.plateau", small_study());
    writer->add_member(member(0));
    writer->flush();
    fs::copy_file(folder / "running.plateau", folder / "killed.plateau");
    fs::copy_file(folder / "running.plateau-wal", folder / "killed.plateau-wal");
  }
  constexpr auto writers = fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
  fs::permissions(folder.path(), fs::perms::all & ~writers);
  const auto child = in_child([&] {
    if (geteuid() == 0 && setuid(65534) != 0) throw "still root, who may write anywhere";
    for (const auto* name : {"closed.plateau", "killed.plateau"})
      if (*Reader(folder / name).snapshot()->study != small_study()) throw name;
    if (Reader(folder / "closed.plateau").series(0, "loss/train").size() != 100) throw "samples are missing";
    const auto refused = message<InputError>([&] { Writer::resume(folder / "closed.plateau", 10); });
    if (refused.find("copy it to a writable folder") == std::string::npos) throw std::runtime_error(refused);
    const auto unwritable =
        message<InputError>([&] { Writer::create(folder / "new.plateau", small_study()); });
    if (unwritable.find("is read-only") == std::string::npos) throw std::runtime_error(unwritable);
  });
  CHECK(exit_status(child) == 0);
  fs::permissions(folder.path(), fs::perms::owner_all);
}
