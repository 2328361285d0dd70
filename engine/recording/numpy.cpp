#include "engine/recording/numpy.h"

#include <limits>

#include "engine/recording/npz.h"
#include "engine/study/study.h"

namespace plateau::recording {

void export_npz(const Reader& reader, std::span<const ExportedMember> members,
                std::optional<std::int64_t> step, const std::filesystem::path& file) {
  NpzFile npz(file);
  npz.add("study", study::to_toml(reader.study()));
  for (const auto& member : members) {
    for (const auto& metric : reader.metrics(member.id))
      npz.add(member.file + "/curves/" + metric, reader.series(member.id, metric));
    const auto frame = reader.frame(member.id, step.value_or(std::numeric_limits<std::int64_t>::max()));
    if (!frame) continue;
    npz.add(member.file + "/step", frame->step);
    for (const auto& [name, tensor] : frame->tensors)
      npz.add(member.file + "/arrays/" + name, tensor->data, tensor->shape);
  }
  npz.close();
}

} // namespace plateau::recording
