// Guides, colours and independence, by drawing many samples.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/tasks/task.h"
#include "tests/catch.h"
#include "tests/tasks/canvas.h"

using namespace plateau;

namespace {

double guide(const training::TaskInfo& info, const std::string& metric, const std::string& start) {
  for (const auto& guide : info.guides)
    if (guide.metric == metric && guide.label.starts_with(start)) return guide.value;
  FAIL("no guide " << start << " for " << metric);
  return 0;
}

struct Shares {
  double agree = 0, same = 0;
};

Shares shares(const tasks::Batch& batch) {
  Shares result;
  for (std::size_t i = 0; i < batch.labels.size(); ++i) {
    result.agree += (batch.labels[i] == batch.alternatives[i]) / static_cast<double>(batch.count);
    result.same += static_cast<double>(batch.decisions[i]) / static_cast<double>(batch.count);
  }
  return result;
}

/// Mean cross-entropy on `batch` of the prediction that knows both candidates and how often z = 1, but not z.
/// Labels smoothed by `smoothing`; the prediction is the one that is ideal for labels smoothed by `trained`.
double two_candidate_loss(const tasks::Batch& batch, double smoothing, double trained = 0.1) {
  const double same = shares(batch).same, other = smoothing / 10;
  double loss = 0;
  for (std::size_t i = 0; i < batch.labels.size(); ++i) {
    const bool z = batch.decisions[i] == 1;
    const std::int64_t if_same = z ? batch.labels[i] : batch.alternatives[i];
    const std::int64_t if_different = z ? batch.alternatives[i] : batch.labels[i];
    for (std::int64_t k = 0; k < 10; ++k) {
      const double truth = other + (k == batch.labels[i] ? 1 - smoothing : 0);
      const double predicted =
          trained / 10 + (1 - trained) * ((k == if_same ? same : 0) + (k == if_different ? 1 - same : 0));
      if (truth > 0) loss -= truth * std::log(predicted);
    }
  }
  return loss / static_cast<double>(batch.count);
}

/// Accuracy of always naming the candidate of the likelier decision.
double two_candidate_accuracy(const tasks::Batch& batch) {
  const bool likelier = shares(batch).same >= 0.5;
  double right = 0;
  for (std::size_t i = 0; i < batch.labels.size(); ++i)
    right += (batch.decisions[i] == 1) == likelier || batch.labels[i] == batch.alternatives[i];
  return right / static_cast<double>(batch.count);
}

study::TaskSettings small(const std::string& variant) {
  study::TaskSettings settings;
  settings.variant = variant;
  settings.cell_size = 4;
  return settings;
}

} // namespace

TEST_CASE("guides are what a model that lacks only the decision reaches") {
  const bool mnist = GENERATE(false, true);
  const scratch::Data data(mnist);
  for (const auto& variant : canvas::variants())
    for (const double p : {0.5, 0.0, 0.7}) {
      INFO(variant.name << " with " << (mnist ? "MNIST" : "Fashion-MNIST") << " indicators, p = " << p);
      auto settings = small(variant.name);
      settings.same_probability = p;
      const auto task = tasks::make_task(settings);
      const auto info = task->info(1, 0.1);
      const tasks::Batch batch = task->training_batch(3, 0, 30000), held_out = task->validation_set(30000);
      // Standard errors are below 0.002 (loss) and 0.003 (shares).
      CHECK(two_candidate_loss(batch, 0.1) == Approx(guide(info, "loss/train", "plateau")).margin(0.008));
      CHECK(two_candidate_loss(held_out, 0) ==
            Approx(guide(info, "loss/validation", "plateau")).margin(0.008));
      CHECK(two_candidate_accuracy(held_out) ==
            Approx(guide(info, "accuracy/validation", "plateau")).margin(0.012));
      CHECK(guide(info, "loss/train", "floor") == Approx(0.5003).margin(5e-5));
      CHECK(guide(info, "loss/validation", "floor") == Approx(0.0943).margin(5e-5)); // -ln 0.91
      // p + (1 - p) / 2, and about 1/2 at 0.5 (the digits' frequencies differ a little).
      CHECK(shares(batch).same == Approx(p == 0.5 ? 0.5 : p + (1 - p) / 2).margin(0.02));
      CHECK(shares(batch).agree == Approx(0.1).margin(0.02));
    }
}

TEST_CASE("unequal class frequencies move the share of equal candidates") {
  const scratch::Data data(true);
  const auto batch = tasks::make_task(small("colour-indicator"))->training_batch(1, 1, 40000);
  double expected = 0;
  for (int c = 0; c < 10; ++c) expected += std::pow((10 + 3 * c) / 235.0, 2);
  CHECK(expected > 0.112); // so that the test can tell it from 0.1
  CHECK(shares(batch).agree == Approx(expected).margin(0.006));
}

TEST_CASE("with Fashion-MNIST's class balance the guides are the table's") {
  const scratch::Data data(false);
  for (const auto& variant : canvas::variants()) {
    const auto info = tasks::make_task(small(variant.name))->info(1, 0.1);
    CHECK(guide(info, "loss/train", "plateau, perfect classes: 1.025") == Approx(1.0246).margin(5e-5));
    CHECK(guide(info, "loss/train", "floor, perfect classes: 0.500") == Approx(0.5003).margin(5e-5));
    CHECK(guide(info, "loss/validation", "plateau, perfect classes: 0.708") == Approx(0.7083).margin(5e-5));
    CHECK(guide(info, "accuracy/validation", "plateau, perfect classes: 0.55") == Approx(0.55));
  }
}

TEST_CASE("the decision tells nothing about the label, nor does one indicator about the decision") {
  const scratch::Data data(false);
  auto settings = small("fixed-position");
  settings.color_noise = 0;
  const auto batch = tasks::make_task(settings)->training_batch(11, 0, 20000);
  std::array<double, 10> same{}, all{};
  double first_indicator = 0, equal_colours = 0;
  for (std::int64_t i = 0; i < batch.count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    all[static_cast<std::size_t>(batch.labels[at])] += 1;
    same[static_cast<std::size_t>(batch.labels[at])] += static_cast<double>(batch.decisions[at]);
    if (batch.decisions[at] == 0) continue;
    const auto first = canvas::decode(canvas::cell_colour(batch, 4, i, 0), canvas::plain);
    const auto second = canvas::decode(canvas::cell_colour(batch, 4, i, 3), canvas::plain);
    first_indicator += first.image.label == 1;
    equal_colours += first.colour == second.colour;
  }
  const double sames = std::accumulate(same.begin(), same.end(), 0.0);
  for (std::size_t k = 0; k < 10; ++k) {
    CHECK(all[k] / 20000 == Approx(0.1).margin(0.01));
    CHECK(same[k] / all[k] == Approx(0.5).margin(0.045));
  }
  CHECK(first_indicator / sames == Approx(0.5).margin(0.02));
  CHECK(equal_colours / sames == Approx(0.5).margin(0.02)); // the colours are pure distractors
}

TEST_CASE("each cell has one noisy colour of its own, unclipped, with the set deviation") {
  const scratch::Data data(false);
  auto settings = small("fixed-position");
  const auto noisy = tasks::make_task(settings)->training_batch(2, 4, 4000);
  settings.color_noise = 0;
  const auto clean = tasks::make_task(settings)->training_batch(2, 4, 4000);
  CHECK(noisy.labels == clean.labels); // noise changes colours and nothing else

  // The deviations of the 4 cells x 3 channels, in units of the grey value: twelve independent normals.
  std::array<double, 12> sum{};
  std::array<std::array<double, 12>, 12> products{};
  bool negative = false, above_white = false;
  for (std::int64_t i = 0; i < noisy.count; ++i) {
    std::array<double, 12> deviation{};
    for (int which = 0; which < 4; ++which) {
      const auto seen = canvas::cell_colour(noisy, 4, i, which),
                 pure = canvas::cell_colour(clean, 4, i, which);
      const double grey = *std::max_element(pure.begin(), pure.end());
      for (std::size_t c = 0; c < 3; ++c) {
        deviation[static_cast<std::size_t>(which) * 3 + c] = (seen[c] - pure[c]) / grey;
        negative = negative || seen[c] < 0;
        above_white = above_white || seen[c] > grey;
      }
    }
    for (std::size_t a = 0; a < 12; ++a) {
      sum[a] += deviation[a];
      for (std::size_t b = 0; b < 12; ++b) products[a][b] += deviation[a] * deviation[b];
    }
  }
  CHECK(negative);
  CHECK(above_white);
  for (std::size_t a = 0; a < 12; ++a) {
    CHECK(sum[a] / 4000 == Approx(0).margin(4 * 0.05 / std::sqrt(4000)));
    CHECK(std::sqrt(products[a][a] / 4000) == Approx(0.05).epsilon(0.05));
    for (std::size_t b = 0; b < a; ++b)
      CHECK(products[a][b] / 4000 == Approx(0).margin(4 * 0.05 * 0.05 / std::sqrt(4000)));
  }
}

TEST_CASE("empty cells stay black under colour noise") {
  const scratch::Data data(false);
  auto settings = small("position-as-indicator");
  settings.color_noise = 0.3;
  const auto batch = tasks::make_task(settings)->training_batch(2, 4, 200);
  int black = 0;
  for (std::int64_t i = 0; i < batch.count; ++i)
    for (int which = 0; which < 4; ++which)
      black += canvas::cell_colour(batch, 4, i, which) == canvas::Triple{0, 0, 0};
  CHECK(black == 2 * 200);
}

TEST_CASE("batches of different seeds and steps are unrelated") {
  const scratch::Data data(false);
  const auto task = tasks::make_task(small("fixed-position"));
  const auto equal_labels = [&](std::int64_t seed, std::int64_t step) {
    const auto a = task->training_batch(0, 0, 5000).labels, b = task->training_batch(seed, step, 5000).labels;
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0, std::plus<>(), std::equal_to<>()) / 5000;
  };
  CHECK(equal_labels(0, 0) == 1);
  for (const auto& [seed, step] : {std::pair{1, 0}, {0, 1}, {1, 1}, {-1, 0}, {0, 5000}})
    CHECK(equal_labels(seed, step) == Approx(0.1).margin(0.02));
}
