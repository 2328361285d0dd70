#include "app/commands/inspect.h"

#include <fmt/format.h>

#include "app/commands/output_path.h"
#include "app/commands/recorded_members.h"
#include "app/commands/weights_file.h"
#include "engine/errors.h"
#include "engine/recording/reader.h"
#include "engine/recording/safetensors.h"
#include "engine/training/inspect.h"

namespace plateau::commands {

int inspect_command(const InspectArguments& arguments) {
  if (!arguments.step) throw InputError("plateau inspect: --step N is needed: the step of a checkpoint");
  if (arguments.out.empty()) throw InputError("plateau inspect: --out FILE.safetensors is needed");
  refuse_existing(arguments.out, arguments.force);
  const recording::Reader reader{std::filesystem::path(arguments.recording)};
  const auto members = recorded_members(reader, arguments.recording);
  const auto& member = chosen_member(members, arguments.member);
  const auto tensors = training::inspect(reader, member.id, *arguments.step);
  recording::write_safetensors(arguments.out, tensors, provenance(reader, member, *arguments.step));
  fmt::print("{}  {} tensors of {} at step {}\n", arguments.out, tensors.size(), member.name,
             *arguments.step);
  return 0;
}

} // namespace plateau::commands
