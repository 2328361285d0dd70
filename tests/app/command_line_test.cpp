#include "app/command_line.h"

#include "app/commands/study_arguments.h"
#include "engine/errors.h"
#include "tests/catch.h"

using namespace plateau;

namespace {

app::Arguments parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "plateau");
  return app::parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

/// The one line that a wrong command line gets.
std::string complaint(const std::vector<const char*>& arguments) {
  try {
    parse(arguments);
  } catch (const InputError& error) {
    const std::string text = error.what();
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  FAIL("was accepted");
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("no arguments mean the default window, words for help mean help") {
  CHECK(std::holds_alternative<app::NoArguments>(parse({})));
  for (const char* word : {"--help", "-h", "help"}) {
    const auto help = std::get<app::HelpArguments>(parse({word}));
    for (const char* command : {"gui", "run", "figure", "export", "inspect", "list", "info"})
      CHECK(contains(help.text, command));
  }
  CHECK(contains(std::get<app::HelpArguments>(parse({"run", "--help"})).text, "--seeds"));
  CHECK(std::get<app::HelpArguments>(parse({"--version"})).text.starts_with("plateau "));
}

TEST_CASE("every argument of run arrives") {
  const auto run = std::get<commands::RunArguments>(
      parse({"run", "eureka-full", "--set", "model.depth=2", "--set=optimizer.learning_rate=1e-3", "--steps",
             "70", "--seeds", "4", "--out", "x.plateau", "--device", "cpu", "--threads", "2", "--json"}));
  CHECK(run.study_named);
  CHECK(run.study.study == "eureka-full");
  CHECK(run.study.assignments == std::vector<std::string>{"model.depth=2", "optimizer.learning_rate=1e-3"});
  CHECK(run.study.steps == 70);
  CHECK(run.study.seeds == "4");
  CHECK(run.out == "x.plateau");
  CHECK(run.device == "cpu");
  CHECK(run.threads == 2);
  CHECK(run.json);
}

TEST_CASE("the option --set takes one value, so a study may follow it") {
  const auto run = std::get<commands::RunArguments>(parse({"run", "--set", "model.depth=2", "eureka"}));
  CHECK(run.study.study == "eureka");
  CHECK(run.study.assignments.size() == 1);
}

TEST_CASE("run may go on with a recording and needs no study then") {
  const auto run = std::get<commands::RunArguments>(parse({"run", "--resume", "x.plateau", "--steps", "90"}));
  CHECK_FALSE(run.study_named);
  CHECK(run.resume == "x.plateau");
  CHECK(run.study.steps == 90);
}

TEST_CASE("figure takes any number of names") {
  const auto figure = std::get<commands::FigureArguments>(
      parse({"figure", "x.plateau", "loss", "accuracy", "--size", "90x60", "--out", "x.svg", "--member",
             "ViT 0", "--member", "CNN", "--log-x"}));
  CHECK(figure.recording == "x.plateau");
  CHECK(figure.figures == std::vector<std::string>{"loss", "accuracy"});
  CHECK(figure.members == std::vector<std::string>{"ViT 0", "CNN"});
  CHECK(figure.size == "90x60");
  CHECK(figure.log_x);
  CHECK_FALSE(figure.log_y);
  CHECK(std::get<commands::FigureArguments>(parse({"figure", "--list"})).list);
}

TEST_CASE("export, inspect, list and info") {
  const auto export_ =
      std::get<commands::ExportArguments>(parse({"export", "x.plateau", "--csv", "folder", "--safetensors",
                                                 "w.safetensors", "--step", "20", "--force"}));
  CHECK(export_.csv == "folder");
  CHECK(export_.safetensors == "w.safetensors");
  CHECK(export_.step == 20);
  CHECK(export_.force);
  const auto inspect = std::get<commands::InspectArguments>(
      parse({"inspect", "x.plateau", "--step", "0", "--out", "i.safetensors", "--member", "ViT"}));
  CHECK(inspect.step == 0);
  CHECK(inspect.member == "ViT");
  CHECK(std::get<commands::ListArguments>(parse({"list", "studies", "--json"})).json);
  CHECK(std::get<commands::InfoArguments>(parse({"info", "--json"})).json);
}

TEST_CASE("a wrong command or option names the right one") {
  CHECK(contains(complaint({"rnu"}), "did you mean 'run'"));
  CHECK(contains(complaint({"xyzzy"}), "gui, run, figure"));
  CHECK(contains(complaint({"eureka"}), "plateau gui eureka"));
  CHECK(contains(complaint({"run", "eureka", "--sedes", "4"}),
                 "there is no option '--sedes', did you mean '--seeds'"));
  CHECK(contains(complaint({"run", "eureka", "--stpes=4"}), "did you mean '--steps'"));
  CHECK(contains(complaint({"run", "eureka", "other"}), "'other'"));
  CHECK(contains(complaint({"run", "eureka", "--device", "cdua"}), "did you mean 'cuda'"));
  CHECK(contains(complaint({"gui", "--theme", "drak"}), "did you mean 'dark'"));
}

TEST_CASE("a value that is missing or of the wrong kind is named") {
  CHECK(contains(complaint({"run", "eureka", "--steps", "many"}), "--steps"));
  CHECK(contains(complaint({"run", "eureka", "--steps"}), "--steps"));
  CHECK(contains(complaint({"run", "eureka", "--threads", "0"}), "--threads: 0"));
  CHECK(contains(complaint({"figure"}), "RECORDING"));
  CHECK(contains(complaint({"figure", "x.plateau"}), "FIGURE"));
  CHECK(contains(complaint({"export"}), "RECORDING"));
  CHECK(contains(complaint({"inspect"}), "RECORDING"));
}

TEST_CASE("seeds are a number or a list") {
  using commands::parse_seeds;
  CHECK(parse_seeds("4") == std::vector<std::int64_t>{0, 1, 2, 3});
  CHECK(parse_seeds("1,5,7") == std::vector<std::int64_t>{1, 5, 7});
  CHECK(parse_seeds("7,") == std::vector<std::int64_t>{7});
  for (const char* wrong : {"", "0", "-1", "x", "1,x", ",", "1,,2", "1,1", "4 ", "1e3", "1000000"})
    CHECK_THROWS_AS(parse_seeds(wrong), InputError);
}

TEST_CASE("members are found by name, then by number") {
  const std::vector<std::string> names{"ViT 0", "ViT 1", "0"};
  CHECK(commands::member_called("ViT 1", names) == 1);
  CHECK(commands::member_called("0", names) == 2);
  CHECK(commands::member_called("1", names) == 1);
  try {
    commands::member_called("ViT1", names);
    FAIL("was found");
  } catch (const InputError& error) {
    CHECK(contains(error.what(), "did you mean 'ViT 1'"));
  }
  CHECK_THROWS_AS(commands::member_called("3", names), InputError);
}

TEST_CASE("window sizes") {
  const auto size = commands::parse_pixel_size("1440x900");
  CHECK(size.width == 1440);
  CHECK(size.height == 900);
  for (const char* wrong :
       {"", "1440", "1440x", "x900", "1440x900x3", "10x10", "-1440x900", "1440 x 900", "99999x900"})
    CHECK_THROWS_AS(commands::parse_pixel_size(wrong), InputError);
}
