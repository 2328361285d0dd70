#include "app/commands/info.h"

#include <functional>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/log.h"
#include "app/window/folders.h"
#include "engine/errors.h"
#include "engine/study/study.h"
#include "engine/tasks/image_data.h"
#include "engine/training/device.h"

namespace plateau::commands {

namespace {

using Json = nlohmann::ordered_json;

/// {"found": true, "text": ...}, or what is missing and what to do about it.
Json finding(const std::function<std::string()>& describe) {
  try {
    return {{"found", true}, {"text", describe()}};
  } catch (const InputError& error) {
    return {{"found", false}, {"text", error.what()}};
  }
}

std::string found_data(const tasks::ImageData& data) {
  return fmt::format("{} in {}", tasks::describe(data), data.folder);
}

Json fashion_mnist() {
  constexpr std::int64_t full_size = 28;
  return finding([] { return found_data(*tasks::load_fashion_mnist(full_size)); });
}

Json mnist() {
  return finding([] {
    const tasks::Digits digits = tasks::find_mnist(study::TaskSettings{});
    if (!digits.images) throw InputError(digits.why_none + "; Fashion-MNIST classes take their place");
    return found_data(*digits.images);
  });
}

std::string text_or_problem(const std::function<std::string()>& text) {
  try {
    return text();
  } catch (const InputError& error) {
    return error.what();
  }
}

} // namespace

int info_command(const InfoArguments& arguments) {
  Json devices = Json::array();
  for (const training::DeviceInfo& device : training::devices())
    devices.push_back({{"name", device.name}, {"description", device.description}});
  const std::string log = app::log_file().string();
  const Json info{{"version", PLATEAU_VERSION},
                  {"libtorch", training::torch_version()},
                  {"devices", devices},
                  {"hardware_threads", std::thread::hardware_concurrency()},
                  {"data", {{"fashion_mnist", fashion_mnist()}, {"mnist", mnist()}}},
                  {"assets", text_or_problem([] { return study::assets_folder().string(); })},
                  {"settings", text_or_problem([] { return window::settings_file().string(); })},
                  {"recordings", text_or_problem([] { return window::recordings_folder().string(); })},
                  {"log", log.empty() ? "none: set HOME or XDG_STATE_HOME" : log},
                  {"parallel", training::torch_parallel_info()}};
  if (arguments.json) {
    fmt::print("{}\n", info.dump(2));
    return 0;
  }
  const auto line = [](const char* label, const Json& value) {
    fmt::print("{:<15}{}\n", label, value.is_string() ? value.get<std::string>() : value.dump());
  };
  line("Plateau", info["version"]);
  line("LibTorch", info["libtorch"]);
  for (const Json& device : devices)
    line("device", device["name"].get<std::string>() + ": " + device["description"].get<std::string>());
  line("threads", info["hardware_threads"]);
  line("Fashion-MNIST", info["data"]["fashion_mnist"]["text"]);
  line("MNIST", info["data"]["mnist"]["text"]);
  line("assets", info["assets"]);
  line("settings", info["settings"]);
  line("recordings", info["recordings"]);
  line("log", info["log"]);
  fmt::print("\n{}\n", info["parallel"].get<std::string>());
  return 0;
}

} // namespace plateau::commands
