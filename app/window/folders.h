// Where the window keeps its files: the XDG folders, never the working directory.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace plateau::window {

std::filesystem::path settings_file();     // $XDG_CONFIG_HOME/plateau/settings.json
std::filesystem::path recordings_folder(); // $XDG_DATA_HOME/plateau/recordings
std::filesystem::path workspace_file();    // $XDG_STATE_HOME/plateau/workspace.json

/// Where pictures go: the person's own folder for them (xdg-user-dirs), else
/// $XDG_DATA_HOME/plateau/pictures.
std::filesystem::path pictures_folder();
/// What a person means by a path typed where `folder` is shown: "~" and "~/..." are the home folder and what
/// is in it, a relative path begins in `folder`, "." and ".." are carried out. An empty one stays empty.
std::filesystem::path expanded(const std::string& typed, const std::filesystem::path& folder);

/// A path in `folder` that does not exist yet: STEM and SUFFIX (with its dot), else "STEM-2" and so on.
std::filesystem::path free_path(const std::filesystem::path& folder, const std::string& stem,
                                const std::string& suffix);

/// A path in `folder` that does not exist yet: "plateau-2024-05-31-174502.png".
std::filesystem::path new_picture_path(const std::filesystem::path& folder,
                                       std::chrono::system_clock::time_point now);

/// A path in `folder` for a new recording of the study called `study_name`, that does not exist yet:
/// "eureka-2024-05-31-174502.plateau", with "-2" and so on appended when that is taken.
std::filesystem::path new_recording_path(const std::filesystem::path& folder, const std::string& study_name,
                                         std::chrono::system_clock::time_point now);

} // namespace plateau::window
