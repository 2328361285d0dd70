#include "app/size_on_disk.h"

#include <fmt/format.h>

namespace plateau::app {

std::string bytes_text(std::int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value >= 999.5e6) return fmt::format("{:.1f} GB", value / 1e9);
  if (value >= 9.95e6) return fmt::format("{:.0f} MB", value / 1e6);
  if (value >= 999.5e3) return fmt::format("{:.1f} MB", value / 1e6);
  return fmt::format("{:.0f} kB", value / 1e3);
}

std::string kept_text(const training::KeptStates& kept) {
  if (kept.steps == 0) return {};
  return fmt::format("{} checkpoint{}, {}", kept.steps, kept.steps == 1 ? "" : "s", bytes_text(kept.bytes));
}

} // namespace plateau::app
