// What panels compute, without a window.
#include <cmath>
#include <fstream>

#include "app/window/elements.h"
#include "app/window/explain.h"
#include "app/window/going_back.h"
#include "app/window/score_rows.h"
#include "app/window/token_weights.h"
#include "app/window/view.h"
#include "engine/attention/catalogue.h"
#include "tests/app/plateau_process.h"
#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"

using namespace plateau;

TEST_CASE("tooltips work the formula out with the run's own numbers") {
  study::Settings s;
  s.model.width = 64;
  s.model.heads = 4;
  s.attention.temperature = 0.25;
  window::RunNumbers numbers;
  const auto text = [&](const char* field) { return window::with_numbers(study::field(field), s, numbers); };
  CHECK(text("attention.temperature") == "τ = 0.25 × √16 = 1");
  CHECK(text("model.heads") == "d_k = 64 / 4 = 16");
  s.task.cell_size = 14;
  s.model.patch = 7;
  CHECK(text("model.patch") == "N = (2 × 14 / 7)² + 1 = 17 tokens");
  CHECK(text("optimizer.beta2") == "remembers about 1 / (1 - 0.999) = 1000 steps");
  CHECK(text("optimizer.learning_rate").empty()); // not known before the first sample
  numbers.learning_rate = 1e-3;
  numbers.step = 250;
  CHECK(text("optimizer.learning_rate") == "η = 0.001 at step 250");
}

TEST_CASE("every setting with a worked formula exists") {
  // A renamed field must not silently lose its numbers.
  int worked = 0;
  for (const study::Field& field : study::fields())
    worked +=
        !window::with_numbers(field, {}, {.step = 1, .classes = 10, .learning_rate = 1e-3, .temperature = 1})
             .empty();
  CHECK(worked >= 26);
}

TEST_CASE("scores of the present row give the present weights back") {
  auto snapshot = test::synthetic_snapshot(2000);
  const auto& member = snapshot->members[0];
  const double sqrt_dk = std::sqrt(static_cast<double>(window::head_width(member.settings.model)));
  const double tau = member.settings.attention.temperature * sqrt_dk;
  const auto rows = window::current_scores(member, tau);
  REQUIRE(rows.size() == 6);
  CHECK(rows[4].label == "layer 2, head 2");
  const auto weights = attention::row_weights("softmax", rows[4].scores, {tau, sqrt_dk, {}});
  const auto& maps = *member.frame->tensors.at("attention/maps");
  const std::size_t keys = weights.size();
  for (std::size_t k = 0; k < keys; ++k)
    CHECK(weights[k] == Approx(maps.data[4 * keys * keys + k]).margin(1e-5));

  auto other = member;
  other.settings.attention.variant = "norm-softmax"; // its scores cannot be told from its weights
  CHECK(window::current_scores(other, tau).empty());
}

TEST_CASE("attention per token: where a query looks, and how much a token is looked at") {
  training::TensorFrame frame;
  auto mean = std::make_shared<training::Tensor>();
  mean->shape = {1, 2, 3, 3};
  mean->data = {1, 0, 0, 0, 1, 0, 0, 0, 1, /* head 2 */ 0.f, .5f, .5f, 0.f, .25f, .75f, .6f, .3f, .1f};
  frame.tensors["attention/mean"] = mean;
  using window::TokenMeasure;
  CHECK(window::token_weights(frame, -1, 0, 1, TokenMeasure::FromQuery, 1) ==
        std::vector<float>{0.f, .25f, .75f});
  const auto received = window::token_weights(frame, -1, 0, 1, TokenMeasure::Received, 0);
  REQUIRE(received.size() == 3);
  CHECK(received[0] == Approx(0.2));
  CHECK(received[1] == Approx(0.35));
  CHECK(received[2] == Approx(0.45));
  CHECK(window::token_weights(frame, 0, 0, 1, TokenMeasure::FromQuery, 1).empty());  // no maps of samples
  CHECK(window::token_weights(frame, -1, 0, 2, TokenMeasure::FromQuery, 1).empty()); // no such head
  CHECK(window::token_weights(frame, -1, 0, 1, TokenMeasure::FromQuery, 3).empty());
}

TEST_CASE("the veil is clear where the weight is largest, and skips the class token") {
  const std::vector<float> weights = {0.6f, 0.05f, 0.1f, 0.2f, 0.05f};
  const auto veil = window::patch_veil(weights, {2, 2, true});
  REQUIRE(veil);
  REQUIRE(veil->width() == 2);
  REQUIRE(veil->height() == 2);
  const auto opacity = [&](int i) {
    return static_cast<int>(veil->rgba()[static_cast<std::size_t>(i) * 4 + 3]);
  };
  CHECK(opacity(2) == 0);
  CHECK(opacity(1) > opacity(2));
  CHECK(opacity(0) > opacity(1));
  CHECK(opacity(0) == opacity(3));
  CHECK_FALSE(window::patch_veil(weights, {3, 2, true}));
}

TEST_CASE("values and events are those at the playhead") {
  const auto snapshot = test::synthetic_snapshot();
  const auto& member = snapshot->members[0];
  const auto& losses = member.series.at("loss/validation");
  CHECK(window::value_at(member, "loss/validation", 2075) == losses[41].value); // the sample of step 2050
  CHECK(window::value_at(member, "loss/validation", 2050) == losses[41].value);
  CHECK_FALSE(window::value_at(member, "loss/validation", -1));
  CHECK_FALSE(window::value_at(member, "no such metric", 100));
  CHECK_FALSE(window::jump_step(*snapshot, 0, test::synthetic_jump - 1));
  CHECK(window::jump_step(*snapshot, 0, test::synthetic_jump) == test::synthetic_jump);
  CHECK(window::checkpoint_before(snapshot->checkpoints, 1234) == 1000);
  CHECK(window::checkpoint_before(snapshot->checkpoints, 1000) == 1000);
}

TEST_CASE("times are written for people") {
  CHECK(window::duration(12.4) == "12 s");
  CHECK(window::duration(59.8) == "1 min");
  CHECK(window::duration(125) == "2 min");
  CHECK(window::duration(3 * 3600 + 20 * 60) == "3 h 20 min");
  CHECK(window::duration(50 * 3600) == "2 d 2 h");
  CHECK(window::duration(-1) == "?");
}
