#include "engine/study/shipped_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/errors.h"
#include "engine/study/fields.h"
#include "engine/study/study.h"
#include "engine/study/utf8.h"

namespace plateau::study {
namespace fs = std::filesystem;

std::vector<fs::path> shipped_files(const DocumentKind& kind) {
  const auto folder = assets_folder() / kind.folder;
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  if (error)
    throw InputError(fmt::format("'{}' cannot be opened: {}", printable(folder.string()), error.message()));
  std::vector<fs::path> files;
  for (const auto& entry : entries)
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

std::string read_document(const DocumentKind& kind, const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    throw InputError(fmt::format("no such {} file: '{}'", kind.name, printable(path.string())));
  if (!fs::is_regular_file(path, error))
    throw InputError(fmt::format("'{}' is not a file", printable(path.string())));
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open())
    throw InputError(fmt::format("'{}' cannot be opened: check its permissions", printable(path.string())));
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::path find_document(const DocumentKind& kind, const std::string& name_or_path) {
  if (name_or_path.ends_with(".toml") || name_or_path.find('/') != std::string::npos) return name_or_path;
  std::vector<std::string> names;
  for (const auto& file : shipped_files(kind)) {
    if (file.stem() == name_or_path) return file;
    names.push_back(file.stem().string());
  }
  auto hint = did_you_mean(name_or_path, names);
  if (hint.empty())
    hint = fmt::format(": there are {}, or give the path of a .toml file", fmt::join(names, ", "));
  throw InputError(fmt::format("no {} is called '{}'{}", kind.name, printable(name_or_path), hint));
}

} // namespace plateau::study
