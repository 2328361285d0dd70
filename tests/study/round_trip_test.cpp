#include <cmath>
#include <limits>

#include "engine/study/fields.h"
#include "engine/study/study.h"
#include "tests/catch.h"

using namespace plateau::study;

namespace {

Study demanding_study() {
  Study study;
  study.name = "eureka";
  study.title = "Say \"Eureka\" \\ ✓ τ = √d_k · 多";
  study.description =
      "First line\n\n  \"\"\"quoted\"\"\" \\ back\\slash\ttab\r\nlast line ends with a quote\"";
  study.settings.task.mnist_folder = "/data/my \"digits\"\\ü/é";
  study.settings.attention.temperature = 1.0 / 3;
  study.settings.optimizer.epsilon = std::nextafter(1e-16, 1.0);
  study.settings.optimizer.learning_rate = std::numeric_limits<double>::denorm_min();
  study.settings.optimizer.weight_decay = 0.1 + 0.2;
  study.settings.training.data_seed = 4294967295;
  // Not in alphabetical order: the order of assignments must survive.
  study.members = {{"Softmax · seed 0", 0, {}},
                   {"a \"quoted\" name",
                    std::numeric_limits<std::int64_t>::max(),
                    {{"optimizer.learning_rate", 0.1 + 0.7},
                     {"attention.variant", std::string("norm-softmax")},
                     {"model.heads", std::int64_t{8}}}}};
  Intervention twin{.step = 100, .member = "Softmax · seed 0", .keep_twin = true, .new_name = "control"};
  twin.changes = {{"optimizer.weight_decay", 1e-7}, {"attention.temperature", 2.0}};
  Intervention branch{.kind = Intervention::Kind::Branch, .step = 200, .member = "control", .from_step = 100};
  branch.new_name = "other";
  Intervention rewind{.kind = Intervention::Kind::Rewind, .step = 300, .from_step = 50};
  Intervention halt{.kind = Intervention::Kind::Halt, .step = 300, .member = "other"};
  Intervention go_on{.kind = Intervention::Kind::Continue, .step = 400};
  study.interventions = {twin, branch, rewind, halt, go_on};
  return study;
}

} // namespace

TEST_CASE("a written study reads back equal, bit for bit") {
  const auto study = demanding_study();
  const auto toml = to_toml(study);
  INFO(toml);
  const auto again = parse_study(toml, "written.toml");
  CHECK(again == study);
  CHECK(to_toml(again) == toml);
}

TEST_CASE("descriptions with awkward line breaks survive") {
  for (const char* text :
       {"\n", "a\n", "\na", "a\r\nb", "a\\\nb", "\"\n\"", "\"\"\"\n", "tab\there", "é\nü"}) {
    auto study = demanding_study();
    study.description = text;
    CHECK(parse_study(to_toml(study), "written.toml").description == text);
  }
}

TEST_CASE("a written study is a full record: every field stands in it") {
  Study study;
  study.name = study.title = "plain";
  study.members = {{"plain", 0, {}}};
  const auto toml = to_toml(study);
  for (const auto& field : fields()) {
    const auto key = field.name.substr(field.name.find('.') + 1);
    INFO(field.name);
    CHECK(toml.find("\n" + key + " = ") != std::string::npos);
  }
  CHECK(parse_study(toml, "written.toml") == study);
}
