#include "engine/recording/annotations.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/recording/schema.h"

namespace plateau::recording {
namespace fs = std::filesystem;
namespace {

// Made when the first annotation is written: a recording without any has none, and older versions read past
// them.
constexpr const char* tables = R"sql(
CREATE TABLE IF NOT EXISTS member_look(
  member INTEGER PRIMARY KEY, name TEXT NOT NULL, color TEXT NOT NULL, hidden INTEGER, -- NULL: as the study says
  pinned INTEGER NOT NULL, removed INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS remark(
  id INTEGER PRIMARY KEY, step INTEGER NOT NULL, member INTEGER NOT NULL, -- -1: all
  text TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS plateau_correction(
  member INTEGER NOT NULL, detected INTEGER NOT NULL, begin_step INTEGER NOT NULL, end_step INTEGER NOT NULL,
  PRIMARY KEY(member, detected)
);
)sql";

bool has_tables(Database& database) {
  return database.integer("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN "
                          "('member_look', 'remark', 'plateau_correction')") == 3;
}

Annotations read(Database& database) {
  Annotations read;
  if (!has_tables(database)) return read;
  Statement looks(database, "SELECT member, name, color, hidden, pinned, removed FROM member_look");
  for (looks.start(); looks.next();) {
    MemberLook look{.name = looks.text(1),
                    .color = looks.text(2),
                    .hidden = {},
                    .pinned = looks.integer(4) != 0,
                    .removed = looks.integer(5) != 0};
    if (!looks.is_null(3)) look.hidden = looks.integer(3) != 0;
    read.looks[static_cast<int>(looks.integer(0))] = std::move(look);
  }
  Statement remarks(database, "SELECT step, member, text FROM remark ORDER BY step, id");
  for (remarks.start(); remarks.next();)
    read.remarks.push_back({remarks.integer(0), static_cast<int>(remarks.integer(1)), remarks.text(2)});
  Statement plateaus(database, "SELECT member, detected, begin_step, end_step FROM plateau_correction "
                               "ORDER BY member, detected");
  for (plateaus.start(); plateaus.next();)
    read.plateaus.push_back({static_cast<int>(plateaus.integer(0)), plateaus.integer(1), plateaus.integer(2),
                             plateaus.integer(3)});
  return read;
}

void replace(Database& database, const Annotations& annotations) {
  Transaction transaction(database);
  database.execute(tables);
  database.execute("DELETE FROM member_look; DELETE FROM remark; DELETE FROM plateau_correction;");
  Statement look(database, "INSERT INTO member_look VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
  Statement unhidden(database, "INSERT INTO member_look VALUES(?1, ?2, ?3, NULL, ?4, ?5)");
  for (const auto& [member, l] : annotations.looks) {
    if (l == MemberLook{}) continue;
    if (l.hidden)
      look.run(member, l.name, l.color, *l.hidden, l.pinned, l.removed);
    else
      unhidden.run(member, l.name, l.color, l.pinned, l.removed);
  }
  auto in_order = annotations.remarks;
  std::ranges::stable_sort(in_order, {}, &Remark::step);
  Statement remark(database, "INSERT INTO remark(step, member, text) VALUES(?1, ?2, ?3)");
  for (const auto& r : in_order) remark.run(r.step, r.member, r.text);
  Statement plateau(database, "INSERT OR REPLACE INTO plateau_correction VALUES(?1, ?2, ?3, ?4)");
  for (const auto& p : annotations.plateaus) plateau.run(p.member, p.detected, p.begin, p.end);
  transaction.commit();
}

} // namespace

Annotations read_annotations(const fs::path& recording) {
  const auto database = open_for_reading(recording);
  return reading(recording, [&] { return read(*database); });
}

void write_annotations(const fs::path& recording, const Annotations& annotations) {
  try {
    const auto database = open_for_writing(recording);
    replace(*database, annotations);
  } catch (const SqliteError& error) {
    throw RunError(fmt::format("names, colours and remarks cannot be kept in '{}': {}", recording.string(),
                               error.what()));
  } catch (const InputError& error) {
    throw RunError(fmt::format("names, colours and remarks cannot be kept: {}", error.what()));
  }
}

} // namespace plateau::recording
