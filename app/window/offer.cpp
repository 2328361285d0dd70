#include "app/window/offer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "engine/recording/lock.h"
#include "engine/recording/overview.h"
#include "widgets/axis.h"

namespace plateau::window {
namespace fs = std::filesystem;
using recording::LockState;

namespace {

/// Recordings of `folder` that their writers did not close, the latest first.
std::vector<fs::path> unclosed_recordings(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    std::error_code gone;
    if (path.extension() != ".plateau" || recording::lock_state(path) != LockState::LeftOver) continue;
    const auto time = fs::last_write_time(path, gone);
    if (!gone) found.emplace_back(time, path);
  }
  std::ranges::sort(found, std::greater{});
  std::vector<fs::path> paths;
  for (auto& [time, path] : found) paths.push_back(std::move(path));
  return paths;
}

std::string steps(const recording::Overview& run) {
  const auto shown = [](std::int64_t step) { return widgets::format_step(static_cast<double>(step)); };
  return run.step < run.planned_steps
             ? fmt::format("step {} of {}", shown(run.step), shown(run.planned_steps))
             : fmt::format("all {} steps", shown(run.planned_steps));
}

std::optional<Offer> offer_of(Offer::Kind kind, SavedWorkspace workspace) {
  try {
    const auto run = recording::read_overview(workspace.recording);
    if (run.step == 0)
      return std::nullopt; // ended before it was trained at all: there is nothing to go back to
    Offer offer{.kind = kind};
    const std::string name = workspace.recording.filename().string();
    offer.can_be_trained = run.can_be_resumed && run.step < run.planned_steps;
    offer.text = kind == Offer::Kind::Last
                     ? fmt::format("Last time: {}, {}", name, steps(run))
                     : fmt::format("Plateau ended without closing {} ({} recorded)", name, steps(run));
    if (!workspace.beside.empty()) offer.text += fmt::format(", with {} beside", workspace.beside.size());
    offer.text += ".";
    offer.workspace = std::move(workspace);
    return offer;
  } catch (const std::exception& error) {
    spdlog::warn("not offered: {}", error.what());
    return std::nullopt;
  }
}

} // namespace

std::vector<Offer> find_offers(const fs::path& workspace_file, const fs::path& recordings_folder, bool last) {
  const auto saved = read_workspace(workspace_file);
  auto unclosed = unclosed_recordings(recordings_folder);
  // One that went on elsewhere.
  const bool is_unclosed = saved && recording::lock_state(saved->recording) == LockState::LeftOver;
  if (is_unclosed) {
    std::erase(unclosed, saved->recording);
    unclosed.insert(unclosed.begin(), saved->recording);
  }
  std::vector<Offer> offers;
  for (const fs::path& path : unclosed) {
    auto workspace = saved && path == saved->recording ? *saved : SavedWorkspace{.recording = path};
    if (auto offer = offer_of(Offer::Kind::Unclosed, std::move(workspace)))
      offers.push_back(std::move(*offer));
  }
  if (const auto others = offers.size(); others > 1)
    offers.front().text +=
        others == 2 ? " One more was not closed." : fmt::format(" {} more were not closed.", others - 1);
  if (last && saved && recording::lock_state(saved->recording) == LockState::Free)
    if (auto offer = offer_of(Offer::Kind::Last, *saved)) offers.push_back(std::move(*offer));
  return offers;
}

} // namespace plateau::window
