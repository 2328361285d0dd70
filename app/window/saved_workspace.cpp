#include "app/window/saved_workspace.h"

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "app/window/state_file.h"

namespace plateau::window {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// What the document holds of the right type under `key`, else what stands there.
template<class T> void take(const json& document, const char* key, T& value) {
  const auto found = document.find(key);
  if (found == document.end()) return;
  if constexpr (std::is_same_v<T, bool>) {
    if (found->is_boolean()) value = found->get<bool>();
  } else if constexpr (std::is_integral_v<T>) {
    if (found->is_number_integer()) value = found->get<T>();
  } else {
    if (found->is_string()) value = found->get<std::string>();
  }
}

} // namespace

std::optional<SavedWorkspace> read_workspace(const fs::path& file) {
  std::ifstream stream(file);
  if (!stream) return std::nullopt;
  const json document = json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) {
    spdlog::warn("{} is not readable as JSON: what was open last is not known", file.string());
    return std::nullopt;
  }
  SavedWorkspace w;
  take(document, "recording", w.recording);
  if (!w.recording.is_absolute()) return std::nullopt;
  if (const auto beside = document.find("beside"); beside != document.end() && beside->is_array())
    for (const json& entry : *beside)
      if (entry.is_string()) w.beside.emplace_back(entry.get<std::string>());
  take(document, "member", w.member);
  if (std::int64_t step = -1; take(document, "looked_at", step), step >= 0) w.looked_at = step;
  take(document, "tab", w.tab);
  if (const auto found = document.find("curves"); found != document.end() && found->is_object()) {
    take(*found, "shown", w.curves.shown);
    take(*found, "average", w.curves.average);
    take(*found, "step_scale", w.curves.step_scale);
    take(*found, "loss_scale", w.curves.loss_scale);
    take(*found, "events", w.curves.events);
    take(*found, "seed_bands", w.curves.seed_bands);
    take(*found, "band_edges", w.curves.band_edges);
  }
  return w;
}

void write_workspace(const SavedWorkspace& w, const fs::path& file) {
  json beside = json::array();
  for (const fs::path& recording : w.beside) beside.push_back(recording.string());
  json document = {{"recording", w.recording.string()},
                   {"beside", std::move(beside)},
                   {"member", w.member},
                   {"tab", w.tab},
                   {"curves",
                    {{"shown", w.curves.shown},
                     {"average", w.curves.average},
                     {"step_scale", w.curves.step_scale},
                     {"loss_scale", w.curves.loss_scale},
                     {"events", w.curves.events},
                     {"seed_bands", w.curves.seed_bands},
                     {"band_edges", w.curves.band_edges}}}};
  if (w.looked_at) document["looked_at"] = *w.looked_at;
  // Paths may hold any bytes: those that are not UTF-8 are replaced, not thrown over.
  write_state_file(file, document.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

} // namespace plateau::window
