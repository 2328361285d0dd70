// What the window offers at its start: to open again what was open last, or what it could not close.
#pragma once

#include <string>
#include <vector>

#include "app/window/saved_workspace.h"

namespace plateau::window {

struct Offer {
  enum class Kind { Last, Unclosed };
  Kind kind = Kind::Last;
  SavedWorkspace workspace = {};
  std::string text = {};       // one line for the person
  bool can_be_trained = false; // its training can go on
};

/// What there is to offer, the first first. `last`: also what was open last, if it was closed properly. What
/// another process writes at the moment is not offered. Recordings that cannot be read are passed over.
std::vector<Offer> find_offers(const std::filesystem::path& workspace_file,
                               const std::filesystem::path& recordings_folder, bool last);

} // namespace plateau::window
