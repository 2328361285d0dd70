#include "app/commands/export.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "app/commands/output_path.h"
#include "app/commands/weights_file.h"
#include "engine/errors.h"
#include "engine/recording/csv.h"
#include "engine/recording/reader.h"
#include "engine/recording/safetensors.h"
#include "engine/training/inspect.h"

namespace plateau::commands {
namespace fs = std::filesystem;

namespace {

/// Replaces files of the same names in `folder`, and no others: written beside it first, so that a failure
/// leaves the old ones whole.
void replace_csv(const recording::Reader& reader, const fs::path& folder) {
  fs::path fresh = fs::absolute(folder).lexically_normal();
  if (!fresh.has_filename()) fresh = fresh.parent_path();
  fresh += fmt::format(".new-{}", ::getpid());
  try {
    recording::export_csv(reader, fresh);
    fs::create_directories(folder);
    for (const auto& file : fs::directory_iterator(fresh))
      fs::rename(file.path(), folder / file.path().filename());
    fs::remove(fresh);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(fresh, ignored);
    throw;
  }
}

void export_weights(const recording::Reader& reader, const ExportArguments& arguments) {
  refuse_existing(arguments.safetensors, arguments.force);
  const auto member = chosen_member(reader, arguments.member);
  const auto steps = reader.checkpoint_steps();
  if (steps.empty()) throw InputError(fmt::format("{}: holds no checkpoint yet", arguments.recording));
  std::optional<recording::Checkpoint> checkpoint;
  if (arguments.step) {
    checkpoint = reader.checkpoint(member.id, *arguments.step);
  } else {
    // A member that was halted early has none at the last steps.
    for (auto step = steps.rbegin(); step != steps.rend() && !checkpoint; ++step)
      checkpoint = reader.checkpoint(member.id, *step);
  }
  if (!checkpoint)
    throw InputError(fmt::format("{}: {} has no checkpoint at step {}; there are: {}", arguments.recording,
                                 member.name, arguments.step.value_or(steps.back()), fmt::join(steps, ", ")));
  recording::write_safetensors(arguments.safetensors, training::weights(reader, *checkpoint),
                               provenance(reader, member, checkpoint->step));
  fmt::print("{}  weights of {} at step {}\n", arguments.safetensors, member.name, checkpoint->step);
}

} // namespace

int export_command(const ExportArguments& arguments) {
  if (arguments.csv.empty() && arguments.safetensors.empty())
    throw InputError("plateau export: say what to write: --csv FOLDER, --safetensors FILE, or both");
  if (arguments.safetensors.empty() && (arguments.step || !arguments.member.empty()))
    throw InputError("plateau export: --step and --member choose the weights, so they go with --safetensors");
  const recording::Reader reader{fs::path(arguments.recording)};
  if (!arguments.safetensors.empty()) export_weights(reader, arguments);
  if (!arguments.csv.empty()) {
    try {
      if (arguments.force)
        replace_csv(reader, arguments.csv);
      else
        recording::export_csv(reader, arguments.csv);
    } catch (const fs::filesystem_error& error) {
      throw InputError(fmt::format("{}: {}", arguments.csv, error.code().message()));
    }
    fmt::print("{}  curves, members, summary, events and interventions as CSV\n", arguments.csv);
  }
  return 0;
}

} // namespace plateau::commands
