#include "engine/recording/curve_reader.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

namespace plateau::recording {
namespace {

struct StoredCurve {
  std::int64_t metric = 0;
  training::Series* series = nullptr;
};

void read_curve(Statement& rows, const StoredCurve& curve) {
  rows.start(curve.metric);
  while (rows.next()) curve.series->push({rows.integer(0), rows.real(1)});
}

/// A thread for so many bytes: for fewer a connection of its own costs more than it brings.
std::size_t thread_count(Database& database, std::size_t curves) {
  constexpr std::int64_t bytes_per_thread = 16 << 20;
  const auto bytes = database.integer("PRAGMA page_count") * database.integer("PRAGMA page_size");
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  return std::min(
      {1 + static_cast<std::size_t>(bytes / bytes_per_thread), cores, curves + 1, std::size_t(8)});
}

constexpr const char* points_of_metric = "SELECT step, value FROM sample WHERE metric = ?1 ORDER BY step";

void read_all(Database& database, const std::filesystem::path& path, const std::vector<StoredCurve>& curves) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&](Database& connection) {
    Statement rows(connection, points_of_metric);
    for (std::size_t i; (i = next++) < curves.size();) read_curve(rows, curves[i]);
  };
  const auto access = database.access() == Database::Access::Immutable ? Database::Access::Immutable
                                                                       : Database::Access::ReadOnly;
  std::vector<std::exception_ptr> failures(thread_count(database, curves.size()) - 1);
  {
    std::vector<std::jthread> helpers;
    for (auto& failure : failures)
      helpers.emplace_back([&failure, &work, &path, access] {
        try {
          Database connection(path, access);
          work(connection);
        } catch (...) {
          failure = std::current_exception();
        }
      });
    work(database);
  }
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

} // namespace

void append(training::Series& curve, training::Point point) {
  if (curve.empty() || point.step > curve.back().step) curve.push(point);
}

training::Series inherited(const Curves& parent, const std::string& metric, std::int64_t forked_at) {
  const auto found = parent.find(metric);
  if (found == parent.end()) return {};
  return found->second.fork(training::lower_bound(found->second, forked_at + 1));
}

std::map<int, Curves> read_curves(Database& database, const std::filesystem::path& path,
                                  const std::vector<MemberRecord>& members) {
  std::map<int, Curves> curves;
  std::vector<StoredCurve> stored;
  {
    Statement metrics(database, "SELECT id, member, name FROM metric ORDER BY id");
    while (metrics.next())
      stored.push_back({metrics.integer(0), &curves[static_cast<int>(metrics.integer(1))][metrics.text(2)]});
  }
  read_all(database, path, stored);
  for (const auto& member : members) { // parents come first
    if (member.parent < 0) continue;
    auto& mine = curves[member.id];
    for (const auto& [name, unused] : curves[member.parent]) {
      auto whole = inherited(curves[member.parent], name, member.forked_at);
      if (whole.empty()) continue; // it began after the fork
      const auto& later = mine[name];
      for (std::size_t i = 0; i < later.size(); ++i) append(whole, later[i]);
      mine[name] = std::move(whole);
    }
  }
  return curves;
}

} // namespace plateau::recording
