// `plateau bench`: what it prints, not how fast it is.
#include <nlohmann/json.hpp>

#include "tests/app/plateau_process.h"
#include "tests/catch.h"

using namespace plateau::test;

TEST_CASE("bench verifies each path against LibTorch in float64 before it times") {
  const Scratch scratch;
  const auto outcome = launch(scratch, {"bench", "decoder-small", "linear", "--rounds", "1", "--seconds", "0",
                                        "--threads", "2", "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const auto lines = outcome.out_lines();
  REQUIRE(lines.size() == 3);
  const auto machine = nlohmann::json::parse(lines[0]);
  CHECK(machine["threads"] == 2);
  CHECK(machine["peak_float32_flops"].get<double>() > 1e8);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto result = nlohmann::json::parse(lines[i]);
    INFO(lines[i]);
    CHECK(result["timings"].size() >= 2);
    CHECK(result["timings"][0]["path"] == "LibTorch");
    for (const auto& timing : result["timings"]) CHECK(timing["steps_per_second"].get<double>() > 0);
    CHECK(result["verified"].size() >= 2);
    for (const auto& one : result["verified"]) {
      CHECK(one["passed"] == true);
      CHECK(one["largest_loss_difference"].get<double>() > 0); // different arithmetic, really carried out
    }
  }
}

TEST_CASE("bench names its cases and refuses others") {
  const Scratch scratch;
  const auto listed = launch(scratch, {"bench", "--list"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.out_lines().size() == 11);
  const auto wrong = launch(scratch, {"bench", "decodr"});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.err, ContainsSubstring("decoder"));
  CHECK(launch(scratch, {"bench", "--rounds", "0"}).exit_code == 2);
}
