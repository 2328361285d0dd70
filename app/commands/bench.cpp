#include "app/commands/bench.h"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/terminal/live_lines.h"
#include "engine/bench/bench.h"

namespace plateau::commands {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const bench::Machine& machine) {
  return {{"processor", machine.processor},
          {"instruction_set", machine.instruction_set},
          {"threads", machine.threads},
          {"fast_bfloat16", machine.fast_bfloat16},
          {"peak_float32_flops", machine.peak_float32},
          {"peak_bfloat16_flops", machine.peak_bfloat16}};
}

Json as_json(const bench::Result& result) {
  Json json{{"case", result.info.name},
            {"title", result.info.title},
            {"model_flops_per_step", result.info.model_flops},
            {"needed_flops_per_step", result.info.needed_flops},
            {"verified", Json::array()},
            {"timings", Json::array()}};
  for (const auto& one : result.verifications)
    json["verified"].push_back({{"path", one.path},
                                {"precision", one.precision},
                                {"largest_loss_difference", one.loss_difference},
                                {"bound", one.bound},
                                {"passed", one.passed()}});
  for (const auto& one : result.timings)
    json["timings"].push_back({{"path", one.path},
                               {"precision", one.precision},
                               {"steps_per_second", one.steps_per_second},
                               {"effective_flops", one.effective_flops},
                               {"share_of_peak", one.share_of_peak},
                               {"forward", one.forward},
                               {"backward", one.backward},
                               {"optimizer", one.optimizer}});
  return json;
}

void print(const bench::Result& result) {
  fmt::print("\n{}: {}\n", result.info.name, result.info.title);
  for (const auto& one : result.timings)
    fmt::print("  {:<12}{:<10}{:>9.1f} steps/s {:>6.2f}x {:>8.1f} GFLOP/s {:>5.0f} % of peak{}\n", one.path,
               one.precision, one.steps_per_second,
               one.steps_per_second / result.timings.front().steps_per_second, one.effective_flops / 1e9,
               one.share_of_peak * 100,
               one.forward > 0 ? fmt::format("   forward {:.0f} %, backward {:.0f} %, optimizer {:.0f} %",
                                             one.forward * 100, one.backward * 100, one.optimizer * 100)
                               : "");
  for (const auto& one : result.verifications)
    fmt::print("  {} {}: loss of 50 steps within {:.1e} of LibTorch float64{}\n", one.path, one.precision,
               one.loss_difference,
               one.bound == 0 ? ""
                              : fmt::format(" (bound {:.0e}){}", one.bound, one.passed() ? "" : "  FAILED"));
}

} // namespace

int bench_command(const BenchArguments& arguments) {
  if (arguments.list) {
    for (const auto& info : bench::cases()) fmt::print("{:<16}{}\n", info.name, info.title);
    return 0;
  }
  std::vector<bench::CaseInfo> chosen;
  for (const auto& name : arguments.cases) chosen.push_back(bench::find_case(name));
  if (chosen.empty()) chosen = bench::cases();

  terminal::LiveLines live(stderr);
  const bool shown = !arguments.json && terminal::is_interactive(stderr);
  const bench::Options options{arguments.threads, arguments.rounds, arguments.seconds,
                               !arguments.skip_verification};
  const auto machine = bench::measure_machine(options);
  if (arguments.json)
    fmt::print("{}\n", as_json(machine).dump());
  else
    fmt::print("{}, {}, {} threads; large products: float32 {:.0f} GFLOP/s{}\n", machine.processor,
               machine.instruction_set, machine.threads, machine.peak_float32 / 1e9,
               machine.fast_bfloat16 ? fmt::format(", bfloat16 {:.0f} GFLOP/s", machine.peak_bfloat16 / 1e9)
                                     : "; no bfloat16 instructions: verified, not timed");
  bool passed = true;
  for (const auto& info : chosen) {
    const auto result = bench::run(info, options, machine, [&](const std::string& what) {
      if (shown) live.show({info.name + ": " + what});
    });
    live.clear();
    if (arguments.json)
      fmt::print("{}\n", as_json(result).dump());
    else
      print(result);
    std::fflush(stdout);
    for (const auto& one : result.verifications) passed = passed && one.passed();
  }
  return passed ? 0 : 1;
}

} // namespace plateau::commands
