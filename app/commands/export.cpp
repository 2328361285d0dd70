#include "app/commands/export.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "app/commands/output_path.h"
#include "app/commands/recorded_members.h"
#include "app/commands/weights_file.h"
#include "app/figures/looks.h"
#include "engine/errors.h"
#include "engine/recording/csv.h"
#include "engine/recording/numpy.h"
#include "engine/recording/reader.h"
#include "engine/recording/safetensors.h"
#include "engine/recording/tensorboard.h"
#include "engine/training/inspect.h"

namespace plateau::commands {
namespace fs = std::filesystem;

namespace {

/// Moves the files of `fresh` to the same places in `folder`.
void move_files(const fs::path& fresh, const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(fresh)) {
    const auto place = folder / fs::relative(entry.path(), fresh);
    if (!entry.is_directory()) {
      fs::rename(entry.path(), place);
      continue;
    }
    fs::create_directories(place);
    // A run has one event file: TensorBoard would show an older export in the same curves.
    for (const auto& old : fs::directory_iterator(place))
      if (const auto name = old.path().filename().string();
          name.starts_with("events.out.tfevents.") && old.path().extension() == ".plateau")
        fs::remove(old.path());
  }
}

/// Replaces files of the same names in `folder`, and no others: `write` fills one beside it first, so that a
/// failure leaves the old ones whole.
template<class Write> void replace(const fs::path& folder, Write write) {
  fs::path fresh = fs::absolute(folder).lexically_normal();
  if (!fresh.has_filename()) fresh = fresh.parent_path();
  fresh += fmt::format(".new-{}", ::getpid());
  try {
    write(fresh);
    fs::create_directories(folder);
    move_files(fresh, folder);
    fs::remove_all(fresh);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(fresh, ignored);
    throw;
  }
}

void export_weights(const recording::Reader& reader, const ExportArguments& arguments) {
  refuse_existing(arguments.safetensors, arguments.force);
  const auto members = recorded_members(reader, arguments.recording);
  const auto& member = chosen_member(members, arguments.member);
  std::vector<std::int64_t> steps; // its own: one that was halted early has its last where it ended
  for (const auto& stored : reader.checkpoints())
    if (stored.member == member.id) steps.push_back(stored.step);
  if (steps.empty()) throw InputError(fmt::format("{}: holds no checkpoint yet", arguments.recording));
  const auto checkpoint = reader.checkpoint(member.id, arguments.step.value_or(steps.back()));
  if (!checkpoint)
    throw InputError(fmt::format("{}: {} has no checkpoint at step {}; there are: {}", arguments.recording,
                                 member.name, arguments.step.value_or(steps.back()), fmt::join(steps, ", ")));
  recording::write_safetensors(arguments.safetensors, training::weights(reader, *checkpoint),
                               provenance(reader, member, checkpoint->step));
  fmt::print("{}  weights of {} at step {}\n", arguments.safetensors, member.name, checkpoint->step);
}

/// Lets `write` fill the folder, or replace what it holds when forced to.
template<class Write> void fill(const fs::path& folder, bool force, Write write) {
  try {
    if (force)
      replace(folder, write);
    else
      write(folder);
  } catch (const fs::filesystem_error& error) {
    throw InputError(fmt::format("{}: {}", folder.string(), error.code().message()));
  }
}

void export_curves(const recording::Reader& reader, const ExportArguments& arguments) {
  if (!arguments.npz.empty()) refuse_existing(arguments.npz, arguments.force);
  auto members = recorded_members(reader, arguments.recording);
  if (!arguments.member.empty()) members = {chosen_member(members, arguments.member)};
  if (!arguments.tensorboard.empty()) {
    fill(arguments.tensorboard, arguments.force, [&](const fs::path& folder) {
      recording::export_tensorboard(arguments.recording, members, folder);
    });
    fmt::print("{}  {} run{} for TensorBoard\n", arguments.tensorboard, members.size(),
               members.size() == 1 ? "" : "s");
  }
  if (!arguments.npz.empty()) {
    recording::export_npz(reader, members, arguments.step, arguments.npz);
    fmt::print("{}  curves and arrays of {} member{} for NumPy\n", arguments.npz, members.size(),
               members.size() == 1 ? "" : "s");
  }
}

void export_tables(const recording::Reader& reader, const ExportArguments& arguments,
                   const fs::path& folder) {
  const auto annotations = recording::read_annotations(arguments.recording);
  recording::export_csv(reader, *figures::with_looks(reader.snapshot(), annotations), folder, annotations);
}

/// Options that would do nothing are refused.
void check(const ExportArguments& arguments) {
  const bool csv = !arguments.csv.empty(), weights = !arguments.safetensors.empty(),
             arrays = !arguments.npz.empty(), events = !arguments.tensorboard.empty();
  if (!csv && !weights && !arrays && !events)
    throw InputError("plateau export: say what to write: --csv FOLDER, --tensorboard FOLDER, --npz FILE or "
                     "--safetensors FILE");
  if (arguments.step && !weights && !arrays)
    throw InputError(
        "plateau export: --step chooses weights or arrays, so it goes with --safetensors or --npz");
  if (!arguments.member.empty() && !weights && !arrays && !events)
    throw InputError(
        "plateau export: --member goes with --safetensors, --npz or --tensorboard; CSV files hold "
        "everybody's curves");
}

} // namespace

int export_command(const ExportArguments& arguments) {
  check(arguments);
  const recording::Reader reader{fs::path(arguments.recording)};
  if (!arguments.safetensors.empty()) export_weights(reader, arguments);
  if (!arguments.npz.empty() || !arguments.tensorboard.empty()) export_curves(reader, arguments);
  if (!arguments.csv.empty()) {
    fill(arguments.csv, arguments.force,
         [&](const fs::path& folder) { export_tables(reader, arguments, folder); });
    fmt::print("{}  curves, members, summary, events and interventions as CSV\n", arguments.csv);
  }
  return 0;
}

} // namespace plateau::commands
