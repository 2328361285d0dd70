#include "engine/recording/array_history.h"

#include <limits>
#include <set>

#include "engine/recording/compression.h"
#include "engine/recording/json.h"
#include "engine/recording/schema.h"

namespace plateau::recording {
ArrayHistory::ArrayHistory(const std::filesystem::path& recording, const std::vector<MemberRecord>& members)
    : path_(recording), database_(open_for_reading(recording)) {
  for (const auto& member : members) origins_[member.id] = {member.parent, member.forked_at};
}
ArrayHistory::~ArrayHistory() = default;

ArrayHistory::Origin ArrayHistory::origin(int member) const {
  const auto found = origins_.find(member);
  return found == origins_.end() ? Origin{} : found->second;
}

std::vector<std::int64_t> ArrayHistory::steps(int member, const std::string& name) const {
  return reading(path_, [&] {
    std::set<std::int64_t> steps;
    Statement rows(*database_, "SELECT step FROM frame WHERE member = ?1 AND name = ?2 AND step <= ?3");
    for (auto until = std::numeric_limits<std::int64_t>::max(); member >= 0;) {
      rows.start(member, name, until);
      while (rows.next()) steps.insert(rows.integer(0));
      const auto [parent, forked_at] = origin(member);
      member = parent;
      until = std::min(until, forked_at);
    }
    return std::vector<std::int64_t>(steps.begin(), steps.end());
  });
}

std::shared_ptr<const training::Tensor> ArrayHistory::at(int member, const std::string& name,
                                                         std::int64_t step) const {
  return reading(path_, [&]() -> std::shared_ptr<const training::Tensor> {
    Statement row(*database_, "SELECT shape, data FROM frame WHERE member = ?1 AND name = ?2 AND step = ?3");
    while (member >= 0) {
      if (row.start(member, name, step).next())
        return std::make_shared<training::Tensor>(decompress(row.blob(1), shape_from_json(row.text(0))));
      const auto [parent, forked_at] = origin(member);
      member = step <= forked_at ? parent : -1;
    }
    return nullptr;
  });
}

} // namespace plateau::recording
