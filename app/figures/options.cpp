#include "app/figures/options.h"

#include <algorithm>

namespace plateau::figures {

std::vector<const training::MemberView*> chosen_members(const training::Snapshot& snapshot,
                                                        const PlotOptions& options) {
  std::vector<const training::MemberView*> chosen;
  for (const auto& member : snapshot.members)
    if (options.members.empty() || std::ranges::find(options.members, member.id) != options.members.end())
      chosen.push_back(&member);
  return chosen;
}

const training::MemberView* chosen_member(const training::Snapshot& snapshot, const PlotOptions& options,
                                          const std::string& tensor) {
  const auto chosen = chosen_members(snapshot, options);
  for (const auto* member : chosen)
    if (tensor.empty() || (member->frame && member->frame->tensors.contains(tensor))) return member;
  return chosen.empty() ? nullptr : chosen.front();
}

} // namespace plateau::figures
