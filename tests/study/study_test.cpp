#include "engine/study/study.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/study/fields.h"
#include "tests/catch.h"
#include "tests/study/message.h"

using namespace plateau::study;
namespace fs = std::filesystem;

namespace {

const char* const small = R"(
name = "small"
title = "A small study"
description = "Why"

[model]
width = 32

[attention]
temperature = 2

[training]
steps = 5000

[[member]]
name = "Softmax"
seed = 3

[[member]]
name = "Norm"
set = { "attention.variant" = "norm-softmax", attention.temperature = 1, optimizer.learning_rate = 1e-5 }

[[intervention]]
step = 4000
kind = "halt"
member = "Softmax"

[[intervention]]
step = 3000
member = "Softmax"
set = { "attention.temperature" = 0.5 }
keep_twin = true
name = "Control"
)";

/// Points PLATEAU_ASSETS to a folder of its own and back.
class OwnAssets {
public:
  OwnAssets() : folder_(fs::temp_directory_path() / ("plateau-study-test-" + std::to_string(std::rand()))) {
    fs::create_directories(folder_ / "studies");
    setenv("PLATEAU_ASSETS", folder_.c_str(), 1);
  }
  ~OwnAssets() {
    unsetenv("PLATEAU_ASSETS");
    fs::remove_all(folder_);
  }
  fs::path folder() const { return folder_; }
  void write(const std::string& file, const std::string& text) const {
    std::ofstream(folder_ / "studies" / file) << text;
  }

private:
  fs::path folder_;
};

} // namespace

TEST_CASE("a study is read as written") {
  const auto study = parse_study(small, "small.toml");
  CHECK(study.name == "small");
  CHECK(study.title == "A small study");
  CHECK(study.description == "Why");
  CHECK(study.settings.model.width == 32);
  CHECK(study.settings.attention.temperature == 2.0);
  CHECK(study.settings.model.depth == Settings{}.model.depth);
  REQUIRE(study.members.size() == 2);
  CHECK(study.members[0] == MemberSpec{"Softmax", 3, {}});
  // Quoted and dotted keys alike; integers in the field's own type.
  CHECK(study.members[1].overrides ==
        std::vector<Assignment>{{"attention.variant", std::string("norm-softmax")},
                                {"attention.temperature", 1.0},
                                {"optimizer.learning_rate", 1e-5}});
  REQUIRE(study.interventions.size() == 2); // in order of their steps
  CHECK(study.interventions[0].step == 3000);
  CHECK(study.interventions[0].kind == Intervention::Kind::Set);
  CHECK(study.interventions[0].keep_twin);
  CHECK(study.interventions[1].kind == Intervention::Kind::Halt);
}

TEST_CASE("a study without members is one member with seed 0") {
  const auto study = parse_study("title = \"Just this\"\n", "/somewhere/plain.toml");
  CHECK(study.name == "plain");
  CHECK(study.members == std::vector<MemberSpec>{{"Just this", 0, {}}});
  CHECK(parse_study("", "plain.toml").title == "plain");
}

TEST_CASE("a member's settings are the study's with its overrides") {
  auto study = parse_study(small, "small.toml");
  CHECK(settings_of(study, study.members[0]) == study.settings);
  const auto norm = settings_of(study, study.members[1]);
  CHECK(norm.attention.variant == "norm-softmax");
  CHECK(norm.attention.temperature == 1.0);
  CHECK(norm.model.width == 32);
  study.settings.model.heads = 5;
  CHECK(message_of([&] { settings_of(study, study.members[0]); }) ==
        "member 'Softmax': model.width = 32 must be a multiple of model.heads = 5");
}

TEST_CASE("an assignment from the command line holds for every member") {
  auto study = parse_study(small, "small.toml");
  apply_assignment(study, " attention.temperature = 4 ");
  CHECK(study.settings.attention.temperature == 4.0);
  CHECK(study.members[1].overrides.size() == 2);
  for (const auto& member : study.members) CHECK(settings_of(study, member).attention.temperature == 4.0);
  apply_assignment(study, "task.mnist_folder=/a=b");
  CHECK(study.settings.task.mnist_folder == "/a=b");
  CHECK(message_of([&] { apply_assignment(study, "attention.temperature"); }) ==
        "'attention.temperature' is no assignment: write field=value");
  CHECK(message_of([&] { apply_assignment(study, "temperature=1"); }) ==
        "unknown key 'temperature', did you mean 'attention.temperature'?");
  CHECK(message_of([&] { apply_assignment(study, "attention.temperature="); }) ==
        "attention.temperature = : allowed is a number from 0.001 to 1000");
}

TEST_CASE("seeds multiply members and what is scripted for them") {
  auto study = parse_study(small, "small.toml");
  set_seeds(study, {4, 7});
  REQUIRE(study.members.size() == 4);
  CHECK(study.members[0] == MemberSpec{"Softmax · seed 4", 4, {}});
  CHECK(study.members[1].name == "Softmax · seed 7");
  CHECK(study.members[3].name == "Norm · seed 7");
  CHECK(study.members[3].seed == 7);
  CHECK(study.members[3].overrides.size() == 3);
  REQUIRE(study.interventions.size() == 4);
  CHECK(study.interventions[1].member == "Softmax · seed 7");
  CHECK(study.interventions[1].new_name == "Control · seed 7");
  CHECK(parse_study(to_toml(study), "seeds.toml") == study);

  auto single = parse_study(small, "small.toml");
  set_seeds(single, {9});
  CHECK(single.members[0] == MemberSpec{"Softmax", 9, {}});
  CHECK(single.interventions == parse_study(small, "small.toml").interventions);

  message_of([&] { set_seeds(study, {}); });
  message_of([&] { set_seeds(study, {1, 1}); });
  message_of([&] { set_seeds(study, {-1}); });
}

TEST_CASE("interventions in words") {
  const auto study = parse_study(small, "small.toml");
  CHECK(describe(study.interventions[0]) == "attention.temperature = 0.5 on Softmax, twin kept as Control");
  CHECK(describe(study.interventions[1]) == "halt Softmax");
  Intervention rewind{.kind = Intervention::Kind::Rewind, .step = 9, .from_step = 5};
  CHECK(describe(rewind) == "rewind all members to step 5");
  Intervention branch{.kind = Intervention::Kind::Branch, .step = 9, .member = "x", .from_step = 5};
  branch.changes = {{"attention.variant", std::string("softmax")}};
  CHECK(describe(branch) == "branch x from step 5 with attention.variant = softmax");
}

TEST_CASE("studies are found by name and by path") {
  const OwnAssets assets;
  assets.write("small.toml", small);
  assets.write("broken.toml", "title = \n");
  assets.write("notes.txt", "no study");
  CHECK(assets_folder() == assets.folder());
  const auto shipped = list_studies();
  REQUIRE(shipped.size() == 2);
  CHECK(shipped[0].name == "broken");
  CHECK(shipped[0].title.starts_with("cannot be read: "));
  CHECK(shipped[1].name == "small");
  CHECK(shipped[1].title == "A small study");

  const auto path = (assets.folder() / "studies" / "small.toml").string();
  CHECK(load_study("small") == load_study(path));
  assets.write("empty.toml", "");
  CHECK(load_study("empty").title == "empty");
  CHECK(message_of([] { load_study("smal"); }) == "no study is called 'smal', did you mean 'small'?");
  CHECK(message_of([] { load_study("quantum"); }) ==
        "no study is called 'quantum': there are broken, empty, small, or give the path of a .toml file");
  CHECK(message_of([] { load_study("/nowhere/x.toml"); }) == "no such study file: '/nowhere/x.toml'");
  CHECK(message_of([&] { load_study(assets.folder().string()); }) ==
        "'" + assets.folder().string() + "' is not a file");
}

TEST_CASE("a wrong PLATEAU_ASSETS is named") {
  setenv("PLATEAU_ASSETS", "/nowhere", 1);
  CHECK(message_of([] { assets_folder(); }) ==
        "PLATEAU_ASSETS = '/nowhere' has no folder 'studies': correct or unset it");
  unsetenv("PLATEAU_ASSETS");
}

TEST_CASE("all shipped studies are sound") {
  unsetenv("PLATEAU_ASSETS");
  const fs::path folder = fs::path(PLATEAU_SOURCE_FOLDER) / "assets" / "studies";
  if (!fs::is_directory(folder)) return;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    INFO(entry.path().string());
    const auto study = load_study(entry.path().string());
    CHECK(study.name == entry.path().stem().string()); // so that the listed name is the one to type
    CHECK_FALSE(study.description.empty());
    CHECK(parse_study(to_toml(study), "again.toml") == study);
  }
}
