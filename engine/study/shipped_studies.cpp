#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/study/study.h"
#include "engine/study/toml_reader.h"
#include "engine/study/utf8.h"

namespace plateau::study {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    throw InputError(fmt::format("no such study file: '{}'", printable(path.string())));
  if (!fs::is_regular_file(path, error))
    throw InputError(fmt::format("'{}' is not a file", printable(path.string())));
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open())
    throw InputError(fmt::format("'{}' cannot be opened: check its permissions", printable(path.string())));
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

fs::path assets_folder() {
  std::error_code error;
  if (const char* chosen = std::getenv("PLATEAU_ASSETS"); chosen && *chosen) {
    if (fs::is_directory(fs::path(chosen) / "studies", error)) return chosen;
    throw InputError(
        fmt::format("PLATEAU_ASSETS = '{}' has no folder 'studies': correct or unset it", chosen));
  }
  std::vector<fs::path> places;
  if (const auto executable = fs::read_symlink("/proc/self/exe", error); !error) {
    const auto folder = executable.parent_path();
    places = {folder.parent_path() / "share" / "plateau", folder / "assets"};
  }
  places.emplace_back(PLATEAU_SOURCE_ASSETS);
  for (const auto& place : places)
    if (fs::is_directory(place / "studies", error)) return place;
  std::vector<std::string> names;
  for (const auto& place : places) names.push_back(place.string());
  throw InputError(
      fmt::format("the shipped studies are not in {}: set PLATEAU_ASSETS to the folder that holds "
                  "'studies'",
                  fmt::join(names, ", ")));
}

std::vector<StudyFile> list_studies() {
  std::vector<StudyFile> studies;
  const auto folder = assets_folder() / "studies";
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  if (error)
    throw InputError(fmt::format("'{}' cannot be opened: {}", printable(folder.string()), error.message()));
  for (const auto& entry : entries) {
    if (entry.path().extension() != ".toml") continue;
    StudyFile study{entry.path().stem().string(), "", entry.path()};
    try {
      study.title = read_title(read_file(study.path), study.path.string());
    } catch (const InputError& problem) {
      study.title =
          fmt::format("cannot be read: {}", problem.what()); // one broken file must not hide the others
    }
    studies.push_back(std::move(study));
  }
  std::ranges::sort(studies, {}, &StudyFile::name);
  return studies;
}

Study load_study(const std::string& name_or_path) {
  if (name_or_path.ends_with(".toml") || name_or_path.find('/') != std::string::npos)
    return parse_study(read_file(name_or_path), name_or_path);
  std::vector<std::string> names;
  for (const auto& shipped : list_studies()) {
    if (shipped.name == name_or_path) return parse_study(read_file(shipped.path), shipped.path.string());
    names.push_back(shipped.name);
  }
  auto hint = did_you_mean(name_or_path, names);
  if (hint.empty())
    hint = fmt::format(": there are {}, or give the path of a .toml file", fmt::join(names, ", "));
  throw InputError(fmt::format("no study is called '{}'{}", printable(name_or_path), hint));
}

} // namespace plateau::study
