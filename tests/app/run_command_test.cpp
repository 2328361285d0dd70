#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "app/commands/study_arguments.h"
#include "engine/errors.h"
#include "engine/recording/reader.h"
#include "tests/app/plateau_process.h"
#include "tests/catch.h"

using namespace plateau::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// All lines of `run --json`.
std::vector<json> json_lines(const Outcome& outcome) {
  std::vector<json> lines;
  for (const std::string& line : outcome.out_lines()) lines.push_back(json::parse(line));
  return lines;
}

void check_one_line(const Outcome& outcome, int exit_code, const std::string& part) {
  INFO("standard error: " << outcome.err);
  CHECK(outcome.exit_code == exit_code);
  CHECK(outcome.err_lines().size() == 1);
  CHECK(contains(outcome.err, part));
}

} // namespace

TEST_CASE("run trains a study, tells of it in JSON and leaves a recording") {
  const Scratch scratch;
  const auto outcome = launch(scratch, {"run", write_tiny_study(scratch), "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  CHECK(outcome.err.empty());
  const auto lines = json_lines(outcome);
  REQUIRE(lines.size() >= 2);
  CHECK(lines.front()["type"] == "start");
  CHECK(lines.front()["planned_steps"] == 40);
  const json& summary = lines.back();
  CHECK(summary["type"] == "summary");
  CHECK(summary["status"] == "finished");
  CHECK(summary["step"] == 40);
  REQUIRE(summary["members"].size() == 1);
  CHECK(summary["members"][0]["name"] == "ViT");
  CHECK(summary["members"][0]["seed"] == 3);
  CHECK(summary["members"][0]["parameters"].get<int>() > 1000);
  CHECK(summary["members"][0]["train_loss"].get<double>() > 0);
  CHECK(summary["seconds"].get<double>() > 0);

  const fs::path recording = summary["recording"].get<std::string>();
  CHECK(recording.filename() == "tiny.plateau");
  const plateau::recording::Reader reader(recording);
  const auto snapshot = reader.snapshot();
  CHECK(snapshot->step == 40);
  CHECK(snapshot->members.at(0).series.at("loss/validation").back().value ==
        summary["members"][0]["validation_loss"].get<double>());
}

TEST_CASE("the options --set, --steps and --seeds change what is trained") {
  const Scratch scratch;
  const auto outcome =
      launch(scratch, {"run", write_tiny_study(scratch), "--json", "--steps", "20", "--seeds", "5,9", "--set",
                       "model.width=8", "--out", "changed.plateau", "--threads", "1"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const json summary = json_lines(outcome).back();
  CHECK(summary["step"] == 20);
  CHECK(fs::path(summary["recording"].get<std::string>()).filename() == "changed.plateau");
  REQUIRE(summary["members"].size() == 2);
  CHECK(summary["members"][0]["seed"] == 5);
  CHECK(summary["members"][1]["seed"] == 9);
  CHECK(plateau::recording::Reader(scratch / "changed.plateau").study().settings.model.width == 8);
}

TEST_CASE("without --json a pipe gets plain lines") {
  const Scratch scratch;
  const auto outcome = launch(scratch, {"run", write_tiny_study(scratch)});
  REQUIRE(outcome.exit_code == 0);
  CHECK_FALSE(contains(outcome.out, "\x1b"));
  CHECK(contains(outcome.out, "tiny: A tiny study"));
  CHECK(contains(outcome.out, "tiny finished at step 40"));
  CHECK(contains(outcome.out, "tiny.plateau"));
}

TEST_CASE("a run never writes into an existing file") {
  const Scratch scratch;
  const std::string study = write_tiny_study(scratch, 10);
  REQUIRE(launch(scratch, {"run", study}).exit_code == 0);
  const std::string before = read_file(scratch / "tiny.plateau");

  SECTION("a name of its own is found") {
    const auto second = launch(scratch, {"run", study, "--json"});
    REQUIRE(second.exit_code == 0);
    CHECK(fs::path(json_lines(second).back()["recording"].get<std::string>()).filename() == "tiny-2.plateau");
  }
  SECTION("a name that is taken is refused") {
    check_one_line(launch(scratch, {"run", study, "--out", "tiny.plateau"}), 2, "tiny.plateau");
  }
  CHECK(read_file(scratch / "tiny.plateau") == before);
}

TEST_CASE("SIGINT and SIGTERM stop a run with a whole recording, and --resume goes on") {
  const Scratch scratch;
  const std::string study = write_tiny_study(scratch, 1'000'000);
  const int signal = GENERATE(SIGINT, SIGTERM);
  PlateauProcess process(scratch, {"run", study, "--json", "--out", "long.plateau"});
  REQUIRE(process.wait_for_output("\"progress\""));
  process.send(signal);
  const auto outcome = process.wait();
  CHECK(outcome.exit_code == 130);
  CHECK(outcome.err.empty());
  const json summary = json_lines(outcome).back();
  CHECK(summary["type"] == "summary");
  CHECK(summary["status"] == "interrupted");
  const auto stopped = summary["step"].get<std::int64_t>();
  CHECK(stopped > 0);
  CHECK(plateau::recording::Reader(scratch / "long.plateau").snapshot()->step == stopped);

  const auto steps = std::to_string(stopped + 20);
  const auto resumed = launch(scratch, {"run", "--resume", "long.plateau", "--steps", steps, "--json"});
  INFO(resumed.err);
  REQUIRE(resumed.exit_code == 0);
  const auto lines = json_lines(resumed);
  CHECK(lines.front()["step"] == stopped);
  CHECK(lines.back()["status"] == "finished");
  CHECK(lines.back()["step"] == stopped + 20);
}

TEST_CASE("the option --resume says what does not fit") {
  const Scratch scratch;
  REQUIRE(launch(scratch, {"run", write_tiny_study(scratch, 10)}).exit_code == 0);
  check_one_line(launch(scratch, {"run", "eureka", "--resume", "tiny.plateau"}), 2, "'tiny'");
  check_one_line(launch(scratch, {"run", "--resume", "tiny.plateau", "--set", "model.width=8"}), 2, "--set");
  check_one_line(launch(scratch, {"run", "--resume", "missing.plateau"}), 2, "missing.plateau");
  std::ofstream(scratch / "foreign.plateau")
      << "not a recording, but long enough to look like a file of some kind";
  check_one_line(launch(scratch, {"run", "--resume", "foreign.plateau"}), 2, "foreign.plateau");
}

TEST_CASE("bad input gives one line and exit code 2, and leaves no file") {
  const Scratch scratch;
  const std::string study = write_tiny_study(scratch);
  check_one_line(launch(scratch, {"rnu"}), 2, "did you mean 'run'");
  check_one_line(launch(scratch, {"run"}), 2, "plateau list studies");
  check_one_line(launch(scratch, {"run", study, "--set", "model.widht=8"}), 2, "did you mean 'model.width'");
  check_one_line(launch(scratch, {"run", study, "--out", "missing/folder/x.plateau"}), 2, "missing/folder");
  std::ofstream(scratch / "broken.toml") << "name = \"broken\"\n[model]\nwidht = 8\n";
  check_one_line(launch(scratch, {"run", "broken.toml"}), 2, "broken.toml:3");
  for (const auto& entry : fs::directory_iterator(scratch.path))
    CHECK(entry.path().extension() != ".plateau");
}

TEST_CASE("what a study may not be changed to is refused in one line") {
  const Scratch scratch;
  const std::string study = write_tiny_study(scratch);
  const auto refusal = [&](plateau::commands::StudyArguments arguments) -> std::string {
    if (arguments.study == "eureka") arguments.study = study;
    try {
      plateau::commands::chosen_study(arguments);
    } catch (const plateau::InputError& error) {
      const std::string text = error.what();
      CHECK(text.find('\n') == std::string::npos);
      return text;
    }
    FAIL("was accepted");
    return "";
  };
  CHECK(contains(refusal({.study = "eureak"}), "did you mean 'eureka'"));
  CHECK(contains(refusal({.assignments = {"model.width=wide"}}), "model.width"));
  CHECK(contains(refusal({.assignments = {"model.width"}}), "model.width"));
  CHECK(contains(refusal({.assignments = {"optimizer.learning_rate=-1"}}), "optimizer.learning_rate"));
  CHECK(contains(refusal({.assignments = {"model.width=9"}}), "heads"));
  CHECK(contains(refusal({.steps = 0}), "training.steps"));
  CHECK(contains(refusal({.seeds = "none"}), "--seeds"));
}

TEST_CASE("missing data are named, with what to install") {
  const Scratch scratch;
  fs::create_directories(scratch / "empty");
  const auto outcome = launch(scratch, {"run", write_tiny_study(scratch)},
                              {{"PLATEAU_FASHION_MNIST", (scratch / "empty").string()}});
  check_one_line(outcome, 2, "dataset-fashion-mnist");
  CHECK(contains(outcome.err, (scratch / "empty").string()));
  CHECK_FALSE(fs::exists(scratch / "tiny.plateau"));
}

TEST_CASE("a disk that is full gives one line and exit code 1") {
  if (!fs::exists("/dev/full")) return;
  const Scratch scratch;
  const fs::path errors = scratch / "errors";
  const std::string command =
      std::string(PLATEAU_EXECUTABLE) + " list fields > /dev/full 2> '" + errors.string() + "'";
  const int status = std::system(command.c_str());
  CHECK(WEXITSTATUS(status) == 1);
  const std::string text = read_file(errors);
  CHECK(text.starts_with("plateau: "));
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}
