#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/errors.h"
#include "engine/study/shipped_files.h"
#include "engine/study/study.h"
#include "engine/study/toml_reader.h"

namespace plateau::study {
namespace {

namespace fs = std::filesystem;

const DocumentKind studies = {"study", "studies"};

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
  std::vector<StudyFile> list;
  for (const auto& path : shipped_files(studies)) {
    StudyFile study{path.stem().string(), "", path};
    try {
      study.title = read_title(read_document(studies, path), path.string());
    } catch (const InputError& problem) {
      study.title =
          fmt::format("cannot be read: {}", problem.what()); // one broken file must not hide the others
    }
    list.push_back(std::move(study));
  }
  return list;
}

Study load_study(const std::string& name_or_path) {
  const auto path = find_document(studies, name_or_path);
  return parse_study(read_document(studies, path), path.string());
}

} // namespace plateau::study
