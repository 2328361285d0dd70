#include "engine/tasks/task.h"

#include <set>

#include "tests/catch.h"
#include "tests/tasks/scratch.h"

using namespace plateau;

TEST_CASE("every task of the list can be made by its kind") {
  const scratch::Data images(false);
  scratch::Environment environment;
  environment.set("PLATEAU_FORTUNES", images.folder().string());
  scratch::write_plain(images.folder() / "sayings", scratch::Bytes(2000, 'a'));
  std::set<std::string> names;
  for (const auto& description : tasks::list_tasks()) {
    INFO(description.name);
    CHECK(names.insert(description.name).second);
    CHECK_FALSE(description.title.empty());
    CHECK(description.description.ends_with("."));
    CHECK_FALSE(description.source.empty());
    study::TaskSettings settings;
    settings.kind = description.kind;
    if (description.kind == "two-step-image") settings.variant = description.name;
    const auto task = tasks::make_task(settings);
    const auto batch = task->training_batch(1, 1, 3);
    CHECK(batch.count == 3);
    const auto shape = task->shape();
    using Kind = tasks::InputShape::Kind;
    CHECK(batch.images.empty() == (shape.kind != Kind::Images));
    CHECK(batch.tokens.empty() == (shape.kind != Kind::Tokens));
    CHECK(batch.prompts.empty() == (shape.kind != Kind::Prompts));
    CHECK(batch.labels.size() ==
          (shape.kind == Kind::Prompts ? 0U : 3U * static_cast<std::size_t>(shape.outputs)));
    CHECK(batch.targets.size() == (shape.kind == Kind::Prompts ? 3U : 0U));
    const auto info = task->info(2, 0.1);
    CHECK(info.input_labels.size() == 2);
    CHECK_FALSE(info.guides.empty());
    CHECK(static_cast<std::int64_t>(info.vocabulary.size()) == shape.vocabulary);
    if (shape.kind != Kind::Prompts) CHECK(static_cast<std::int64_t>(info.classes.size()) == task->classes());
    CHECK((task->encode("aa").size() == 2) == (description.kind == "text"));
  }
}
