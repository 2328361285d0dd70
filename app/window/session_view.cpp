// What of the run is shown: the playhead, and what each frame takes from the source.
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "app/figures/looks.h"
#include "app/window/going_back.h"
#include "app/window/session.h"

namespace plateau::window {

namespace {

constexpr double replay_seconds = 30; // a whole recording, at speed 1

} // namespace

// --- the playhead

std::int64_t Session::last_step() const {
  return snapshot_->step;
}

std::int64_t Session::step() const {
  return playhead_.value_or(last_step());
}

void Session::scrub_to(std::int64_t step) {
  step = std::clamp<std::int64_t>(step, 0, last_step());
  // At the end of a run that is over there is nothing to follow: the same picture.
  if (step == last_step() && !is_live())
    playhead_.reset();
  else
    playhead_ = step;
}

void Session::scrub_to_event(int direction) {
  static constexpr const char* none = "no event ";
  if (message_.starts_with(none)) message_.clear();
  const auto* m = selected_member();
  const auto steps = event_steps(*snapshot_, annotations_.now().remarks, hidden_, m ? m->id : -1);
  if (direction > 0) {
    const auto next = std::ranges::upper_bound(steps, step());
    if (next == steps.end())
      message_ = fmt::format("{}after step {}", none, step());
    else
      scrub_to(*next);
    return;
  }
  const auto here = std::ranges::lower_bound(steps, step());
  if (here == steps.begin())
    message_ = fmt::format("{}before step {}", none, step());
  else
    scrub_to(*std::prev(here));
}

void Session::scrub_by(int samples) {
  if (stops_.empty()) return;
  const auto here = std::ranges::lower_bound(stops_, step()) - stops_.begin();
  const auto target = std::clamp<std::ptrdiff_t>(here + samples, 0, std::ssize(stops_) - 1);
  scrub_to(stops_[static_cast<std::size_t>(target)]);
}

void Session::advance_replay(double now) {
  const double elapsed = std::clamp(now - last_update_, 0.0, 0.5);
  last_update_ = now;
  if (!replaying_) return;
  const auto end = static_cast<double>(last_step());
  replay_position_ += elapsed * replay_speed_ * end / replay_seconds;
  if (replay_position_ >= end) {
    replaying_ = false;
    playhead_.reset();
    return;
  }
  // Shown steps are recorded ones: the last at or before the position.
  const auto after = std::ranges::upper_bound(stops_, static_cast<std::int64_t>(replay_position_));
  playhead_ = after == stops_.begin() ? 0 : *std::prev(after);
}

// --- each frame

void Session::update(double now) {
  if (!source_) return;
  if (auto failure = annotations_.take_failure()) message_ = std::move(*failure);
  watch_beside();
  auto newest = source_->latest();
  if (newest != recorded_) {
    recorded_ = std::move(newest);
    follow_new_fork();
    take_looks();
  } else if (looked_at_ != annotations_.now()) {
    take_looks();
  }
  collect_stops();
  advance_replay(now);
  choose_shown_member();
}

const training::MemberView* Session::selected_member() const {
  const auto& members = snapshot_->members;
  for (const int id : {flipped_.value_or(selected_), selected_})
    if (const auto m = std::ranges::find(members, id, &training::MemberView::id); m != members.end())
      return &*m;
  // It was removed from the view: what is drawn comes first.
  const auto drawn = std::ranges::find_if(members, [&](const auto& m) { return !hidden_.contains(m.id); });
  return drawn != members.end() ? &*drawn : members.empty() ? nullptr : &members.front();
}

std::size_t Session::count_own_members() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(recorded_->members, [](const auto& m) { return !is_beside(m.id); }));
}

void Session::follow_new_fork() {
  if (!fork_expected_ || count_own_members() <= *fork_expected_) return;
  for (const auto& m : recorded_->members)
    if (m.parent == selected_ && !m.is_twin && !is_beside(m.id) &&
        static_cast<std::size_t>(m.id) >= *fork_expected_) {
      previous_ = std::exchange(selected_, m.id);
      // What one asked for is looked at, though it goes on from a hidden member.
      auto hidden = figures::hidden_members(*recorded_, annotations_.now());
      if (hidden.erase(m.id))
        annotations_.change(figures::with_hidden(*recorded_, annotations_.now(), hidden), "show " + m.name);
      break;
    }
  fork_expected_.reset();
}

void Session::watch_beside() {
  if (auto failure = source_->take_failure()) message_ = std::move(*failure);
  while (const auto looks = source_->take_looks()) annotations_.adopt(*looks);
}

void Session::take_looks() {
  looked_at_ = annotations_.now();
  task_is_beside_ = false;
  snapshot_ = figures::with_looks(recorded_, looked_at_);
  hidden_ = figures::hidden_members(*recorded_, looked_at_);
  if (began_ || snapshot_->members.empty()) return;
  began_ = true;
  if (!hidden_.contains(selected_)) return;
  const auto& members = snapshot_->members;
  const auto shown = std::ranges::find_if(members, [&](const auto& m) { return !hidden_.contains(m.id); });
  if (shown != members.end()) selected_ = shown->id;
}

void Session::collect_stops() {
  const auto* m = selected_member();
  const training::Series* longest = nullptr;
  if (m)
    for (const char* metric : {"loss/train", "loss/validation"})
      if (const auto found = m->series.find(metric); found != m->series.end())
        if (!longest || found->second.size() > longest->size()) longest = &found->second;
  if (!longest) {
    stops_.clear();
    return;
  }
  if (stops_.size() == longest->size() && !stops_.empty() && stops_.back() == longest->back().step) return;
  stops_.resize(longest->size());
  for (std::size_t i = 0; i < longest->size(); ++i) stops_[i] = (*longest)[i].step;
}

std::shared_ptr<const training::TensorFrame> Session::frame_of(int member) const {
  // Those of a recording beside end where it ends, not where this run stands.
  if (playhead_ || is_beside(member)) return source_->frame_at(member, step());
  const auto found = std::ranges::find(snapshot_->members, member, &training::MemberView::id);
  return found == snapshot_->members.end() ? nullptr : found->frame;
}

void Session::choose_shown_member() {
  const auto* m = selected_member();
  if (!m) {
    shown_.reset();
    return;
  }
  if (const auto task = source_->task_of(m->id); task != snapshot_->task && (task || task_is_beside_)) {
    auto own = std::make_shared<training::Snapshot>(*snapshot_);
    own->task = task ? task : recorded_->task;
    task_is_beside_ = task != nullptr;
    snapshot_ = std::move(own);
    m = selected_member();
  }
  auto frame = frame_of(m->id);
  if (shown_ && shown_of_ == snapshot_ && shown_->id == m->id && shown_->frame == frame) return;
  auto copy = std::make_shared<training::MemberView>(*m);
  copy->frame = std::move(frame);
  shown_ = std::move(copy);
  shown_of_ = snapshot_;
}

View Session::view(const ViewTools& tools) const {
  View view(tools, *snapshot_, hidden_, annotations_.now());
  view.recorded = recorded_.get();
  view.seed_bands = &seed_bands_;
  view.flipped = flipped_.has_value();
  if (source_) view.beside = source_->names();
  view.run = run_;
  view.member = shown_.get();
  view.frame_of = [this](int member) { return frame_of(member); };
  view.frame_at = [this](int member, std::int64_t at) { return source_->frame_at(member, at); };
  view.is_reading = [this](int member, std::int64_t at) { return source_->is_reading(member, at); };
  view.step = step();
  view.last_step = last_step();
  view.following = !playhead_;
  view.live = is_live();
  view.playing = playing();
  view.replay_speed = replay_speed_;
  view.stops = stops_;
  view.message = message_;
  if (view.message.empty() && snapshot_->notice != dismissed_notice_) view.message = snapshot_->notice;
  return view;
}

} // namespace plateau::window
