#include "engine/study/study.h"

#include "tests/catch.h"
#include "tests/study/message.h"

using namespace plateau::study;

namespace {

std::string refused(const std::string& toml) {
  return message_of([&] { parse_study(toml, "s.toml"); });
}

} // namespace

TEST_CASE("syntax errors are one line with file and line") {
  CHECK(refused("name = \"a\"\n[task\ncell_size = 3\n").starts_with("s.toml:2: "));
  CHECK(refused("x = = 3").starts_with("s.toml:1: "));
  CHECK(refused("name = \"a\"\nname = \"b\"\n").starts_with("s.toml:2: "));
  CHECK(refused("title = \"\xff\"\n").starts_with("s.toml:1: "));
  CHECK(refused("name = \"never closed\n").starts_with("s.toml:1: "));
}

TEST_CASE("unknown keys name the nearest right one") {
  CHECK(refused("\n[optimiser]\nlearning_rate = 1e-3\n") ==
        "s.toml:3: unknown key 'optimiser.learning_rate', did you mean 'optimizer.learning_rate'?");
  CHECK(refused("[model]\nwidht = 3\n") ==
        "s.toml:2: unknown key 'model.widht', did you mean 'model.width'?");
  CHECK(refused("titel = \"x\"\n") == "s.toml:1: unknown key 'titel', did you mean 'title'?");
  CHECK(refused("[modell]\n") == "s.toml:1: unknown key 'modell', did you mean 'model'?");
  CHECK(refused("[[members]]\nname = \"x\"\n") == "s.toml:1: unknown key 'members', did you mean 'member'?");
  CHECK(refused("[[member]]\nname = \"x\"\nsead = 3\n") ==
        "s.toml:3: unknown key 'sead' in [[member]], did you mean 'seed'?");
  CHECK(refused("[[member]]\nname = \"x\"\nset = { \"attention.varient\" = \"softmax\" }\n") ==
        "s.toml:3: unknown key 'attention.varient', did you mean 'attention.variant'?");
  CHECK(refused("[[intervention]]\nstep = 1\nmembr = \"x\"\n") ==
        "s.toml:3: unknown key 'membr' in [[intervention]], did you mean 'member'?");
  CHECK(refused("[model.width]\nx = 1\n") ==
        "s.toml:2: unknown key 'model.width.x', did you mean 'model.width'?");
}

TEST_CASE("wrong types and ranges say what is allowed") {
  CHECK(refused("[optimizer]\nlearning_rate = 300\n") ==
        "s.toml:2: optimizer.learning_rate = 300: allowed is a number from 0 to 100");
  CHECK(
      refused("[optimizer]\nlearning_rate = nan\n").starts_with("s.toml:2: optimizer.learning_rate = nan: "));
  CHECK(
      refused("[training]\nsteps = 1.5\n").starts_with("s.toml:2: training.steps = 1.5: allowed is a whole"));
  CHECK(refused("[training]\nsteps = [1]\n").starts_with("s.toml:2: training.steps: allowed is a whole"));
  CHECK(refused("[training]\nsteps = 1979-05-27\n")
            .starts_with("s.toml:2: training.steps: allowed is a whole"));
  CHECK(refused("[training]\nstepz = [1]\n").starts_with("s.toml:2: unknown key 'training.stepz'"));
  CHECK(refused("title = 3\n") == "s.toml:1: title: allowed is text in quotes");
  CHECK(refused("title = \"two\\nlines\"\n") ==
        "s.toml:1: title: allowed is text without line breaks and control characters");
  CHECK(refused("name = \"a/b\"\n").starts_with("s.toml:1: name: "));
  CHECK(refused("name = \"\"\n").starts_with("s.toml:1: name: "));
  CHECK(refused("model = 3\n") == "s.toml:1: 'model' must be a table: write [model]");
  CHECK(refused("[member]\nname = \"x\"\n") == "s.toml:1: 'member' must be written as [[member]]");
  CHECK(refused("member = [1]\n") == "s.toml:1: 'member' must be written as [[member]]");
  CHECK(refused("[[member]]\nname = \"x\"\nseed = -1\n") ==
        "s.toml:3: seed: allowed is a whole number from 0");
  CHECK(refused("[[member]]\nname = \"x\"\nset = 3\n").starts_with("s.toml:3: set: allowed is a table"));
  CHECK(refused("[[intervention]]\nstep = 1\nkeep_twin = 1\n") ==
        "s.toml:3: keep_twin: allowed is true or false");
}

TEST_CASE("members need names of their own, and may not change what is shared") {
  CHECK(refused("\n[[member]]\nseed = 1\n") == "s.toml:2: this [[member]] needs a name");
  CHECK(refused("[[member]]\nname = \"x\"\n[[member]]\nname = \"x\"\n") ==
        "s.toml:4: there is already a member 'x': each name must be different");
  CHECK(refused("[[member]]\nname = \"x\"\nset = { \"task.cell_size\" = 7 }\n") ==
        "s.toml:3: task.cell_size is shared by all members: set it in [task]");
  CHECK(refused("[[member]]\nname = \"x\"\nset = { \"training.steps\" = 7 }\n") ==
        "s.toml:3: training.steps is shared by all members: set it in [training]");
}

TEST_CASE("rules between fields are checked for every member, at the line that broke them") {
  CHECK(refused("[model]\nwidth = 64\nheads = 5\n") ==
        "s.toml:3: model.width = 64 must be a multiple of model.heads = 5");
  CHECK(refused("[model]\nheads = 5\n[[member]]\nname = \"x\"\n") ==
        "s.toml:2: member 'x': model.width = 64 must be a multiple of model.heads = 5");
  CHECK(refused("[model]\nwidth = 64\n[[member]]\nname = \"x\"\nset = { \"model.heads\" = 5 }\n") ==
        "s.toml:5: member 'x': model.width = 64 must be a multiple of model.heads = 5");
  // What breaks a rule only together with a member's change is no error by itself.
  CHECK_NOTHROW(parse_study(
      "[model]\nwidth = 60\nheads = 7\n[[member]]\nname = \"x\"\nset = { \"model.heads\" = 5 }\n", "s.toml"));
}

TEST_CASE("interventions must be possible") {
  const std::string members =
      "[[member]]\nname = \"x\"\n[[member]]\nname = \"y\"\n[[intervention]]\n"; // 5 lines
  const auto refused_after_members = [&](const std::string& toml) { return refused(members + toml); };
  const std::string set = "set = { \"attention.variant\" = \"norm-softmax\" }\n";

  CHECK(refused_after_members("step = 1\nmember = \"z\"\n" + set) ==
        "s.toml:7: there is no member 'z' at this step, did you mean 'x' or 'y'?");
  CHECK(refused_after_members("step = 1\nset = { \"model.width\" = 32 }\n") ==
        "s.toml:7: model.width cannot change in mid-run: set it for the whole study or for a member");
  CHECK(refused_after_members("step = 1\nset = { \"training.batch_size\" = 8 }\n")
            .starts_with("s.toml:7: training.batch_size cannot change in mid-run"));
  CHECK(refused_after_members("step = 1\nmember = \"x\"\nset = { \"training.steps\" = 32 }\n") ==
        "s.toml:8: training.steps is shared by all members: leave out member");
  CHECK(refused_after_members("step = 1\nset = { \"attention.temperature\" = 0 }\n")
            .starts_with("s.toml:7: attention.temperature = 0: allowed is a number from"));
  CHECK(refused_after_members("step = 1\nset = { \"probes.map_samples\" = 64, \"probes.samples\" = 32 }\n")
            .starts_with("s.toml:7: member 'x': probes.map_samples = 64"));
  CHECK(refused_after_members(set) == "s.toml:5: this [[intervention]] needs a step");
  CHECK(refused_after_members("step = 1\n").starts_with("s.toml:5: this [[intervention]] changes nothing"));
  CHECK(refused_after_members("step = 1\nset = {}\n")
            .starts_with("s.toml:5: this [[intervention]] changes nothing"));
  CHECK(refused_after_members("step = -1\n" + set) == "s.toml:6: step: allowed is a whole number from 0");
  CHECK(refused_after_members("step = 1\nkind = \"stop\"\n" + set)
            .starts_with("s.toml:7: kind = \"stop\": allowed is one of set, branch, rewind, halt, continue"));
  CHECK(refused_after_members("step = 1\nkind = \"halt\"\n" + set) ==
        "s.toml:8: set has no meaning for kind \"halt\", only for set and branch");
  CHECK(refused_after_members("step = 1\nkind = \"halt\"\nkeep_twin = true\n")
            .starts_with("s.toml:8: keep_twin"));
  CHECK(refused_after_members("step = 1\nfrom_step = 0\n" + set)
            .starts_with("s.toml:7: from_step has no meaning"));
  CHECK(refused_after_members("step = 1\nkind = \"branch\"\n")
            .starts_with("s.toml:5: kind \"branch\" needs from_step"));
  CHECK(refused_after_members("step = 1\nkind = \"rewind\"\nfrom_step = 2\n")
            .starts_with("s.toml:8: from_step = 2 lies after step = 1"));
  CHECK(refused_after_members("step = 1\nkind = \"branch\"\nfrom_step = 0\nname = \"b\"\n")
            .starts_with("s.toml:9: name: needs member"));
  CHECK(refused_after_members("step = 1\nkind = \"branch\"\nfrom_step = 0\nmember = \"x\"\nname = \"y\"\n") ==
        "s.toml:10: there is already a member 'y'");
}

TEST_CASE("interventions may name the forks of earlier ones") {
  const std::string member = "[[member]]\nname = \"x\"\n";
  const std::string branch = "[[intervention]]\nstep = 10\nkind = \"branch\"\nmember = \"x\"\n"
                             "from_step = 5\nname = \"cold\"\nset = { \"attention.temperature\" = 0.1 }\n";
  const std::string halt = "[[intervention]]\nkind = \"halt\"\nmember = \"cold\"\n";
  CHECK_NOTHROW(parse_study(member + branch + halt + "step = 20\n", "s.toml"));
  // A branch starts in the past, so the order of the list counts, not that of the steps.
  CHECK_NOTHROW(parse_study(member + branch + halt + "step = 9\n", "s.toml"));
  CHECK(refused(member + halt + "step = 20\n" + branch) ==
        "s.toml:5: there is no member 'cold' at this step");
}

TEST_CASE("messages stay one line whatever the keys and names are") {
  CHECK(refused("\"two\\nlines\" = 1\n") == "s.toml:1: unknown key 'two?lines'");
  CHECK(refused("[[intervention]]\nstep = 1\nkind = \"a\\u001bb\"\n")
            .starts_with("s.toml:3: kind: allowed is text"));
  CHECK(message_of([] { parse_study("x = 1", "odd\nname.toml"); }) == "odd?name.toml:1: unknown key 'x'");
}
