#include "engine/study/fields.h"

#include "tests/catch.h"

using namespace plateau::study;

namespace {
using Names = std::vector<std::string>;
const Names keys = {"optimizer.learning_rate",
                    "optimizer.minimum_learning_rate",
                    "model.width",
                    "model.heads",
                    "model.kind",
                    "task.kind",
                    "training.steps"};
} // namespace

TEST_CASE("the nearest name comes first") {
  CHECK(nearest("optimiser.learning_rate", keys).front() == "optimizer.learning_rate");
  CHECK(nearest("model.widht", keys) == Names{"model.width"}); // swapped neighbours are one edit
  CHECK(nearest("MODEL.WIDTH", keys).front() == "model.width");
  CHECK(nearest("training.step", keys).front() == "training.steps");
}

TEST_CASE("a key is found without its table or in the wrong one") {
  CHECK(nearest("learning_rate", keys).front() == "optimizer.learning_rate");
  CHECK(nearest("lerning_rate", keys).front() == "optimizer.learning_rate");
  CHECK(nearest("training.learning_rate", keys).front() == "optimizer.learning_rate");
  CHECK(nearest("kind", keys) == Names{"model.kind", "task.kind"});
}

TEST_CASE("part of a name is enough") {
  CHECK(nearest("softmax", Names{"norm-softmax", "linear"}) == Names{"norm-softmax"});
  CHECK(nearest("eureka-fast", Names{"eureka", "grokking"}) == Names{"eureka"});
}

TEST_CASE("at most as many as wanted, none when nothing is alike") {
  CHECK(nearest("quantum", keys).empty());
  CHECK(nearest("", keys).empty());
  CHECK(nearest("seed1", Names{"seed2", "seed3", "seed4", "seed5"}, 2) == Names{"seed2", "seed3"});
}

TEST_CASE("did you mean, in words") {
  CHECK(did_you_mean("quantum", keys) == "");
  CHECK(did_you_mean("model.widht", keys) == ", did you mean 'model.width'?");
  CHECK(did_you_mean("kind", keys) == ", did you mean 'model.kind' or 'task.kind'?");
  CHECK(did_you_mean("ab1", Names{"ab2", "ab3", "ab4"}) == ", did you mean 'ab2', 'ab3' or 'ab4'?");
}
