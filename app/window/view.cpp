#include "app/window/view.h"

#include <algorithm>

namespace plateau::window {

std::vector<int> View::visible_members() const {
  std::vector<int> ids;
  for (const auto& m : snapshot.members)
    if (is_visible(m.id)) ids.push_back(m.id);
  return ids;
}

figures::PlotOptions View::plot_options() const {
  figures::PlotOptions options;
  options.theme = widgets.theme;
  options.members = visible_members();
  if (options.members.empty()) options.members = {-1}; // an empty list would mean all
  if (!following) options.step = step;
  return options;
}

figures::PlotOptions View::member_plot_options() const {
  figures::PlotOptions options = plot_options();
  if (member) options.members = {member->id};
  return options;
}

std::optional<double> value_at(const training::MemberView& member, const std::string& metric,
                               std::int64_t step) {
  const auto found = member.series.find(metric);
  if (found == member.series.end()) return std::nullopt;
  const std::size_t after = training::lower_bound(found->second, step + 1);
  if (after == 0) return std::nullopt;
  return found->second[after - 1].value;
}

std::optional<std::int64_t> eureka_step(const training::Snapshot& snapshot, int member, std::int64_t step) {
  std::optional<std::int64_t> found;
  using Kind = training::Event::Kind;
  for (const training::Event& event : snapshot.events)
    if ((event.kind == Kind::EurekaMoment || event.kind == Kind::Generalisation) && event.member == member &&
        event.step <= step)
      found = event.step;
  return found;
}

std::optional<std::int64_t> checkpoint_before(const training::Snapshot& snapshot, std::int64_t step) {
  const auto after = std::ranges::upper_bound(snapshot.checkpoints, step);
  if (after == snapshot.checkpoints.begin()) return std::nullopt;
  return *std::prev(after);
}

} // namespace plateau::window
