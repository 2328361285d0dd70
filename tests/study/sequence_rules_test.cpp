#include "engine/study/fields.h"

#include "tests/catch.h"
#include "tests/study/message.h"

using namespace plateau::study;

namespace {

Settings of(const char* task) {
  Settings settings;
  settings.task.kind = task;
  settings.model.kind = "decoder";
  settings.attention.variant = "softmax";
  return settings;
}

std::string refused(const Settings& settings) {
  return message_of([&] { validate(settings); });
}

} // namespace

TEST_CASE("a second loss needs something that it can ask for") {
  auto text = of("text");
  text.strategy.extra_loss = 0.1;
  CHECK(refused(text).starts_with("strategy.extra_loss = 0.1 needs something that a second loss can ask for: "
                                  "factor-labels, or text with task.alphabets above 0; task.kind = text"));
  CHECK_FALSE(field("strategy.extra_loss").applies(text));
  text.task.alphabets = 10;
  CHECK_NOTHROW(validate(text));
  CHECK(field("strategy.extra_loss").applies(text));
  text.strategy.extra_target = "rule";
  CHECK(refused(text).starts_with("strategy.extra_target = rule: a text has no rule"));
  auto factors = of("factor-labels");
  factors.strategy.extra_loss = 0.1;
  factors.strategy.extra_target = "rule";
  CHECK_NOTHROW(validate(factors));
  auto recall = of("associative-recall");
  recall.strategy.extra_loss = 0.1;
  CHECK(refused(recall).starts_with("strategy.extra_loss = 0.1 needs"));
}

TEST_CASE("a grid of items has an end, and something to tell its items apart") {
  auto settings = of("factor-labels");
  settings.task.levels = 16;
  settings.task.factors = 4;
  CHECK_NOTHROW(validate(settings));
  settings.task.factors = 5;
  CHECK(refused(settings).starts_with(
      "task.levels = 16 to the power of task.factors = 5 makes more than 65536 items"));
  settings.task.factors = 1;
  CHECK_NOTHROW(validate(settings));
  settings.task.main_effect = 0;
  CHECK(refused(settings).starts_with("task.main_effect = 0 with task.factors = 1: all items are alike"));
}

TEST_CASE("a bursty sequence needs enough classes, each as often as the next") {
  auto settings = of("in-context-classification");
  CHECK_NOTHROW(validate(settings));
  settings.task.burstiness = 3;
  CHECK(refused(settings).starts_with("task.pairs = 8 must be a multiple of task.burstiness = 3"));
  settings.task.burstiness = 1;
  settings.task.item_classes = 8;
  CHECK_NOTHROW(validate(settings));
  settings.task.item_classes = 7;
  CHECK(refused(settings).starts_with("task.item_classes = 7 are fewer than"));
}
