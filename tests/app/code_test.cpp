// Studies as text to paste elsewhere, read back: TOML and command lines by Plateau, scripts by Python and,
// where it is installed, by PyTorch.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/code/code.h"
#include "app/commands/code.h"
#include "app/commands/study_arguments.h"
#include "engine/errors.h"
#include "engine/recording/reader.h"
#include "engine/study/fields.h"
#include "tests/app/plateau_process.h"
#include "tests/catch.h"
#include "tests/python.h"

using namespace plateau;
using namespace plateau::test;

using Catch::Matchers::StartsWith;

namespace {

/// The study that a command trains, as a shell splits it.
study::Study trained_by(const std::string& command) {
  const auto words = output_of("set -- " + command.substr(0, command.find('\n')) + "; printf '%s\\n' \"$@\"");
  std::vector<std::string> arguments;
  for (std::size_t begin = 0; begin < words.size();) {
    const auto end = words.find('\n', begin);
    arguments.push_back(words.substr(begin, end - begin));
    begin = end + 1;
  }
  REQUIRE(arguments.size() >= 3);
  CHECK(arguments[0] == "plateau");
  CHECK(arguments[1] == "run");
  commands::StudyArguments study{.study = arguments[2]};
  for (std::size_t i = 3; i + 1 < arguments.size(); i += 2)
    (arguments[i] == "--seeds" ? study.seeds : study.assignments.emplace_back()) = arguments[i + 1];
  return commands::chosen_study(study);
}

void check_alike(const study::Study& a, const study::Study& b) {
  CHECK(a.settings == b.settings);
  CHECK(a.members == b.members);
  CHECK(a.interventions == b.interventions);
}

std::string script_of(const study::Study& study, const study::MemberSpec& member) {
  return code::as_pytorch(code::subject(study, member));
}

/// A member of each shipped study, as small as it can be without becoming another model.
study::Study shortened(const std::string& name) {
  auto study = study::load_study(name);
  for (const auto* assignment :
       {"training.steps=2", "training.evaluate_every=1", "task.validation_samples=64"})
    study::apply_assignment(study, assignment);
  if (study.settings.training.batch_size > 16) study::apply_assignment(study, "training.batch_size=16");
  study.settings.probes.samples = study.settings.probes.curvature_samples = 16;
  for (auto& member : study.members)
    std::erase_if(member.overrides, [](const auto& o) { return o.field.starts_with("probes."); });
  study.interventions.clear();
  return study;
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

/// Trains two steps with Plateau and with the script of a member: both have as many parameters, and an
/// untrained model's loss, which differs between seeds by less than `tolerance`.
void check_with_pytorch(const std::string& name, const std::string& which, double tolerance,
                        const std::string& more = "") {
  const auto python = python_with("torch");
  if (python.empty()) {
    WARN("PyTorch is not installed: scripts were compiled, not run");
    return;
  }
  INFO(name << ", " << which);
  const Scratch scratch;
  auto study = shortened(name);
  if (!more.empty()) study::apply_assignment(study, more);
  if (!which.empty()) std::erase_if(study.members, [&](const auto& member) { return member.name != which; });
  REQUIRE(!study.members.empty());
  study.members.resize(1);
  write(scratch / "study.toml", study::to_toml(study));
  const auto outcome = launch(scratch, {"run", "study.toml", "--out", "run.plateau", "--threads", "1"});
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const recording::Reader reader(scratch / "run.plateau");
  const auto parameters = reader.members().at(0).parameters;
  const auto losses = reader.series(0, "loss/validation");
  REQUIRE(!losses.empty());

  write(scratch / "script.py", script_of(study, study.members[0]));
  const auto text = output_of("OMP_NUM_THREADS=1 CUDA_VISIBLE_DEVICES= " + python + " '" +
                              (scratch / "script.py").string() + "'");
  INFO(text);
  CHECK_THAT(text, StartsWith("parameters " + std::to_string(parameters) + "\n"));
  const auto first = text.find("validation ");
  REQUIRE(first != std::string::npos);
  CHECK(std::stod(text.substr(first + 11)) == Approx(losses[0].value).margin(tolerance));
  CHECK_THAT(text, ContainsSubstring("\nstep 2  loss "));
}

} // namespace

TEST_CASE("every shipped study survives as TOML and as a command line") {
  for (const auto& file : study::list_studies()) {
    INFO(file.name);
    const auto study = study::load_study(file.name);
    CHECK(study::parse_study(code::as_toml(study), "copied") == study);
    CHECK(code::as_command(study) == "plateau run " + file.name + "\n");
  }
}

TEST_CASE("a command line holds what differs from the shipped study, and no more") {
  auto study = study::load_study("linear");
  study::apply_assignment(study, "training.steps=77");
  study::apply_assignment(study, "optimizer.weight_decay=0.25");
  CHECK(code::as_command(study) ==
        "plateau run linear --set optimizer.weight_decay=0.25 --set training.steps=77\n");
  check_alike(trained_by(code::as_command(study)), study);

  auto one = study::load_study("eureka");
  study::set_seeds(one, {7});
  CHECK(code::as_command(one) == "plateau run eureka --seeds 7,\n");
  check_alike(trained_by(code::as_command(one)), one);
  study::set_seeds(one, {3, 1, 2});
  study::apply_assignment(one, "task.mnist_folder=/data/it's; rm -rf $HOME `x`");
  CHECK_THAT(code::as_command(one),
             ContainsSubstring("--set 'task.mnist_folder=/data/it'\\''s; rm -rf $HOME `x`'"));
  check_alike(trained_by(code::as_command(one)), one);
}

TEST_CASE("what no option can say is written to a file by the command") {
  const Scratch scratch;
  auto study = study::load_study(write_tiny_study(scratch));
  study.members[0].overrides = {{"optimizer.learning_rate", 0.5}};
  study.description = "two\nEND\nlines";
  const auto command = code::as_command(study);
  const std::string last = " && plateau run ./tiny.toml\n";
  INFO(command);
  REQUIRE(command.find(last) != std::string::npos);
  // The shell writes the file; instead of training, it is read here.
  auto only_written = command;
  only_written.replace(only_written.find("&& plateau run ./tiny.toml"), 26, "");
  std::filesystem::remove(scratch / "tiny.toml");
  write(scratch / "write.sh", only_written);
  const auto go = "cd '" + scratch.path.string() + "' && sh write.sh";
  output_of(go);
  CHECK(study::load_study((scratch / "tiny.toml").string()) == study);
  CHECK(std::system((go + " 2>/dev/null").c_str()) != 0); // never over a file that is there
}

TEST_CASE("interventions stand in front as comments") {
  auto study = study::load_study("eureka");
  study::Intervention by_hand;
  by_hand.step = 120;
  by_hand.member = "ViT";
  by_hand.changes = {{"attention.variant", std::string("norm-softmax")}};
  auto happened = study.interventions;
  happened.push_back(by_hand);
  const auto notes = code::notes(study, happened);
  REQUIRE(notes.size() == 2); // what is scripted is in the study itself
  CHECK_THAT(notes[1], ContainsSubstring("step 120: attention.variant = norm-softmax on ViT"));
  CHECK_THAT(code::as_toml(study, notes), StartsWith("# ") && ContainsSubstring("# step 120"));
  CHECK(study::parse_study(code::as_toml(study, notes), "copied") == study);
  CHECK_THAT(code::as_command(study, notes),
             ContainsSubstring("# step 120") && ContainsSubstring("\nplateau run eureka\n"));
  CHECK_THAT(script_of(study, study.members[1]), ContainsSubstring("# step 1000: halt CNN"));
  CHECK_THAT(script_of(study, study.members[0]), !ContainsSubstring("step 1000"));
}

TEST_CASE("what cannot be written in PyTorch says why, in one line") {
  study::Settings settings = study::load_study("eureka").settings;
  CHECK(code::why_not_pytorch(settings).empty());
  settings.attention.variant = "sinkhorn";
  CHECK(code::why_not_pytorch(settings) ==
        "attention.variant = sinkhorn is not written in plain PyTorch here");
  settings.model.kind = "resnet"; // has no attention
  CHECK(code::why_not_pytorch(settings).empty());
  settings.training.precision = "bfloat16";
  CHECK_THAT(code::why_not_pytorch(settings), ContainsSubstring("training.precision = bfloat16"));
  CHECK_THAT(code::why_not_pytorch(study::load_study("laser-text").settings),
             ContainsSubstring("task.kind = text"));
  const auto study = study::load_study("laser-text");
  CHECK_THROWS_AS(script_of(study, study.members[0]), InputError);
}

TEST_CASE("Python reads the script of every member that can be written") {
  const Scratch scratch;
  std::filesystem::create_directories(scratch / "scripts");
  int count = 0;
  const auto keep = [&](const study::Study& study, const study::MemberSpec& member) {
    if (!code::why_not_pytorch(study::settings_of(study, member)).empty()) return;
    write(scratch / ("scripts/" + std::to_string(++count) + ".py"), script_of(study, member));
  };
  for (const auto& file : study::list_studies()) {
    auto study = study::load_study(file.name);
    for (const auto& member : study.members) keep(study, member);
  }
  // What no shipped study asks for.
  auto odd = study::load_study("icl-quick");
  odd.name = "odd \"\"\"\n' \\ name";
  for (const auto* variant : {"norm-softmax", "norm-softmax-std", "softmax-plus-one", "clipped-softmax",
                              "soft-cap", "sigmoid", "relu"}) {
    study::apply_assignment(odd, std::string("attention.variant=") + variant);
    keep(odd, odd.members[0]);
  }
  CHECK(count > 60);
  output_of(std::string(PLATEAU_PYTHON) + " -m compileall -q '" + (scratch / "scripts").string() + "'");
}

TEST_CASE("gradients are rescaled where there is attention, and an untrained model is reported as it is") {
  auto study = study::load_study("eureka");
  study::apply_assignment(study, "optimizer.gradient_rescaling=mean");
  const auto script = [&](const char* kind) {
    auto member = study.members[0];
    member.overrides.push_back({"model.kind", std::string(kind)});
    return script_of(study, member);
  };
  CHECK_THAT(script("vision-transformer"), ContainsSubstring("block.qkv.weight.grad"));
  const auto resnet = script("resnet");
  CHECK_THAT(resnet, !ContainsSubstring("qkv"));
  CHECK(resnet.find("untrained = validate(0)") < resnet.find("    model.train()\n"));
}

TEST_CASE("PyTorch trains the arithmetic transformer as Plateau does") {
  check_with_pytorch("grok-quick", "A* · seed 0", 0.3);
  check_with_pytorch("grok-quick", "constant norm · seed 0", 0.3);
}
TEST_CASE("PyTorch trains the linear transformer as Plateau does") {
  check_with_pytorch("linear", "Adam · seed 0", 1, "task.validation_samples=1000");
}
TEST_CASE("PyTorch trains decoders as Plateau does") {
  check_with_pytorch("icl-quick", "extra weights loss · seed 0", 0.2);
  check_with_pytorch("laser-recall", "LASER · seed 0", 0.2);
  check_with_pytorch("icl-markov", "", 0.2);
}
TEST_CASE("PyTorch trains on images as Plateau does") {
  check_with_pytorch("eureka", "ViT", 0.2);
  check_with_pytorch("eureka", "CNN", 0.5, "optimizer.gradient_rescaling=mean");
}

TEST_CASE("the code command prints all three forms, of studies and of recordings") {
  const Scratch scratch;
  const auto tiny = write_tiny_study(scratch);
  REQUIRE(launch(scratch, {"run", tiny, "--out", "run.plateau"}).exit_code == 0);
  const auto printed = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "code");
    const auto outcome = launch(scratch, arguments);
    INFO(outcome.err);
    CHECK(outcome.exit_code == 0);
    return outcome.out;
  };
  CHECK(study::parse_study(printed({"run.plateau"}), "printed") ==
        recording::Reader(scratch / "run.plateau").study());
  CHECK(printed({"eureka", "--set", "training.steps=7", "--as", "command"}) ==
        "plateau run eureka --set training.steps=7\n");
  CHECK_THAT(printed({"eureka", "--as", "pytorch", "--member", "CNN"}),
             ContainsSubstring("class Model(nn.Module)"));
  CHECK_THAT(printed({"run.plateau", "--as", "pytorch"}), ContainsSubstring("class Model(nn.Module)"));

  const auto refused = [&](std::vector<std::string> arguments, const std::string& part) {
    arguments.insert(arguments.begin(), "code");
    const auto outcome = launch(scratch, arguments);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.err_lines().size() == 1);
    CHECK_THAT(outcome.err, ContainsSubstring(part));
  };
  refused({}, "STUDY is missing");
  refused({"eureka", "--as", "pytorh"}, "did you mean 'pytorch'");
  refused({"eureka", "--as", "pytorch", "--member", "CMN"}, "did you mean 'CNN'");
  refused({"eureka", "--member", "CNN"}, "--as pytorch");
  refused({"run.plateau", "--set", "training.steps=7"}, "not a recording");
  refused({"laser-text", "--as", "pytorch"}, "task.kind = text");
}
