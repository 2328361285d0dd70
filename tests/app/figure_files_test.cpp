// `plateau figure` with recipes, tables and rows of pictures, from command line to file.
#include "tests/catch.h"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "app/commands/figure_frames.h"
#include "engine/errors.h"
#include "engine/recording/reader.h"
#include "tests/app/plateau_process.h"
#include "tests/gui/synthetic_run.h"
#include "tests/widgets/apng_reader.h"

using namespace plateau;
using test::launch;
using test::Scratch;
namespace fs = std::filesystem;

namespace {

std::vector<std::vector<std::string>> read_csv(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"')
        quoted = !quoted;
      else if (c == ',' && !quoted)
        fields.emplace_back();
      else
        fields.back() += c;
    }
    rows.push_back(std::move(fields));
  }
  return rows;
}

} // namespace

TEST_CASE("a recipe is one command, by name or by file") {
  const Scratch scratch;
  test::write_synthetic_recording(scratch / "run.plateau");
  auto outcome = launch(scratch, {"figure", "run.plateau", "--recipe", "eureka"});
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == "run-eureka.pdf\n");
  CHECK(test::read_file(scratch / "run-eureka.pdf").starts_with("%PDF"));
  // Nothing that exists is replaced without the person's word.
  outcome = launch(scratch, {"figure", "run.plateau", "--recipe", "eureka"});
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("exists already") && ContainsSubstring("--force"));
  CHECK(launch(scratch, {"figure", "run.plateau", "--recipe", "eureka", "--force"}).exit_code == 0);

  std::ofstream(scratch / "own.toml") << "[[row]]\n[[row.panel]]\nfigure = \"loss\"\n";
  outcome = launch(scratch, {"figure", "run.plateau", "--recipe", "own.toml", "--size", "100x50", "--theme",
                             "dark", "--member", "CNN", "--out", "own.svg"});
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto svg = test::read_file(scratch / "own.svg");
  CHECK(svg.find("width=\"283.46pt\" height=\"141.73pt\"") != std::string::npos);
  CHECK(svg.find(">CNN</text>") != std::string::npos);
  std::ofstream(scratch / "bad.toml") << "[[row]]\n[[row.panel]]\nfigure = \"los\"\n";
  outcome = launch(scratch, {"figure", "run.plateau", "--recipe", "bad.toml"});
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.err_lines().size() == 1);
  CHECK_THAT(outcome.err, ContainsSubstring("bad.toml:3: figure"));
  outcome = launch(scratch, {"figure", "run.plateau", "loss", "--recipe", "own.toml"});
  CHECK(outcome.exit_code == 2);
  outcome = launch(scratch, {"list", "recipes"});
  CHECK_THAT(outcome.out, ContainsSubstring("eureka") && ContainsSubstring("grokking"));
}

TEST_CASE("an option that changes none of the figures is refused, in one line") {
  const Scratch scratch;
  test::write_synthetic_recording(scratch / "run.plateau");
  const auto refusal = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"figure", "run.plateau"});
    const auto outcome = launch(scratch, arguments);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.err_lines().size() == 1);
    return outcome.err;
  };
  CHECK_THAT(refusal({"attention", "--log-x"}),
             ContainsSubstring("--log-x changes nothing in the figure attention: leave it out"));
  CHECK_THAT(refusal({"loss", "--layer", "1"}),
             ContainsSubstring("--layer changes nothing in the figure loss"));
  CHECK_THAT(refusal({"loss", "accuracy", "--reference", "CNN"}),
             ContainsSubstring("--reference changes nothing in the figures loss, accuracy"));
  // What one of them heeds is for that one.
  const auto outcome = launch(scratch, {"figure", "run.plateau", "loss", "attention", "--log-x"});
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
}

TEST_CASE("the numbers of a figure are those that were recorded") {
  const Scratch scratch;
  test::write_synthetic_recording(scratch / "run.plateau");
  REQUIRE(launch(scratch, {"figure", "run.plateau", "loss", "attention", "--smoothing", "0", "--member", "0",
                           "--out", "a.csv"})
              .exit_code == 0);
  const auto snapshot = test::synthetic_snapshot();
  const auto& series = snapshot->members[0].series.at("loss/validation");
  const auto rows = read_csv(scratch / "a-loss.csv");
  REQUIRE(rows.size() > series.size());
  CHECK(rows[0] == std::vector<std::string>{"plot", "series", "x", "y", "z"});
  std::size_t seen = 0;
  for (const auto& row : rows) {
    if (row[1] != snapshot->members[0].name + ", validation") continue;
    REQUIRE(seen < series.size());
    CHECK(row[0] == "loss");
    CHECK(std::stod(row[2]) == double(series[seen].step));
    CHECK(std::stod(row[3]) == series[seen].value); // every digit
    CHECK(row[4].empty());
    ++seen;
  }
  CHECK(seen == series.size());
  const auto maps = read_csv(scratch / "a-attention.csv");
  const recording::Reader reader(scratch / "run.plateau");
  const auto mean = *reader.frame(0, test::synthetic_steps)->tensors.at("attention/mean");
  CHECK(maps.size() == mean.data.size() + 1);
  CHECK(maps[1][1] == "layer 1, head 1");
  bool same = true;
  for (std::size_t i = 0; i < mean.data.size(); ++i) same &= std::stof(maps.at(i + 1)[4]) == mean.data[i];
  CHECK(same);
}

TEST_CASE("a row of pictures has one for each step, and an animation plays them") {
  const Scratch scratch;
  test::write_synthetic_recording(scratch / "run.plateau");
  auto outcome = launch(scratch, {"figure", "run.plateau", "attention", "--from", "1000", "--to", "3000",
                                  "--frames", "3", "--out", "f-%03d.svg"});
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == "f-001.svg to f-003.svg\n");
  CHECK(test::read_file(scratch / "f-001.svg").find("step 1\u202f000") != std::string::npos);
  CHECK(test::read_file(scratch / "f-002.svg").find("step 2\u202f000") != std::string::npos);
  CHECK(test::read_file(scratch / "f-003.svg").find("step 3\u202f000") != std::string::npos);
  outcome = launch(scratch, {"figure", "run.plateau", "loss", "--from", "1000", "--to", "3000", "--frames",
                             "3", "--rate", "4", "--size", "60x40", "--out", "f.apng"});
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const auto apng = test::read_apng(scratch / "f.apng");
  CHECK(apng.frames.size() == 3);
  CHECK(apng.seconds == std::vector<double>{0.25, 0.25, 0.25});
  CHECK(apng.width == 354);                // 60 mm at 150 dpi
  CHECK(apng.frames[0] != apng.frames[1]); // the playhead has moved
  CHECK_THAT(apng.text, ContainsSubstring("3 pictures from step 1000 to 3000"));

  const auto refused = [&](std::vector<std::string> more) {
    std::vector<std::string> all = {"figure", "run.plateau", "loss"};
    all.insert(all.end(), more.begin(), more.end());
    const auto result = launch(scratch, all);
    CHECK(result.exit_code == 2);
    CHECK(result.err_lines().size() == 1);
    return result.err;
  };
  CHECK_THAT(refused({"--from", "0", "--out", "a.png"}), ContainsSubstring("frame-%04d.png"));
  CHECK_THAT(refused({"--from", "5", "--to", "1", "--out", "a.apng"}), ContainsSubstring("--from"));
  CHECK_THAT(refused({"--frames", "0", "--out", "a.apng"}), ContainsSubstring("--frames 0"));
  CHECK_THAT(refused({"--frames", "2", "--out", "f.apng"}), ContainsSubstring("exists already"));
  CHECK_THAT(refused({"--frames", "2", "--rate", "3", "--out", "a%d.png"}), ContainsSubstring("--rate"));
  CHECK_THAT(refused({"--frames", "2"}), ContainsSubstring("--out"));
  CHECK(std::distance(fs::directory_iterator(scratch.path), fs::directory_iterator()) >= 5);
  CHECK_FALSE(fs::exists(scratch / "a.apng"));
}

TEST_CASE("numbers in names") {
  CHECK(commands::numbered("a-%04d.png", 7) == "a-0007.png");
  CHECK(commands::numbered("a%d.png", 12) == "a12.png");
  for (const char* bad : {"a.png", "a%d%d.png", "a%s.png", "a%4d.png", "a%", "a%0"})
    CHECK_THROWS_AS(commands::numbered(bad, 1), InputError);
}
