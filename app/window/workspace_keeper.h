// Keeps what is open in a file, a moment after it changes, and offers it when the window is opened again.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "app/window/offer.h"
#include "app/window/session.h"
#include "app/window/workspace.h"

namespace plateau::window {

class WorkspaceKeeper {
public:
  /// `offers`: see find_offers().
  WorkspaceKeeper(std::filesystem::path file, std::vector<Offer> offers)
      : file_(std::move(file)), offers_(std::move(offers)) {}

  /// What is offered now; null: nothing.
  const Offer* offer() const { return offers_.empty() ? nullptr : &offers_.front(); }
  /// Opens what is offered. Failure becomes a message, and the offer stays.
  void take(bool train, Session& session);
  void decline();

  /// Once per frame, before drawing: a workspace that was opened again gets its look when its run is there.
  void restore(Session& session, Workspace& workspace, double now);
  /// Once per frame, after drawing.
  void note(const View& view, const Session& session, const Workspace& workspace, double now);
  /// Also between frames: writes what has stood for a moment.
  void save_when_due(double now);
  /// At the end.
  void save();

private:
  std::filesystem::path file_;
  std::vector<Offer> offers_;
  int offered_beside_ = -1; // the run that is open while they are offered

  std::optional<SavedWorkspace> restoring_;
  double restoring_until_ = 0;
  int frames_with_members_ = 0;

  std::optional<SavedWorkspace> now_, written_;
  std::optional<double> changed_at_;
};

} // namespace plateau::window
