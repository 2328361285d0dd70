// The curves of a recording. Internal to engine/recording.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/recording/sqlite.h"
#include "engine/recording/writer.h"

namespace plateau::recording {

using Curves = std::map<std::string, training::Series>; // by metric

/// Pushes `point` unless the curve has a point at its step or later: a fork repeats its parent's last one.
void append(training::Series& curve, training::Point point);
/// What a fork has of its parent's curve: the points up to `forked_at`. Empty when the parent has none.
training::Series inherited(const Curves& parent, const std::string& metric, std::int64_t forked_at);

/// All curves of all `members` (ascending by id), forks with their parents' up to the fork. Large recordings
/// are read by several threads, each with a connection of its own to the file at `path`; while a writer is at
/// work these may see points that came later than what `database` sees. Throws SqliteError.
std::map<int, Curves> read_curves(Database& database, const std::filesystem::path& path,
                                  const std::vector<MemberRecord>& members);

} // namespace plateau::recording
