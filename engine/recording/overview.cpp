#include "engine/recording/overview.h"

#include <array>
#include <fstream>
#include <string_view>

#include "engine/recording/schema.h"
#include "engine/study/study.h"

namespace plateau::recording {

bool is_recording(const std::filesystem::path& file) {
  if (file.extension() == ".plateau") return true;
  constexpr std::string_view magic = "SQLite format 3";
  std::array<char, magic.size()> first{};
  std::ifstream stream(file, std::ios::binary);
  return stream.read(first.data(), first.size()) && std::string_view(first.data(), first.size()) == magic;
}

Overview read_overview(const std::filesystem::path& recording) {
  const auto database = open_for_reading(recording);
  return reading(recording, [&] {
    const auto study =
        study::parse_study(database->text("SELECT value FROM run WHERE key = 'study'"), recording.string());
    Overview overview;
    overview.title = study.title.empty() ? study.name : study.title;
    // One look-up per metric: the samples of each lie in the order of their steps.
    overview.step = database->integer("SELECT coalesce(max((SELECT max(step) FROM sample WHERE metric = "
                                      "metric.id)), 0) FROM metric");
    overview.planned_steps = database->integer("SELECT value FROM run WHERE key = 'planned_steps'");
    overview.can_be_resumed = database->integer("SELECT EXISTS(SELECT 1 FROM checkpoint WHERE training)");
    return overview;
  });
}

} // namespace plateau::recording
