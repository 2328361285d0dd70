#include "app/window/workspace_keeper.h"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "engine/recording/lock.h"

namespace plateau::window {
namespace fs = std::filesystem;

namespace {
constexpr double a_moment = 1; // seconds
constexpr double patience = 5; // for members of recordings beside, which are read on threads
} // namespace

void WorkspaceKeeper::take(bool train, Session& session) {
  if (offers_.empty()) return;
  const SavedWorkspace workspace = offers_.front().workspace;
  try {
    session.reopen(workspace.recording, workspace.beside, train);
  } catch (const std::exception& error) {
    spdlog::warn("{}", error.what());
    session.say(error.what());
    return;
  }
  // A trainer takes the lock that was left over and removes it at its end.
  if (!train) recording::remove_left_over_lock(workspace.recording);
  restoring_ = workspace;
  restoring_until_ = 0;
  frames_with_members_ = 0;
  offers_.clear();
}

void WorkspaceKeeper::decline() {
  if (offers_.empty()) return;
  // Whoever wants none of what was not closed is not asked again for each.
  for (const Offer& offer : offers_)
    if (offer.kind == Offer::Kind::Unclosed) recording::remove_left_over_lock(offer.workspace.recording);
  const bool unclosed = offers_.front().kind == Offer::Kind::Unclosed;
  std::erase_if(offers_,
                [&](const Offer& offer) { return !unclosed || offer.kind == Offer::Kind::Unclosed; });
}

void WorkspaceKeeper::restore(Session& session, Workspace& workspace, double now) {
  if (!restoring_) return;
  const training::Snapshot& snapshot = session.snapshot();
  if (snapshot.recording != restoring_->recording || snapshot.state == training::State::Failed) {
    restoring_.reset(); // something else was opened meanwhile
    return;
  }
  // Panels settle for a new run in the first frame that shows its members.
  if (snapshot.members.empty() || ++frames_with_members_ < 3) return;
  if (restoring_until_ == 0) {
    restoring_until_ = now + patience;
    workspace.show_tab(restoring_->tab);
    workspace.set_curves_look(restoring_->curves);
    if (restoring_->looked_at) session.perform(Scrub{*restoring_->looked_at});
  }
  const auto member = std::ranges::find(snapshot.members, restoring_->member, &training::MemberView::name);
  if (member != snapshot.members.end())
    session.perform(SelectMember{member->id});
  else if (!session.beside().empty() && now < restoring_until_)
    return;
  restoring_.reset();
}

void WorkspaceKeeper::note(const View& view, const Session& session, const Workspace& workspace, double now) {
  if (offered_beside_ < 0) offered_beside_ = view.run;
  if (view.run != offered_beside_) offers_.clear(); // the person went another way
  // An offer that nobody has answered is made again next time: a short look must not lose what was open.
  if (restoring_ || !offers_.empty() || view.snapshot.members.empty() || view.snapshot.recording.empty())
    return;
  SavedWorkspace present;
  std::error_code error;
  present.recording = fs::absolute(view.snapshot.recording, error);
  for (const fs::path& path : session.beside()) present.beside.push_back(fs::absolute(path, error));
  if (view.member && !view.flipped) present.member = view.member->name;
  if (!view.following) present.looked_at = view.step;
  present.tab = workspace.open_tab();
  present.curves = workspace.curves_look(view);
  if (now_ == present) return;
  now_ = std::move(present);
  changed_at_ = now;
}

void WorkspaceKeeper::save_when_due(double now) {
  if (changed_at_ && now - *changed_at_ >= a_moment) save();
}

void WorkspaceKeeper::save() {
  changed_at_.reset();
  if (!now_ || now_ == written_) return;
  write_workspace(*now_, file_);
  written_ = now_;
}

} // namespace plateau::window
