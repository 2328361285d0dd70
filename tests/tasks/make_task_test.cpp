#include "engine/tasks/task.h"

#include <algorithm>
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
    CHECK(batch.tokens.empty() == (shape.kind != Kind::Tokens && shape.kind != Kind::Pairs));
    CHECK(batch.items.empty() == (shape.kind != Kind::Pairs));
    CHECK(batch.prompts.empty() == (shape.kind != Kind::Prompts));
    CHECK(batch.labels.size() ==
          (shape.kind == Kind::Prompts ? 0U : 3U * static_cast<std::size_t>(shape.outputs)));
    CHECK(batch.targets.size() == (shape.kind == Kind::Prompts ? 3U : 0U));
    const auto info = task->info(2, 0.1);
    CHECK(info.input_labels.size() == 2);
    CHECK_FALSE(info.guides.empty());
    if (shape.kind == Kind::Pairs) { // the vocabulary names items, then labels
      const auto items = info.vocabulary.size() - static_cast<std::size_t>(shape.vocabulary);
      CHECK(std::equal(info.classes.begin(), info.classes.end(),
                       info.vocabulary.begin() + static_cast<std::ptrdiff_t>(items), info.vocabulary.end()));
      for (std::size_t row = 0; row < batch.tokens.size(); ++row) {
        const bool is_item = row % static_cast<std::size_t>(shape.positions) % 2 == 0;
        CHECK((batch.tokens[row] < static_cast<std::int64_t>(items)) == is_item);
      }
    } else {
      CHECK(static_cast<std::int64_t>(info.vocabulary.size()) == shape.vocabulary);
    }
    for (const auto& [name, more] : task->more_sets(5)) {
      INFO(name);
      CHECK(more.count == 5);
      CHECK(std::ranges::count_if(more.labels, [](auto label) { return label >= 0; }) > 0);
    }
    if (shape.kind != Kind::Prompts) CHECK(static_cast<std::int64_t>(info.classes.size()) == task->classes());
    CHECK((task->encode("aa").size() == 2) == (description.kind == "text"));
  }
}
