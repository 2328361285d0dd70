#include "app/window/overlay_run.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/figures/looks.h"
#include "engine/errors.h"
#include "widgets/theme.h"

namespace plateau::window {
namespace fs = std::filesystem;
using training::Snapshot;

std::string only_compared(const std::string& member) {
  return member + " comes from a recording beside this run, which can only be compared with";
}

void OverlayRun::add(const fs::path& recording, const std::function<void()>& wake) {
  std::error_code error;
  const auto is_same = [&](const fs::path& other) {
    return !other.empty() && fs::equivalent(recording, other, error);
  };
  if (is_same(base_->latest()->recording) || std::ranges::any_of(beside_, is_same, &Beside::path))
    throw InputError(fmt::format("{} is shown already", recording.string()));
  Beside beside;
  beside.run = std::make_unique<ReplayRun>(recording, wake);
  beside.annotations = recording::read_annotations(recording);
  beside.path = recording;
  const std::string stem = recording.stem().string();
  beside.name = stem;
  for (int i = 2; std::ranges::find(beside_, beside.name, &Beside::name) != beside_.end(); ++i)
    beside.name = fmt::format("{} ({})", stem, i);
  // The palette goes on where it ended.
  const auto count = [](const RunSource& run) {
    const auto study = run.latest()->study;
    return study ? static_cast<int>(study->members.size()) : 0;
  };
  int before = count(*base_);
  for (const auto& other : beside_) before += count(*other.run);
  beside.offset = first_id_beside * ++added_ + before % static_cast<int>(widgets::Theme{}.members.size());
  beside_.push_back(std::move(beside));
}

std::unique_ptr<RunSource> OverlayRun::take_away(const std::string& name) {
  const auto found = std::ranges::find(beside_, name, &Beside::name);
  if (found == beside_.end()) return nullptr;
  std::unique_ptr<RunSource> taken = std::move(found->run);
  beside_.erase(found);
  return taken;
}

std::vector<std::string> OverlayRun::names() const {
  std::vector<std::string> names;
  for (const auto& beside : beside_) names.push_back(beside.name);
  return names;
}

std::vector<fs::path> OverlayRun::recordings() const {
  std::vector<fs::path> paths;
  for (const auto& beside : beside_) paths.push_back(beside.path);
  return paths;
}

void OverlayRun::append(Snapshot& to, const Beside& beside, const Snapshot& from) const {
  for (training::MemberView member : from.members) {
    member.id += beside.offset;
    if (member.parent >= 0) member.parent += beside.offset;
    member.name = beside.name + ": " + member.name;
    to.members.push_back(std::move(member));
  }
  for (training::Event event : from.events) {
    // What befell that run as a whole, or was kept of it, is no event of this one.
    if (event.member < 0 || event.kind == training::Event::Kind::Checkpoint) continue;
    const auto member = std::ranges::find(from.members, event.member, &training::MemberView::id);
    if (member != from.members.end() && event.text.starts_with(member->name + ": "))
      event.text = beside.name + ": " + event.text;
    event.member += beside.offset;
    to.events.push_back(std::move(event));
  }
}

std::shared_ptr<const Snapshot> OverlayRun::latest() const {
  auto base = base_->latest();
  // A run that prepares its members, or cannot, says so undisturbed.
  if (beside_.empty() || base->members.empty()) return base;
  std::vector<std::shared_ptr<const Snapshot>> parts{std::move(base)};
  for (const auto& beside : beside_) parts.push_back(beside.run->latest());
  if (merged_ && parts == merged_of_) return merged_;
  auto merged = std::make_shared<Snapshot>(*parts.front());
  for (std::size_t i = 0; i < beside_.size(); ++i)
    // Its own names, and without what was removed from it.
    append(*merged, beside_[i], *figures::with_looks(parts[i + 1], beside_[i].annotations));
  std::ranges::stable_sort(merged->events, {}, &training::Event::step);
  merged_ = merged;
  merged_of_ = std::move(parts);
  return merged_;
}

std::shared_ptr<const training::TensorFrame> OverlayRun::frame_at(int member, std::int64_t step) {
  for (auto& beside : beside_)
    if (same_recording(member, beside.offset)) return beside.run->frame_at(member - beside.offset, step);
  return is_beside(member) ? nullptr : base_->frame_at(member, step);
}

bool OverlayRun::is_reading(int member, std::int64_t step) {
  for (auto& beside : beside_)
    if (same_recording(member, beside.offset)) return beside.run->is_reading(member - beside.offset, step);
  return !is_beside(member) && base_->is_reading(member, step);
}

std::shared_ptr<const training::TaskInfo> OverlayRun::task_of(int member) const {
  for (const auto& beside : beside_)
    if (same_recording(member, beside.offset)) return beside.run->latest()->task;
  return nullptr;
}

std::optional<std::map<int, recording::MemberLook>> OverlayRun::take_looks() {
  for (auto& beside : beside_) {
    const auto read = beside.run->latest();
    if (beside.looks_taken || read->members.empty()) continue;
    beside.looks_taken = true;
    std::map<int, recording::MemberLook> looks;
    const auto hidden = figures::hidden_members(*read, beside.annotations);
    for (const auto& member : read->members) {
      recording::MemberLook look;
      if (const auto own = beside.annotations.looks.find(member.id); own != beside.annotations.looks.end())
        look.color = own->second.color;
      // Of itself a fork goes by its parent: said of each.
      if (member.parent >= 0 || hidden.contains(member.id)) look.hidden = hidden.contains(member.id);
      if (look != recording::MemberLook{}) looks[member.id + beside.offset] = look;
    }
    return looks;
  }
  return std::nullopt;
}

std::optional<std::string> OverlayRun::take_failure() {
  for (const auto& beside : beside_) {
    const auto read = beside.run->latest();
    if (read->state != training::State::Failed || !read->members.empty()) continue;
    auto why = fmt::format("{}: {}", beside.path.string(), read->error);
    take_away(std::string(beside.name));
    return why;
  }
  return std::nullopt;
}

} // namespace plateau::window
