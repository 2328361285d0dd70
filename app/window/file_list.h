// What the open dialog lists: recent files, the folder for recordings and the shipped studies; or a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace plateau::window {

struct ListedFile {
  enum class Kind { Recording, Study, Folder };
  Kind kind = Kind::Recording;
  std::string section = {}; // "RECENT"; of a folder's content empty
  std::filesystem::path path = {};
  std::string name = {};
  std::optional<std::filesystem::file_time_type> changed = {}; // nothing where the file is gone
  std::uintmax_t bytes = 0;
  bool missing = false;
  std::optional<std::string> study = {}; // its title; read when it is wanted, see read_study()
};

/// Recent files in their order, those that are gone included; then what else is in the folder for
/// recordings, the latest first; then the shipped studies.
std::vector<ListedFile> list_start(const std::vector<std::string>& recent,
                                   const std::filesystem::path& recordings);
/// Its folders and what can be opened (.plateau, .toml), each by name; hidden ones left out.
std::vector<ListedFile> list_folder(const std::filesystem::path& folder);

/// Fills in `study`, with nothing for what cannot be read.
void read_study(ListedFile& file);

/// Whether name or study contain `filter`, whatever the case.
bool matches(const ListedFile& file, const std::string& filter);
/// Of `files` the one that is meant by `filter`: that name, else one that begins so, else the first; -1 where
/// there is none.
int best_match(const std::vector<const ListedFile*>& files, const std::string& filter);

/// What a typed text stands for while `folder` is shown: "runs/eu" lists what contains "eu" in "runs".
struct TypedPlace {
  std::filesystem::path folder;
  std::string filter;
  bool is_path = false; // it has a folder in it
};
TypedPlace place_of(const std::string& typed, const std::filesystem::path& folder);

/// `typed` as far as all agree that it can mean; folders end with "/".
std::string completed(const std::string& typed, const std::filesystem::path& folder);

/// "today 14:05", "31 May 2024".
std::string date_text(std::filesystem::file_time_type time, std::filesystem::file_time_type now);

} // namespace plateau::window
