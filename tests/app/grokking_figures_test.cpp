// Figures of modular arithmetic and of learning in context, drawn from synthetic runs.
#include <algorithm>
#include <cmath>

#include "app/commands/run_summary.h"
#include "app/commands/run_text.h"
#include "app/figures/catalogue.h"
#include "app/figures/curves.h"
#include "app/figures/features.h"
#include "app/figures/in_context.h"
#include "app/figures/maps.h"
#include "app/figures/metric_plots.h"
#include "engine/probes/catalogue.h"
#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"

using namespace plateau;
using figures::PlotOptions;

namespace {

training::Series series_of(std::initializer_list<training::Point> points) {
  training::Series series;
  for (const auto& point : points) series.push(point);
  return series;
}

std::shared_ptr<training::Tensor> array(std::vector<std::int64_t> shape, std::vector<float> data) {
  auto tensor = std::make_shared<training::Tensor>();
  tensor->shape = std::move(shape);
  tensor->data = std::move(data);
  return tensor;
}

training::MemberView with_arrays(std::map<std::string, std::shared_ptr<const training::Tensor>> arrays) {
  training::MemberView member;
  member.settings.task.kind = "modular-arithmetic";
  auto frame = std::make_shared<training::TensorFrame>();
  frame->tensors = std::move(arrays);
  member.frame = frame;
  return member;
}

} // namespace

TEST_CASE("every metric of the small plots is one that a probe or the trainer measures") {
  for (const auto plots : {figures::embedding_plots(), figures::rank_plots(), figures::entropy_plots(),
                           figures::circuit_plots(), figures::logit_plots(), figures::norm_plots(),
                           figures::score_plots(), figures::component_plots(), figures::collapse_plots()})
    for (const auto& plot : plots)
      for (const auto& curve : plot.curves) {
        INFO(curve.metric);
        CHECK(probes::metric_title(curve.metric) != curve.metric);
      }
}

TEST_CASE("the five strongest frequencies stand out, and a bar stands over its frequency") {
  const auto member =
      with_arrays({{"features/embedding-spectrum", array({6}, {0.1f, 0.3f, 0.05f, 0.25f, 0.2f, 0.1f})}});
  CHECK(figures::strongest_frequencies(member) == std::vector<std::int64_t>{2, 4, 5, 1, 6});
  CHECK(figures::strongest_frequencies(member, 1) == std::vector<std::int64_t>{2});
  CHECK(figures::strongest_frequencies({}).empty());
  const auto spectrum = figures::embedding_spectrum(member, {});
  CHECK(spectrum.range == widgets::Range{0.5, 6.5});
  REQUIRE(spectrum.colors.size() == 6);
  CHECK(spectrum.colors[1] == spectrum.colors[5]);
  CHECK_FALSE(spectrum.colors[1] == spectrum.colors[2]); // the one left out
  REQUIRE(spectrum.labels.size() == 5);
  CHECK(spectrum.labels[0].bar == 1);
  CHECK(spectrum.labels[0].text == "2");
  CHECK(figures::embedding_spectrum({}, {}).shares.empty());
}

TEST_CASE("tokens on a circle are joined and coloured in the order in which the frequency has them") {
  // Seven tokens at frequency 3: token j stands at 3 j / 7 of the circle.
  std::vector<float> places;
  for (int j = 0; j < 7; ++j)
    for (const double part : {std::cos(2 * M_PI * 3 * j / 7), std::sin(2 * M_PI * 3 * j / 7)})
      places.push_back(float(part));
  const auto member = with_arrays({{"features/circle", array({7, 2}, places)},
                                   {"features/embedding-spectrum", array({3}, {0.2f, 0.1f, 0.7f})}});
  const auto circle = figures::embedding_circle(member, {});
  CHECK(circle.same_scale);
  CHECK(circle.shades == std::vector<double>{0, 3, 6, 2, 5, 1, 4});
  REQUIRE(circle.line.size() == 8);                      // closed
  for (std::size_t i = 1; i < circle.line.size(); ++i) { // each side is that of a heptagon
    const double side =
        std::hypot(circle.line[i].x - circle.line[i - 1].x, circle.line[i].y - circle.line[i - 1].y);
    CHECK(side == Approx(2 * std::sin(M_PI / 7)).epsilon(1e-5));
  }
  CHECK(circle.labels[2] == "2");
  auto product = member;
  product.settings.task.operation = "multiply";
  CHECK(figures::embedding_circle(product, {}).labels[2] == "g^2");
  CHECK(figures::embedding_circle({}, {}).points.empty());
}

TEST_CASE("a pair's result follows the task's operation") {
  study::TaskSettings task;
  task.modulus = 7;
  const auto result = [&](const char* operation, std::int64_t a, std::int64_t b) {
    task.operation = operation;
    return figures::result_of(task, a, b);
  };
  CHECK(result("add", 5, 4) == 2);
  CHECK(result("subtract", 2, 5) == 4);
  CHECK(result("multiply", 3, 5) == 1);
  CHECK(result("quadratic", 2, 3) == (4 + 6 + 9) % 7);
  CHECK_FALSE(result("divide", 3, 0));
  for (std::int64_t a = 0; a < 7; ++a)
    for (std::int64_t b = 1; b < 7; ++b) CHECK(*result("divide", a, b) * b % 7 == a);
}

TEST_CASE("eigenvalues on logarithmic axes, rounding left out, and the right class in the middle") {
  const auto member = with_arrays({{"features/spectrum", array({4}, {100.f, 1.f, 1e-9f, -1e-9f})},
                                   {"features/diagonal", array({5}, {9, 1, 2, 3, 4})}});
  const std::vector<figures::MemberArrays> arrays = {{&member, member.frame}, {&member, nullptr}};
  const auto spectrum = figures::feature_spectrum(arrays, {});
  CHECK(spectrum.x.kind == widgets::ScaleKind::Log);
  CHECK(spectrum.y.kind == widgets::ScaleKind::Log);
  REQUIRE(spectrum.curves.size() == 1);
  CHECK(spectrum.curves[0].data.at(0).x == 1);
  CHECK(spectrum.curves[0].data.at(1).y == 1);
  CHECK(std::isnan(spectrum.curves[0].data.at(2).y));
  const auto diagonal = figures::diagonal_profile(arrays, {});
  REQUIRE(diagonal.curves.size() == 1);
  const double expected[] = {3, 4, 9, 1, 2}; // c - result = -2, -1, 0, 1, 2
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(diagonal.curves[0].data.at(i).x == double(i) - 2);
    CHECK(diagonal.curves[0].data.at(i).y == expected[i]);
  }
}

TEST_CASE("the right class's logits: pairs that do not exist are blank") {
  const auto run = test::synthetic_grokking_snapshot();
  const auto map = figures::correct_logit(run->members[0], {});
  REQUIRE(map.rows == 31);
  CHECK(std::isnan(map.at(5, 7)));
  CHECK(std::isfinite(map.range.low));
  const auto alpha = [&](int row, int column) {
    return int(map.image->rgba()[std::size_t(row * 31 + column) * 4 + 3]);
  };
  CHECK(alpha(5, 7) == 0);
  CHECK(alpha(7, 5) == 255);
  CHECK(figures::correct_logit_grid({}, {}).cells.empty());
}

TEST_CASE("attention of the last token in groups of bars, one per head") {
  const auto run = test::synthetic_grokking_snapshot();
  const auto bars = figures::operand_attention(run->members[1], {});
  REQUIRE(bars.groups.size() == 4);
  REQUIRE(bars.series.size() == 3);
  CHECK(bars.series[0].name == "a");
  CHECK(bars.series[2].name == "=");
  for (std::size_t head = 0; head < 4; ++head)
    CHECK(bars.series[0].values[head] + bars.series[1].values[head] + bars.series[2].values[head] ==
          Approx(1).epsilon(1e-5));
}

TEST_CASE("one member's sorts of curves have colours, several members' have dashes") {
  const auto run = test::synthetic_grokking_snapshot();
  PlotOptions one;
  one.members = {1};
  const auto alone = figures::metric_plot(*run, one, figures::circuit_plot());
  REQUIRE(alone.curves.size() == 5);
  CHECK(alone.curves[0].label == "train");
  CHECK(alone.curves[4].label == "unit MLP input (train)");
  CHECK(alone.y.kind == widgets::ScaleKind::Log);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(alone.curves[i].dash == widgets::Dash::Solid);
    for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(alone.curves[i].color == alone.curves[j].color);
  }
  const auto all = figures::metric_plot(*run, {}, figures::logit_plots()[0]);
  REQUIRE(all.curves.size() == 8);
  CHECK(all.curves[0].kind == "train");
  CHECK(all.curves[1].kind == "test");
  CHECK(all.curves[0].color == all.curves[1].color);
  CHECK_FALSE(all.curves[0].dash == all.curves[1].dash);
  PlotOptions seeds;
  seeds.seed_bands = true;
  CHECK(figures::metric_plot(*run, seeds, figures::rank_plots()[0]).bands.size() == 2);

  // Parts of a metric by layer, beside what they are compared with.
  const auto context = test::synthetic_context_snapshot();
  const auto scores = figures::metric_plot(*context, one, figures::component_plots()[0]);
  REQUIRE(scores.curves.size() == 3);
  CHECK(scores.curves[0].label == "layer 1");
  CHECK(scores.curves[1].label == "layer 2");
  CHECK(scores.curves[2].label == "from the item");
  CHECK(scores.curves[2].dash == widgets::Dash::Dashed);
  CHECK(figures::metric_plots(*context, one, figures::norm_plots()).empty());
}

TEST_CASE("memorising and generalising are marks on the curves") {
  const auto run = test::synthetic_grokking_snapshot();
  PlotOptions options;
  options.members = {1};
  const auto loss = figures::grokking_loss_plot(*run, options);
  CHECK(loss.y.kind == widgets::ScaleKind::Log);
  REQUIRE(loss.curves.size() == 2);
  CHECK(loss.curves[0].kind == "train");
  CHECK(loss.curves[1].kind == "test");
  REQUIRE(loss.marks.size() == 2);
  CHECK(loss.marks[0].label == "memorised");
  CHECK(loss.marks[0].x == test::synthetic_memorisation + 10);
  CHECK(loss.marks[1].label == "generalises");
  CHECK(loss.marks[1].x == double(test::synthetic_generalisation(1)));
  const auto accuracy = figures::grokking_accuracy_plot(*run, {});
  CHECK(accuracy.curves.size() == 8);
  CHECK(accuracy.marks.size() == 8);
  CHECK(accuracy.y.kind == widgets::ScaleKind::Linear);
}

TEST_CASE("accuracy by place over the steps: gaps stay blank, the newest value counts at a step") {
  training::Snapshot run;
  training::MemberView member;
  member.name = "plain · seed 0";
  member.series["context/accuracy/position1"] = series_of({{0, 0.25}, {100, 0.25}, {200, 0.3}});
  member.series["context/accuracy/position10"] = series_of({{0, 0.25}, {100, 0.5}, {200, 0.9}});
  member.series["context/accuracy/position9"] = series_of({{100, 0.4}, {200, 0.8}});
  member.series["context/accuracy"] = series_of({{0, 1}}); // none by place
  run.members = {member};
  CHECK(figures::recorded_positions(member, "context/accuracy") == std::vector<int>{1, 9, 10});
  const auto history = figures::position_history(run, member, {}, "context/accuracy");
  CHECK(history.range == widgets::Range{0.5, 10.5});
  CHECK(history.steps == std::vector<double>{0, 100, 200});
  REQUIRE(history.shares[2].size() == 10);
  CHECK(history.shares[2][0] == Approx(0.3));
  CHECK(std::isnan(history.shares[2][4]));
  CHECK(std::isnan(history.shares[0][8]));
  CHECK(history.shown == widgets::Range{0, 1});
  REQUIRE(history.image);
  CHECK(history.image->rgba()[3] == 255); // place 10 at step 0
  CHECK(history.image->rgba()[std::size_t(history.image->width()) * 5 * 4 + 3] ==
        0); // nothing is known of place 5
  CHECK(history.nearest_step(149) == 1);
  CHECK(history.nearest_step(151) == 2);
  CHECK(history.bin_at(9.6) == 9);
  CHECK_FALSE(history.bin_at(0.4));

  PlotOptions options;
  options.step = 150;
  const auto curve = figures::position_plot(run, options, "context/accuracy", "accuracy");
  REQUIRE(curve.curves.size() == 1);
  REQUIRE(curve.curves[0].data.size == 3);
  CHECK(curve.curves[0].data.at(2).x == 10);
  CHECK(curve.curves[0].data.at(2).y == 0.5);
  // Seeds together: the median between the least and the most, where all have a value.
  run.members.push_back(member);
  run.members[1].id = 1;
  run.members[1].name = "plain · seed 1";
  run.members[1].series.erase("context/accuracy/position9");
  run.members[1].series["context/accuracy/position10"] = series_of({{0, 0.1}});
  options.seed_bands = true;
  const auto both = figures::position_plot(run, options, "context/accuracy", "accuracy");
  REQUIRE(both.curves.size() == 1);
  CHECK(both.curves[0].label == "plain (2 seeds)");
  REQUIRE(both.curves[0].data.size == 2);
  CHECK(both.curves[0].data.at(1).y == Approx(0.3));
  CHECK(both.bands.at(0).low == std::vector<double>{0.25, 0.1});

  const auto synthetic = test::synthetic_context_snapshot();
  const auto guided = figures::position_plot(*synthetic, {}, "context/loss", "loss");
  REQUIRE(guided.guides.size() == 1);
  CHECK(guided.guides[0].y == Approx(std::log(4.0)));
  CHECK(figures::position_plot(*synthetic, {}, "context/rule-score-by-position", "rule").guides.empty());
}

TEST_CASE("scores of heads as tables of layers and heads") {
  const auto run = test::synthetic_context_snapshot();
  PlotOptions options;
  const auto table = figures::head_table(run->members[1], options);
  REQUIRE(table.cells.size() == 3);
  CHECK(table.cells[0].title == "induction / uniform");
  CHECK(table.cells[0].rows == 2);
  CHECK(table.cells[0].columns == 4);
  CHECK(table.cells[0].at(1, 2) == Approx(3.6).epsilon(0.01)); // layer 2, head 3
  CHECK(table.cells[1].at(0, 1) == Approx(0.9).epsilon(0.01)); // layer 1, head 2
  CHECK(table.cells[1].texts[1] == "90 %");
  options.step = 100;
  CHECK(figures::head_table(run->members[1], options).cells[1].texts[1] == "10 %");
  CHECK(figures::head_table({}, {}).cells.empty());
  options.layer = 2;
  options.members = {1};
  CHECK(figures::count_head_layers(*run, options, figures::head_scores()[0]) == 2);
  const auto curves = figures::head_score_plot(*run, options, figures::head_scores()[0]);
  CHECK(curves.curves.size() == 4);
  CHECK(curves.guides.at(0).y == 1);
}

TEST_CASE("maps belong to the sequences of the member's frame, where it has any") {
  const auto run = test::synthetic_grokking_snapshot();
  const auto own = figures::task_of(*run, run->members[1]);
  REQUIRE(own->input_labels.size() == 3);
  CHECK(own->input_labels[0] == "5 6 = → 11");
  CHECK(own->targets[0] == 11);
  CHECK(figures::token_text(*own, 0, 2) == "=");
  CHECK(figures::token_name(run->members[1].tokens, 0, own.get(), 0) == "1: \"5\"");
  auto none = run->members[1];
  none.frame = std::make_shared<training::TensorFrame>();
  CHECK(figures::task_of(*run, none) == run->task);
  const auto pairs = test::synthetic_context_snapshot();
  const auto labels = figures::task_of(*pairs, pairs->members[0])->input_labels;
  CHECK_THAT(labels[0], ContainsSubstring("000 D 122")); // items and labels take turns
  CHECK_THAT(labels[0], ContainsSubstring("… → A"));
}

TEST_CASE("what such figures lack is said, with the setting") {
  const auto grokking = test::synthetic_grokking_snapshot(), context = test::synthetic_context_snapshot(),
             text = test::synthetic_text_snapshot();
  const auto missing = [](const char* name, const training::Snapshot& snapshot) {
    return figures::figure(name).missing(snapshot, {});
  };
  for (const char* name : {"grokking", "embedding-spectrum", "circle", "feature-spectrum", "effective-rank",
                           "attention-entropy", "circuit-loss", "correct-logit"}) {
    INFO(name);
    CHECK(missing(name, *grokking).empty());
    CHECK_FALSE(missing(name, *text).empty());
  }
  for (const char* name : {"in-context-positions", "in-context-scores", "component-scores", "head-scores"}) {
    INFO(name);
    CHECK(missing(name, *context).empty());
    CHECK_FALSE(missing(name, *grokking).empty());
    CHECK_FALSE(missing(name, *text).empty());
  }
  CHECK_THAT(missing("circle", *text), ContainsSubstring("probes.features_every"));
  CHECK_THAT(missing("head-scores", *text), ContainsSubstring("probes.in_context_every"));
}

TEST_CASE("a summary of modular arithmetic tells when members memorised and generalised") {
  const auto run = test::synthetic_grokking_snapshot(3000);
  const auto summary = commands::summarize(*run, 10, 3000, false);
  // From the curves, which the detectors go through again.
  CHECK(summary.members[0].memorised_step == 250);
  CHECK(summary.members[0].generalised_step == 850);
  CHECK_FALSE(summary.members[3].generalised_step); // not yet
  REQUIRE(summary.members[3].plateau);
  CHECK(summary.members[3].plateau->lasting);
  std::string text;
  for (const auto& line : commands::summary_lines(summary)) text += line + "\n";
  CHECK_THAT(text, ContainsSubstring("memorised") && ContainsSubstring("600 (3.4×)"));
  CHECK_THAT(commands::summary_json(summary), ContainsSubstring("\"generalised_step\":850"));

  const auto context = commands::summarize(*test::synthetic_context_snapshot(2000), 10, 2000, false);
  REQUIRE(context.members[1].plateau);
  CHECK(context.members[1].plateau->end == 900);
  CHECK_FALSE(context.members[1].plateau->lasting);
  CHECK(context.members[1].plateau->level == Approx(1.38).margin(0.03));
  CHECK(context.members[1].eureka_step == 900);
  CHECK(context.members[0].plateau->lasting); // the baseline is stuck
}
