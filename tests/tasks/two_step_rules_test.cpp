// The rule of each variant, read back from the pixels and checked against its statement in eureka.md.
#include "engine/tasks/task.h"

#include "tests/catch.h"
#include "tests/tasks/canvas.h"

using namespace plateau;
using canvas::Content;

namespace {

constexpr std::int64_t cell = 5;
constexpr int white = 0, red = 1, blue = 2; // indices of canvas::plain

struct Sample {
  std::array<Content, 4> cells;
  std::int64_t label = 0, alternative = 0;
  bool same = false;
};

/// Noise-free samples of both splits, decoded; checks on the way that no image is of the wrong split.
template<std::size_t N>
std::vector<Sample> samples(const std::string& variant, const std::array<canvas::Named, N>& palette,
                            const std::string& indicators = "auto") {
  study::TaskSettings settings;
  settings.variant = variant;
  settings.indicators = indicators;
  settings.cell_size = cell;
  settings.color_noise = 0;
  const auto task = tasks::make_task(settings);
  std::vector<Sample> result;
  for (const bool held_out : {false, true}) {
    const tasks::Batch batch = held_out ? task->validation_set(400) : task->training_batch(5, 17, 400);
    for (std::int64_t i = 0; i < batch.count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      Sample sample;
      for (int which = 0; which < 4; ++which) {
        const Content content = canvas::decode(canvas::cell_colour(batch, cell, i, which), palette);
        if (!content.black) REQUIRE(content.image.held_out == held_out);
        sample.cells[static_cast<std::size_t>(which)] = content;
      }
      sample.label = batch.labels[at];
      sample.alternative = batch.alternatives[at];
      REQUIRE((batch.decisions[at] == 0 || batch.decisions[at] == 1));
      sample.same = batch.decisions[at] == 1;
      result.push_back(sample);
    }
  }
  return result;
}

void check_answer(const Sample& sample, bool same, int if_same, int if_different) {
  REQUIRE(sample.same == same);
  REQUIRE(sample.label == (same ? if_same : if_different));
  REQUIRE(sample.alternative == (same ? if_different : if_same));
}

bool is_indicator(const Content& content, bool mnist, std::initializer_list<int> classes) {
  const bool coloured = content.colour == red || content.colour == blue;
  return coloured && content.image.mnist == mnist &&
         std::find(classes.begin(), classes.end(), content.image.label) != classes.end();
}

bool is_target(const Content& content) {
  return content.colour == white && !content.image.mnist;
}

} // namespace

TEST_CASE("fixed-position: equal indicators select top right, others bottom left") {
  const bool mnist = GENERATE(false, true);
  const scratch::Data data(mnist);
  for (const Sample& sample : samples("fixed-position", canvas::plain)) {
    const auto& [top_left, top_right, bottom_left, bottom_right] = sample.cells;
    REQUIRE((mnist ? is_indicator(top_left, true, {1, 2}) : is_indicator(top_left, false, {1, 8})));
    REQUIRE((mnist ? is_indicator(bottom_right, true, {1, 2}) : is_indicator(bottom_right, false, {1, 8})));
    REQUIRE(is_target(top_right));
    REQUIRE(is_target(bottom_left));
    check_answer(sample, top_left.image.label == bottom_right.image.label, top_right.image.label,
                 bottom_left.image.label);
  }
}

TEST_CASE("indicator-groups: equal groups select top right, others bottom left") {
  const bool mnist = GENERATE(false, true);
  const scratch::Data data(mnist);
  const auto group = [&](int label) {
    return mnist ? (label <= 2 ? 0 : 1) : (label == 1 || label == 5 ? 0 : 1);
  };
  int same_group_other_class = 0;
  for (const Sample& sample : samples("indicator-groups", canvas::plain)) {
    const auto& [top_left, top_right, bottom_left, bottom_right] = sample.cells;
    for (const Content& indicator : {top_left, bottom_right})
      REQUIRE((mnist ? is_indicator(indicator, true, {1, 2, 3, 4})
                     : is_indicator(indicator, false, {1, 5, 8, 9})));
    REQUIRE(is_target(top_right));
    REQUIRE(is_target(bottom_left));
    const int first = top_left.image.label, second = bottom_right.image.label;
    check_answer(sample, group(first) == group(second), top_right.image.label, bottom_left.image.label);
    same_group_other_class += group(first) == group(second) && first != second;
  }
  CHECK(same_group_other_class > 100); // about a quarter of 800
}

TEST_CASE("any-position: equal indicators select the top row, wherever the target stands in it") {
  const bool mnist = GENERATE(false, true);
  const scratch::Data data(mnist);
  std::array<int, 4> layouts{};
  for (const Sample& sample : samples("any-position", canvas::plain)) {
    const bool target_left_on_top = is_target(sample.cells[0]),
               target_left_below = is_target(sample.cells[2]);
    const Content& top = sample.cells[target_left_on_top ? 0 : 1];
    const Content& bottom = sample.cells[target_left_below ? 2 : 3];
    const Content& first = sample.cells[target_left_on_top ? 1 : 0];
    const Content& second = sample.cells[target_left_below ? 3 : 2];
    REQUIRE(is_target(top));
    REQUIRE(is_target(bottom));
    for (const Content& indicator : {first, second})
      REQUIRE((mnist ? is_indicator(indicator, true, {1, 2}) : is_indicator(indicator, false, {1, 8})));
    check_answer(sample, first.image.label == second.image.label, top.image.label, bottom.image.label);
    ++layouts[static_cast<std::size_t>(2 * target_left_on_top + target_left_below)];
  }
  for (const int count : layouts) CHECK(count > 150); // about 200 of 800
}

TEST_CASE("colour-indicator: equal colours of the indicators select top right, others bottom left") {
  const bool mnist = GENERATE(false, true);
  const scratch::Data data(mnist);
  int red_cells = 0;
  for (const Sample& sample : samples("colour-indicator", canvas::plain)) {
    for (const Content& content : sample.cells) {
      REQUIRE(content.image.mnist == mnist);
      REQUIRE((content.colour == red || content.colour == blue));
      red_cells += content.colour == red;
    }
    check_answer(sample, sample.cells[0].colour == sample.cells[3].colour, sample.cells[1].image.label,
                 sample.cells[2].image.label);
  }
  CHECK(red_cells / 3200.0 == Approx(0.5).margin(0.04));
}

TEST_CASE("class-or-colour: equal indicators ask for the class top right, others for its colour") {
  const bool mnist = GENERATE(false, true);
  const scratch::Data data(mnist);
  std::array<int, 10> colours{};
  for (const Sample& sample : samples("class-or-colour", canvas::ten)) {
    const auto& [top_left, top_right, bottom_left, bottom_right] = sample.cells;
    for (const Content& indicator : {top_left, bottom_right}) {
      const std::string colour = canvas::ten[static_cast<std::size_t>(indicator.colour)].name;
      REQUIRE((colour == "red" || colour == "blue"));
      REQUIRE(indicator.image.mnist == mnist);
      REQUIRE((indicator.image.label == 1 || indicator.image.label == (mnist ? 2 : 8)));
    }
    REQUIRE_FALSE(top_right.image.mnist);
    REQUIRE_FALSE(bottom_left.image.mnist);
    check_answer(sample, top_left.image.label == bottom_right.image.label, top_right.image.label,
                 top_right.colour);
    ++colours[static_cast<std::size_t>(top_right.colour)];
  }
  for (const int count : colours) CHECK(count > 45); // about 80 of 800
}

TEST_CASE("position-as-indicator: the same column selects the top item, else the bottom item") {
  const scratch::Data data(true);
  std::array<int, 4> layouts{};
  for (const Sample& sample : samples("position-as-indicator", canvas::plain)) {
    const auto& cells = sample.cells;
    REQUIRE(cells[0].black != cells[1].black);
    REQUIRE(cells[2].black != cells[3].black);
    const Content& top = cells[cells[0].black ? 1 : 0];
    const Content& bottom = cells[cells[2].black ? 3 : 2];
    REQUIRE(is_target(top));
    REQUIRE(is_target(bottom));
    check_answer(sample, cells[0].black == cells[2].black, top.image.label, bottom.image.label);
    ++layouts[static_cast<std::size_t>(2 * cells[0].black + cells[2].black)];
  }
  for (const int count : layouts) CHECK(count > 150);
}

TEST_CASE("indicators = fashion leaves MNIST alone though it is there") {
  const scratch::Data data(true);
  for (const char* variant : {"fixed-position", "colour-indicator"})
    for (const Sample& sample : samples(variant, canvas::plain, "fashion"))
      for (const Content& content : sample.cells) REQUIRE_FALSE(content.image.mnist);
}
