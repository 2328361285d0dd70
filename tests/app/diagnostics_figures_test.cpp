// Figures of gradient noise, curvature, linear transformers and values, drawn from synthetic runs.
#include <cmath>

#include "app/figures/catalogue.h"
#include "app/figures/curves.h"
#include "app/figures/maps.h"
#include "app/figures/optimizer.h"
#include "app/figures/values.h"
#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"

using namespace plateau;
using figures::Average;
using figures::PlotOptions;

namespace {

training::Series series_of(std::initializer_list<training::Point> points) {
  training::Series series;
  for (const auto& point : points) series.push(point);
  return series;
}

} // namespace

TEST_CASE("the density of the gradient noise integrates to one, beside the fitted normal") {
  const auto run = test::synthetic_linear_snapshot();
  const auto& member = run->members[0];
  const auto histogram = figures::noise_histogram(member, {});
  REQUIRE(histogram.shares.size() == 60);
  const double width = histogram.range.length() / 60;
  double mass = 0;
  for (const double density : histogram.shares) mass += density * width;
  CHECK(mass == Approx(1).margin(0.005)); // the last thousandths are beyond the axis
  double normal = 0;
  for (std::size_t i = 1; i < histogram.line.size(); ++i)
    normal +=
        (histogram.line[i].y + histogram.line[i - 1].y) / 2 * (histogram.line[i].x - histogram.line[i - 1].x);
  CHECK(normal == Approx(1).margin(0.01));
  const auto numbers = figures::noise_numbers(member, std::nullopt);
  REQUIRE(numbers);
  CHECK(numbers->step == 500);
  CHECK(numbers->draws == 2000);
  CHECK(figures::noise_numbers(member, 499)->step == 0);
  CHECK_FALSE(figures::noise_numbers({}, std::nullopt));
  CHECK(figures::noise_histogram({}, {}).shares.empty());
}

TEST_CASE("quantiles of a skewed sample leave the diagonal, those of a normal one follow it") {
  const auto run = test::synthetic_linear_snapshot();
  const auto skewed = figures::noise_quantiles(run->members[1], {});
  REQUIRE(skewed.line.size() == 2);
  CHECK(skewed.points.back().y > 1.3 * skewed.points.back().x);
  CHECK(skewed.points.front().y > skewed.points.front().x);

  training::MemberView even;
  auto errors = std::make_shared<training::Tensor>();
  for (int i = 0; i < 501; ++i) errors->data.push_back(5 + float(i - 250) * 0.01f);
  errors->shape = {501};
  auto frame = std::make_shared<training::TensorFrame>();
  frame->tensors["noise/errors"] = errors;
  even.frame = frame;
  const auto uniform = figures::noise_quantiles(even, {});
  CHECK(uniform.points[uniform.points.size() / 2].y ==
        Approx(uniform.points[uniform.points.size() / 2].x).margin(0.1));
  CHECK(uniform.points.back().y < uniform.points.back().x); // lighter tails than the normal
}

TEST_CASE("the condition number with and without dead weights") {
  const auto run = test::synthetic_linear_snapshot();
  PlotOptions options;
  options.members = {0};
  const auto all = figures::condition_plot(*run, options, false),
             live = figures::condition_plot(*run, options, true);
  REQUIRE(all.curves.size() == 1);
  CHECK(all.curves[0].data.at(4).y == Approx(1.6 * live.curves[0].data.at(4).y));
  CHECK(all.y.kind == widgets::ScaleKind::Log);
  const auto entries = figures::curvature_plot(*run, {}, true);
  CHECK(entries.curves.size() == 8);
  CHECK(entries.curves[0].kind == "largest |H_ii|");
  CHECK(entries.curves[1].kind == "median |H_ii|");
}

TEST_CASE("negative smoothness is drawn by its size, with a ring") {
  training::Snapshot run;
  training::MemberView member;
  member.name = "SGD";
  member.series["curvature/smoothness"] = series_of({{1, 2.}, {2, -0.5}, {3, 1.}});
  run.members = {member};
  const auto plot = figures::smoothness_plot(run, {});
  REQUIRE(plot.curves.size() == 2);
  CHECK(plot.curves[0].data.at(1).y == 0.5);
  CHECK(plot.curves[1].rings);
  REQUIRE(plot.curves[1].data.size == 1);
  CHECK(plot.curves[1].data.at(0).x == 2);

  // Two seeds: the median in a band of sizes.
  run.members.push_back(member);
  run.members[1].id = 1;
  run.members[1].series["curvature/smoothness"] = series_of({{1, 4.}, {2, -1.5}, {3, -3.}, {4, 1.}});
  run.members[0].name = "SGD · seed 0";
  run.members[1].name = "SGD · seed 1";
  PlotOptions options;
  options.seed_bands = true;
  const auto both = figures::smoothness_plot(run, options);
  REQUIRE(both.curves.size() == 2);
  CHECK(both.curves[0].label == "SGD (2 seeds)");
  REQUIRE(both.curves[0].data.size == 3); // step 4 has one of them only
  CHECK(both.curves[0].data.at(0).y == 3);
  CHECK(both.curves[1].data.size == 2); // medians -1 and -1
  CHECK(both.bands.at(0).low == std::vector<double>{2, 0.5, 1});
  CHECK(both.bands.at(0).high == std::vector<double>{4, 1.5, 3});
}

TEST_CASE("gradient norm and smoothness meet at the steps where both are known") {
  training::MemberView member;
  member.series["curvature/gradient-norm"] = series_of({{1, 1.}, {2, 10.}, {3, 100.}, {5, 7.}, {6, 1000.}});
  member.series["curvature/smoothness"] = series_of({{1, 2.}, {2, 20.}, {4, 9.}, {5, -1.}, {6, 2000.}});
  auto plot = figures::gradient_smoothness(member, {});
  REQUIRE(plot.points.size() == 3);
  CHECK(plot.shades == std::vector<double>{1, 2, 6});
  CHECK(plot.note == "Pearson 1.00, Spearman 1.00, 1 with S ≤ 0 left out");
  PlotOptions options;
  options.step = 4;
  CHECK(figures::gradient_smoothness(member, options).points.size() == 2);
  const auto run = test::synthetic_linear_snapshot();
  const auto all = figures::gradient_smoothness(run->members[1], {});
  const auto few = figures::gradient_smoothness(run->members[1], {}, 40);
  CHECK(few.points.size() <= 40);
  CHECK(few.points.size() > 20);
  CHECK(few.note == all.note); // of all points

  std::vector<widgets::Scatter> both = {figures::gradient_smoothness(run->members[0], {}), all};
  figures::share_axes(both);
  CHECK(both[0].x.range == both[1].x.range);
  for (const auto& each : both)
    for (const auto& point : each.points) CHECK(each.y.range->contains(point.y));
}

TEST_CASE("the matrices of a linear transformer on one scale about zero") {
  const auto run = test::synthetic_linear_snapshot();
  const auto grid = figures::linear_matrices(run->members[0], {});
  REQUIRE(grid.cells.size() == 6);
  CHECK(grid.cells[0].title == "P₁");
  CHECK(grid.cells[5].title == "Q₃");
  CHECK(grid.cells[0].range.low == -grid.cells[0].range.high);
  CHECK(grid.cells[0].range == grid.cells[5].range);
  CHECK(grid.cells[0].at(1, 1) > 3 * std::abs(grid.cells[0].at(1, 2)));
  CHECK_FALSE(grid.cells[0].x_label.empty());
  CHECK(figures::linear_matrices({}, {}).cells.empty());
  const auto distances = figures::matrix_distance_plot(run->members[0], {});
  REQUIRE(distances.curves.size() == 6);
  CHECK(distances.curves[0].color == distances.curves[1].color); // the layer's
  CHECK(distances.curves[0].dash != distances.curves[1].dash);   // P and Q
}

TEST_CASE("gradient descent of the same depth is a level, told once, and an average is chosen where it is "
          "recorded") {
  const auto run = test::synthetic_linear_snapshot();
  PlotOptions options;
  CHECK(figures::recorded_averages(*run, options).size() == 3);
  auto levels = figures::descent_levels(*run, options, "");
  REQUIRE(levels.size() == 2);
  CHECK(levels[0].label == "3 steps of gradient descent");
  CHECK(levels[1].label == "3 steps of preconditioned gradient descent");
  options.average = Average::Median;
  CHECK(figures::descent_levels(*run, options, "")[0].label == "3 steps of gradient descent (mean)");
  const auto plot = figures::gradient_descent_plot(*run, options);
  CHECK(plot.y.title == "median loss");
  CHECK(plot.curves[0].data.at(3).y == run->members[0].series.at("loss/validation-median")[3].value);

  const auto loss = figures::loss_plot(*run, options);
  CHECK(loss.curves[1].kind == "validation median");
  CHECK(loss.guides.size() == 2);
  const auto vision = test::synthetic_snapshot(100);
  CHECK(figures::recorded_averages(*vision, {}) == std::vector<Average>{Average::Mean});
  CHECK(figures::loss_plot(*vision, options).curves[1].kind == "validation"); // falls back to the mean
  // Another depth is another level, the same depth on other data is told by the member's name.
  run->members[1].settings.model.depth = 1;
  run->members[1].series["reference/gradient-descent"] = series_of({{0, 3.}});
  run->members[2].series["reference/gradient-descent"] = series_of({{0, 9.}});
  levels = figures::descent_levels(*run, {}, "");
  CHECK(levels[1].label == "1 step of gradient descent");
  CHECK(levels[2].label == "3 steps of gradient descent, SGD");
}

TEST_CASE("values per layer and head, and sums that have underflowed") {
  const auto run = test::synthetic_text_snapshot();
  PlotOptions options;
  options.members = {1};
  auto plot = figures::value_plot(*run, options, "values/spread");
  CHECK(plot.curves.size() == 2);
  options.layer = 2;
  CHECK(figures::value_plot(*run, options, "values/spread").curves.size() == 3);
  CHECK(figures::value_plot(*run, options, "values/smallest-sum").curves.size() ==
        1); // heads are not told apart
  options.layer = 0;
  run->members[1].series["values/smallest-sum/layer1"] = series_of({{0, 1e-5}, {50, 0.}});
  plot = figures::value_plot(*run, options, "values/smallest-sum");
  CHECK(plot.curves[0].data.at(1).y == 1e-45); // 0 has no place on a logarithmic axis
  CHECK(plot.guides.at(0).y == figures::underflow_limit);
  options.members = {0};
  CHECK(figures::value_plot(*run, options, "values/smallest-sum").curves.empty()); // no LASER
}

TEST_CASE("tokens of a sequence are called by what they say") {
  const auto run = test::synthetic_text_snapshot();
  const training::TokenLayout sequence{1, 24, false};
  CHECK(figures::token_name(sequence, 2, run->task.get(), 0) == "3: \"e\"");
  CHECK(figures::token_name(sequence, 3, run->task.get(), 0) == "4: \"␣\"");
  CHECK(figures::token_name(sequence, 2, run->task.get(), -1) == "token 3"); // of the mean over samples
  CHECK(figures::token_name({2, 2, true}, 4, run->task.get(), 0) == "row 2, column 2");
}

TEST_CASE("figures that a run has nothing for say what to record") {
  const auto linear = test::synthetic_linear_snapshot(), text = test::synthetic_text_snapshot();
  const auto missing = [](const char* name, const training::Snapshot& snapshot) {
    return figures::figure(name).missing(snapshot, {});
  };
  for (const char* name : {"gradient-noise", "condition-number", "smoothness", "gradient-smoothness",
                           "linear-matrices", "gradient-descent"}) {
    INFO(name);
    CHECK(missing(name, *linear).empty());
    CHECK_FALSE(missing(name, *text).empty());
  }
  CHECK(missing("values", *text).empty());
  CHECK_THAT(missing("values", *linear), ContainsSubstring("probes.values_every"));
  CHECK_THAT(missing("gradient-noise", *text), ContainsSubstring("probes.noise_every"));
}
