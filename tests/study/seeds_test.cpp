#include "engine/study/study.h"
#include "tests/catch.h"
#include "tests/study/message.h"

using namespace plateau::study;

namespace {

const std::string two_kinds = R"(
[[member]]
name = "SGD"
seeds = [0, 3]
set = { "optimizer.kind" = "sgd" }
[[member]]
name = "Adam"
seeds = [0, 3]
shown = false
)";

std::vector<std::string> names(const Study& study) {
  std::vector<std::string> list;
  for (const auto& member : study.members) list.push_back(member.name);
  return list;
}

} // namespace

TEST_CASE("a member with seeds becomes one member per seed") {
  const auto study = parse_study(two_kinds, "s.toml");
  CHECK(names(study) ==
        std::vector<std::string>{"SGD · seed 0", "SGD · seed 3", "Adam · seed 0", "Adam · seed 3"});
  CHECK(study.members[1].seed == 3);
  CHECK(study.members[1].overrides == study.members[0].overrides);
  CHECK(study.members[1].shown);
  CHECK_FALSE(study.members[3].shown);
  CHECK(parse_study(to_toml(study), "again.toml") == study);
}

TEST_CASE("other seeds replace those of the study") {
  auto study = parse_study(two_kinds, "s.toml");
  set_seeds(study, {7, 8, 9});
  CHECK(names(study) == std::vector<std::string>{"SGD · seed 7", "SGD · seed 8", "SGD · seed 9",
                                                 "Adam · seed 7", "Adam · seed 8", "Adam · seed 9"});
  CHECK_FALSE(study.members[4].shown);
  set_seeds(study, {1});
  CHECK(names(study) == std::vector<std::string>{"SGD", "Adam"});
  CHECK(study.members[1].seed == 1);
}

TEST_CASE("seeds that cannot be are refused with their line") {
  const auto refused = [](const std::string& line) {
    return message_of([&] { parse_study("[[member]]\nname = \"x\"\n" + line, "s.toml"); });
  };
  const std::string allowed =
      "s.toml:3: seeds: allowed is a list of whole numbers from 0, for example [0, 1, 2]";
  CHECK(refused("seeds = []") == allowed);
  CHECK(refused("seeds = 3") == allowed);
  CHECK(refused("seeds = [0, -1]") == allowed);
  CHECK(refused("seeds = [0, 1.5]") == allowed);
  CHECK(refused("seeds = [0]\nseed = 1") == "s.toml:3: a [[member]] has a seed or seeds, not both");
  CHECK(refused("seeds = [1, 1]") ==
        "s.toml:2: there is already a member 'x · seed 1': each name must be different");
  CHECK(refused("shown = 1") == "s.toml:3: shown: allowed is true or false");
}

TEST_CASE("a task needs a model that can learn it") {
  CHECK(message_of([] { parse_study("[task]\nkind = \"text\"\n", "s.toml"); }) ==
        "s.toml:2: task.kind = text needs model.kind = decoder, not vision-transformer");
  CHECK(message_of([] {
          parse_study(
              "[task]\nkind = \"associative-recall\"\npairs = 9\nsymbols = 8\n[model]\nkind = \"decoder\"\n",
              "s.toml");
        }).find("task.symbols = 8 must be at least task.pairs = 9") != std::string::npos);
  CHECK_NOTHROW(parse_study("[task]\nkind = \"linear-regression\"\n[model]\nkind = \"linear-transformer\"\n",
                            "s.toml"));
}
