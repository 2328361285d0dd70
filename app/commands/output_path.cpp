#include "app/commands/output_path.h"

#include <fmt/format.h>

#include "engine/errors.h"

namespace plateau::commands {

void refuse_existing(const std::filesystem::path& path, bool force) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw InputError(fmt::format("{}: this is a folder; name a file", path.string()));
  // Not even by force: a recording is never the price of a slip.
  if (path.extension() == ".plateau")
    throw InputError(fmt::format("{}: .plateau is for recordings; choose another name", path.string()));
  if (!force && std::filesystem::exists(path, ignored))
    throw InputError(
        fmt::format("{}: exists already; choose another name, or replace it with --force", path.string()));
}

} // namespace plateau::commands
