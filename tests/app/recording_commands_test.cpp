#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "app/commands/export.h"
#include "app/commands/figure.h"
#include "app/commands/inspect.h"
#include "app/commands/list.h"
#include "app/commands/study_arguments.h"
#include "engine/errors.h"
#include "tests/app/plateau_process.h"
#include "tests/catch.h"

using namespace plateau;
using namespace plateau::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void check_one_line(const Outcome& outcome, int exit_code, const std::string& part) {
  INFO("standard error: " << outcome.err);
  CHECK(outcome.exit_code == exit_code);
  CHECK(outcome.err_lines().size() == 1);
  CHECK(contains(outcome.err, part));
}

/// The one line with which a command refuses.
template<class Command> std::string refusal(const Command& command) {
  try {
    command();
  } catch (const InputError& error) {
    const std::string text = error.what();
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  FAIL("was accepted");
  return "";
}

/// The header of a safetensors file.
json safetensors_header(const fs::path& path) {
  const std::string file = read_file(path);
  REQUIRE(file.size() > 8);
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i)
    length = length << 8 | static_cast<unsigned char>(file[static_cast<std::size_t>(i)]);
  REQUIRE(8 + length <= file.size());
  return json::parse(file.substr(8, length));
}

/// One recording for all tests of this file: 40 steps of two seeds, checkpoints every 20.
const Scratch& recorded() {
  static const Scratch scratch;
  static const bool once = [] {
    const auto outcome =
        launch(scratch, {"run", write_tiny_study(scratch), "--seeds", "2", "--out", "run.plateau"});
    INFO(outcome.err);
    REQUIRE(outcome.exit_code == 0);
    return true;
  }();
  (void)once;
  return scratch;
}

} // namespace

TEST_CASE("export writes curves as CSV") {
  const Scratch& scratch = recorded();
  const Scratch out;
  const std::string folder = (out / "csv").string();
  const auto first = launch(scratch, {"export", "run.plateau", "--csv", folder});
  INFO(first.err);
  REQUIRE(first.exit_code == 0);
  CHECK(contains(first.out, folder));
  const std::string loss = read_file(out / "csv/loss.csv");
  CHECK(loss.starts_with("member,name,metric,step,value"));
  CHECK(contains(loss, "loss/validation,40,"));

  SECTION("it does not overwrite") {
    std::ofstream(out / "csv/loss.csv") << "mine";
    check_one_line(launch(scratch, {"export", "run.plateau", "--csv", folder}), 2, folder);
    CHECK(read_file(out / "csv/loss.csv") == "mine");
  }
  SECTION("unless told to, and then it leaves other files alone") {
    std::ofstream(out / "csv/loss.csv") << "old";
    std::ofstream(out / "csv/notes.csv") << "mine";
    REQUIRE(launch(scratch, {"export", "run.plateau", "--csv", folder, "--force"}).exit_code == 0);
    CHECK(read_file(out / "csv/loss.csv") == loss);
    CHECK(read_file(out / "csv/notes.csv") == "mine");
    CHECK(std::distance(fs::directory_iterator(out.path), fs::directory_iterator()) == 1);
  }
}

TEST_CASE("export writes the weights of a checkpoint") {
  const Scratch& scratch = recorded();
  const Scratch out;
  const std::string file = (out / "weights.safetensors").string();
  const auto outcome = launch(scratch, {"export", "run.plateau", "--safetensors", file});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const json header = safetensors_header(file);
  CHECK(header["__metadata__"]["step"] == "40");
  CHECK(header["__metadata__"]["seed"] == "0");
  CHECK(contains(header["__metadata__"]["study"].get<std::string>(), "[model]"));
  std::int64_t parameters = 0;
  for (const auto& [name, tensor] : header.items())
    if (name != "__metadata__") {
      std::int64_t count = 1;
      for (const auto& extent : tensor["shape"]) count *= extent.get<std::int64_t>();
      parameters += count;
    }
  CHECK(parameters > 1000);

  check_one_line(launch(scratch, {"export", "run.plateau", "--safetensors", file}), 2, "--force");
  const auto other = launch(
      scratch, {"export", "run.plateau", "--safetensors", file, "--step", "20", "--member", "1", "--force"});
  INFO(other.err);
  REQUIRE(other.exit_code == 0);
  CHECK(safetensors_header(file)["__metadata__"]["step"] == "20");
  CHECK(safetensors_header(file)["__metadata__"]["seed"] == "1");
  check_one_line(
      launch(scratch, {"export", "run.plateau", "--safetensors", (out / "x").string(), "--step", "33"}), 2,
      "40");
}

TEST_CASE("export writes for TensorBoard and NumPy") {
  const Scratch& scratch = recorded();
  const Scratch out;
  const std::string board = (out / "board").string(), npz = (out / "run.npz").string();
  const auto outcome = launch(scratch, {"export", "run.plateau", "--tensorboard", board, "--npz", npz});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "2 runs for TensorBoard"));
  CHECK(read_file(npz).starts_with("PK\x03\x04"));
  std::vector<fs::path> runs;
  for (const auto& run : fs::directory_iterator(out / "board")) runs.push_back(run.path());
  REQUIRE(runs.size() == 2);

  check_one_line(launch(scratch, {"export", "run.plateau", "--tensorboard", board}), 2, "exists already");
  check_one_line(launch(scratch, {"export", "run.plateau", "--npz", npz}), 2, "--force");
  // Forced, an older export of ours gives way; what others wrote stays.
  std::ofstream(runs[0] / "events.out.tfevents.1.plateau") << "old";
  std::ofstream(runs[0] / "events.out.tfevents.1.elsewhere") << "other";
  REQUIRE(
      launch(scratch, {"export", "run.plateau", "--tensorboard", board, "--npz", npz, "--force"}).exit_code ==
      0);
  CHECK_FALSE(fs::exists(runs[0] / "events.out.tfevents.1.plateau"));
  CHECK(fs::exists(runs[0] / "events.out.tfevents.1.elsewhere"));
  CHECK(std::distance(fs::directory_iterator(runs[0]), fs::directory_iterator()) == 2);
  CHECK(std::distance(fs::directory_iterator(out.path), fs::directory_iterator()) ==
        2); // nothing beside them

  const std::string one = (out / "one").string();
  REQUIRE(launch(scratch, {"export", "run.plateau", "--tensorboard", one, "--member", "1"}).exit_code == 0);
  CHECK(std::distance(fs::directory_iterator(one), fs::directory_iterator()) == 1);
  check_one_line(launch(scratch, {"export", "run.plateau", "--tensorboard", board, "--step", "20"}), 2,
                 "--npz");
  check_one_line(launch(scratch, {"export", "run.plateau", "--csv", one, "--member", "1"}), 2, "--member");
  check_one_line(launch(scratch, {"export", "run.plateau"}), 2, "--tensorboard FOLDER");
}

TEST_CASE("inspect writes what the model computes") {
  const Scratch& scratch = recorded();
  const Scratch out;
  const std::string file = (out / "inside.safetensors").string();
  const auto outcome = launch(scratch, {"inspect", "run.plateau", "--step", "20", "--out", file});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const json header = safetensors_header(file);
  const auto shape = [&](const std::string& name) {
    INFO(name);
    REQUIRE(header.contains(name));
    return header[name]["shape"].get<std::vector<std::int64_t>>();
  };
  const auto attention = shape("attention.layer1");
  REQUIRE(attention.size() == 4);
  CHECK(attention[1] == 2); // heads
  CHECK(attention[2] == attention[3]);
  CHECK(shape("logits") == std::vector<std::int64_t>{attention[0], 10});
  CHECK(shape("inputs").front() == attention[0]);
  CHECK(shape("targets") == std::vector<std::int64_t>{attention[0]});
  std::set<std::string> weights;
  for (const auto& [name, tensor] : header.items())
    if (name.starts_with("weight.")) weights.insert(name);
  CHECK(weights.size() > 5);

  check_one_line(launch(scratch, {"inspect", "run.plateau", "--step", "20", "--out", file}), 2, "--force");
  check_one_line(launch(scratch, {"inspect", "run.plateau", "--step", "33", "--out", (out / "x").string()}),
                 2, "40");
  check_one_line(launch(scratch, {"inspect", "run.plateau", "--out", (out / "x").string()}), 2, "--step");
  check_one_line(launch(scratch, {"inspect", "run.plateau", "--step", "20", "--member", "nobody", "--out",
                                  (out / "x").string()}),
                 2, "nobody");
  CHECK_FALSE(fs::exists(out / "x"));
}

TEST_CASE("nothing is ever written over a recording") {
  const Scratch& scratch = recorded();
  const std::string before = read_file(scratch / "run.plateau");
  check_one_line(launch(scratch, {"export", "run.plateau", "--safetensors", "run.plateau", "--force"}), 2,
                 "run.plateau");
  CHECK(read_file(scratch / "run.plateau") == before);
}

TEST_CASE("figures are drawn without a display, by suffix") {
  const Scratch& scratch = recorded();
  const Scratch out;
  for (const auto& [suffix, magic] : {std::pair{".pdf", "%PDF"}, {".svg", "<?xml"}, {".png", "\x89PNG"}}) {
    const std::string file = (out / ("loss" + std::string(suffix))).string();
    const auto outcome = launch(scratch, {"figure", "run.plateau", "loss", "--out", file});
    INFO(outcome.err);
    REQUIRE(outcome.exit_code == 0);
    CHECK(contains(outcome.out, file));
    CHECK(read_file(file).starts_with(magic));
  }
  check_one_line(launch(scratch, {"figure", "run.plateau", "los"}), 2, "did you mean 'loss'");
}

TEST_CASE("a file that is no recording is refused in one line by every command that reads one") {
  const Scratch scratch;
  std::ofstream(scratch / "foreign.plateau")
      << "not a recording, but long enough to look like a file of some kind";
  const std::string whole = read_file(recorded() / "run.plateau");
  std::ofstream(scratch / "truncated.plateau", std::ios::binary) << whole.substr(0, whole.size() / 3);
  for (const std::string name : {"foreign.plateau", "truncated.plateau", "missing.plateau"}) {
    const std::string path = (scratch / name).string(), out = (scratch / "out").string();
    CHECK(contains(refusal([&] { commands::export_command({.recording = path, .csv = out}); }), name));
    CHECK(contains(refusal([&] { commands::inspect_command({.recording = path, .step = 20, .out = out}); }),
                   name));
    commands::FigureArguments figure;
    figure.recording = path;
    figure.figures = {"loss"};
    figure.out = out + ".pdf";
    CHECK(contains(refusal([&] { commands::figure_command(figure); }), name));
  }
  check_one_line(launch(scratch, {"figure", "foreign.plateau", "loss"}), 2, "foreign.plateau");
}

TEST_CASE("every list is there for people and as JSON") {
  for (const std::string what : {"studies", "attention", "tasks", "probes", "figures", "fields"}) {
    INFO(what);
    const std::string text = commands::list_text({.what = what});
    const json list = json::parse(commands::list_text({.what = what, .json = true}));
    REQUIRE(list.is_array());
    REQUIRE_FALSE(list.empty());
    for (const json& entry : list) CHECK(contains(text, entry["name"].get<std::string>()));
  }
  CHECK(contains(refusal([] { commands::list_text({.what = "studeis"}); }), "did you mean 'studies'"));
  CHECK(contains(refusal([] { commands::list_text({}); }), "studies, attention"));

  const Scratch scratch;
  const auto outcome = launch(scratch, {"list", "fields", "--json"});
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == commands::list_text({.what = "fields", .json = true}));
}

TEST_CASE("the reference of fields tells type, default, range and unit") {
  const json list = json::parse(commands::list_text({.what = "fields", .json = true}));
  const auto rate = std::find_if(
      list.begin(), list.end(), [](const json& field) { return field["name"] == "optimizer.learning_rate"; });
  REQUIRE(rate != list.end());
  CHECK((*rate)["type"] == "real");
  CHECK((*rate)["default"] == 1e-3);
  CHECK((*rate)["minimum"].get<double>() < (*rate)["maximum"].get<double>());
  CHECK((*rate)["live"] == true);
  CHECK_FALSE((*rate)["help"].get<std::string>().empty());
}

TEST_CASE("every attention variant and study that is listed is accepted") {
  const Scratch scratch;
  const std::string study = write_tiny_study(scratch, 1);
  for (const json& variant : json::parse(commands::list_text({.what = "attention", .json = true}))) {
    const std::string name = variant["name"];
    INFO(name);
    const auto chosen =
        commands::chosen_study({.study = study, .assignments = {"attention.variant=" + name}});
    CHECK(chosen.settings.attention.variant == name);
  }
  for (const json& shipped : json::parse(commands::list_text({.what = "studies", .json = true}))) {
    const std::string name = shipped["name"];
    CHECK(commands::chosen_study({.study = name}).name == name);
  }
}

TEST_CASE("info tells what there is") {
  const Scratch scratch;
  const auto outcome = launch(scratch, {"info", "--json"});
  REQUIRE(outcome.exit_code == 0);
  const json info = json::parse(outcome.out);
  CHECK(contains(info["data"]["fashion_mnist"]["text"].get<std::string>(), "/"));
  CHECK(info["devices"][0]["name"] == "cpu");
  CHECK(info["settings"].get<std::string>().starts_with((scratch / "home/config").string()));
  CHECK(info["recordings"].get<std::string>().starts_with((scratch / "home/data").string()));
  CHECK(info["log"].get<std::string>().starts_with((scratch / "home/state").string()));

  fs::create_directories(scratch / "empty");
  const auto without =
      launch(scratch, {"info", "--json"}, {{"PLATEAU_FASHION_MNIST", (scratch / "empty").string()}});
  REQUIRE(without.exit_code == 0);
  CHECK(json::parse(without.out)["data"]["fashion_mnist"]["found"] == false);
}

TEST_CASE("without a home the log is left out, not the run") {
  const Scratch scratch;
  const auto outcome = launch(scratch, {"list", "studies"}, {{"HOME", ""}, {"XDG_STATE_HOME", ""}});
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.err.empty());
}

TEST_CASE("a window that cannot open gives one line") {
  const Scratch scratch;
  const auto outcome = launch(scratch, {"gui", write_tiny_study(scratch)});
  check_one_line(outcome, 2, "display");
}
