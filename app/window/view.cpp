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
  options.kept_bands = seed_bands;
  options.remarks = annotations.remarks;
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

namespace {

std::optional<std::int64_t> last_event(const training::Snapshot& snapshot, training::Event::Kind kind,
                                       int member, std::int64_t step) {
  std::optional<std::int64_t> found;
  for (const training::Event& event : snapshot.events)
    if (event.kind == kind && event.member == member && event.step <= step) found = event.step;
  return found;
}

} // namespace

std::optional<std::int64_t> jump_step(const training::Snapshot& snapshot, int member, std::int64_t step) {
  const auto generalised = last_event(snapshot, training::Event::Kind::Generalisation, member, step);
  return generalised ? generalised : last_event(snapshot, training::Event::Kind::EurekaMoment, member, step);
}

std::optional<std::int64_t> memorisation_step(const training::Snapshot& snapshot, int member,
                                              std::int64_t step) {
  return last_event(snapshot, training::Event::Kind::Memorisation, member, step);
}

} // namespace plateau::window
