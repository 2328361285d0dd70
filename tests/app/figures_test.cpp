#include "tests/catch.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "app/commands/figure.h"
#include "app/figures/catalogue.h"
#include "app/figures/curves.h"
#include "app/figures/difference.h"
#include "app/figures/maps.h"
#include "engine/errors.h"
#include "engine/recording/writer.h"
#include "tests/gui/synthetic_run.h"

using namespace plateau;
using figures::PlotOptions;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t steps = 1000, every = 50, forked_at = 400, layers = 2, heads = 3, tokens = 5;

std::shared_ptr<const training::TensorFrame> make_frame(std::int64_t step) {
  auto maps = std::make_shared<training::Tensor>();
  maps->shape = {2, layers, heads, tokens, tokens};
  for (std::int64_t i = 0; i < 2 * layers * heads * tokens; ++i)
    for (std::int64_t key = 0; key < tokens; ++key) maps->data.push_back(key == i % tokens ? 0.6f : 0.1f);
  auto mean = std::make_shared<training::Tensor>();
  mean->shape = {layers, heads, tokens, tokens};
  mean->data.assign(maps->data.begin(), maps->data.begin() + std::ptrdiff_t(maps->data.size() / 2));
  auto histogram = std::make_shared<training::Tensor>();
  histogram->shape = {layers, 50};
  histogram->data.assign(layers * 50, 0.f);
  for (std::int64_t layer = 0; layer < layers; ++layer)
    histogram->data[std::size_t(layer * 50 + 40 - step / 100)] = 1;
  auto frame = std::make_shared<training::TensorFrame>();
  frame->step = step;
  frame->tensors = {{"attention/maps", maps}, {"attention/mean", mean}, {"saturation/histogram", histogram}};
  auto matrices = std::make_shared<training::Tensor>();
  matrices->shape = {1, 2, 2, 2};
  matrices->data = {1, 0, 0, 1, -1, 0, 0, -1};
  auto errors = std::make_shared<training::Tensor>();
  for (int i = 0; i < 200; ++i) errors->data.push_back(1 + 0.01f * float(i));
  errors->shape = {200};
  frame->tensors["linear/matrices"] = matrices;
  frame->tensors["noise/errors"] = errors;
  return frame;
}

training::MemberView make_member(int id, const std::string& name) {
  training::MemberView member;
  member.id = id;
  member.name = name;
  member.seed = id;
  member.step = steps;
  member.settings.model.depth = layers;
  for (std::int64_t step = 1; step <= steps; ++step) {
    member.series["loss/train"].push({step, 1 + id + 0.1 * double(step % 2)});
    member.series["accuracy/train"].push({step, 0.5});
  }
  for (std::int64_t step = 0; step <= steps; step += every) {
    for (const char* metric : {"loss/validation", "accuracy/validation", "accuracy/intermediate",
                               "accuracy/either-target", "optimizer/learning-rate"})
      member.series[metric].push({step, 0.5 + 0.1 * id});
    for (int layer = 1; layer <= layers; ++layer) {
      for (const auto& measure : figures::saturation_measures()) {
        member.series[fmt::format("saturation/{}/layer{}", measure.name, layer)].push({step, 0.1 * layer});
        for (int head = 1; head <= heads; ++head)
          member.series[fmt::format("saturation/{}/layer{}/head{}", measure.name, layer, head)].push(
              {step, 0.1 * head});
      }
      for (const auto& measure : figures::component_measures())
        member.series[fmt::format("component/{}/layer{}", measure.name, layer)].push({step, 0.3});
      for (const char* part : {"W_Q", "W_K", "W_V", "W_O", "mlp"})
        for (const char* kind : {"gradient", "gradient-mean", "weight"})
          member.series[fmt::format("{}/{}/layer{}", kind, part, layer)].push({step, 0.01 * layer});
    }
    for (const char* kind : {"gradient", "gradient-mean", "weight"})
      for (const char* part : {"embedding", "readout"})
        member.series[fmt::format("{}/{}", kind, part)].push({step, 0.2});
    for (const char* metric : {"curvature/largest", "curvature/median", "curvature/condition",
                               "curvature/smoothness", "curvature/gradient-norm", "values/spread/layer1"})
      member.series[metric].push({step, 0.1 + 0.001 * double(step % 350)});
    member.histograms.push(make_frame(step));
  }
  for (const char* metric :
       {"noise/skew", "noise/kurtosis", "noise/median", "noise/p99", "linear/P-distance/layer1",
        "linear/Q-distance/layer1", "reference/gradient-descent"})
    member.series[metric].push({0, 0.5});
  member.tokens = {2, 2, true};
  member.frame = make_frame(steps);
  return member;
}

training::Snapshot make_snapshot() {
  training::Snapshot snapshot;
  auto study = std::make_shared<study::Study>();
  study->name = "sample", study->title = "A sample";
  study->members = {{"ViT", 0, {}}};
  snapshot.study = study;
  auto task = std::make_shared<training::TaskInfo>();
  task->guides = {{"loss/train", 1.0246, "plateau"},
                  {"loss/validation", 0, "floor"},
                  {"accuracy/validation", 0.55, "plateau"}};
  auto inputs = std::make_shared<training::Tensor>();
  inputs->shape = {2, 3, 4, 4};
  inputs->data.assign(2 * 3 * 16, 0.5f);
  task->inputs = inputs;
  task->input_labels = {"same", "different"};
  snapshot.task = task;
  snapshot.step = steps;
  snapshot.members = {make_member(0, "ViT · seed 0"), make_member(1, "ViT · seed 1"),
                      make_member(2, "ViT · seed 2"), make_member(3, "CNN")};
  snapshot.members[1].parent = 0;
  snapshot.members[1].forked_at = forked_at;
  auto& cnn = snapshot.members[3];
  cnn.settings.model.kind = "resnet";
  cnn.tokens = {};
  cnn.frame = std::make_shared<training::TensorFrame>();
  cnn.histograms = {};
  using Kind = training::Event::Kind;
  snapshot.events = {{Kind::PlateauBegin, 100, 0, "plateau"},
                     {Kind::Intervention, 300, -1, "attention.temperature = 0.5 on all members, twin kept"},
                     {Kind::PlateauEnd, 500, 0, "plateau ends"},
                     {Kind::EurekaMoment, 600, 0, "jump"},
                     {Kind::PlateauBegin, 700, 3, "plateau"},
                     {Kind::Checkpoint, 500, -1, "checkpoint"}};
  return snapshot;
}

struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("plateau-figure-tests-{}", ::getpid());
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
};

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const widgets::Curve* find_curve(const widgets::LinePlot& plot, const std::string& group,
                                 const std::string& kind) {
  for (const auto& curve : plot.curves)
    if (widgets::group_of(curve) == group && curve.kind == kind) return &curve;
  return nullptr;
}

} // namespace

TEST_CASE("the loss plot shows every member's curves as recorded, twins from their fork on") {
  const auto snapshot = make_snapshot();
  PlotOptions options;
  const auto plot = figures::loss_plot(snapshot, options);
  CHECK(plot.curves.size() == 8);
  const auto* train = find_curve(plot, "ViT · seed 2", "train");
  REQUIRE(train);
  CHECK(train->data.size == steps);
  CHECK(train->data.at(0).x == 1);
  CHECK(train->data.at(1500 % 1000).y == Approx(3.1));
  CHECK(train->smoothing == 10); // a hundredth of the run
  CHECK(find_curve(plot, "ViT · seed 2", "validation")->smoothing == 0);
  CHECK(find_curve(plot, "ViT · seed 1", "train")->data.at(0).x == forked_at);
  options.members = {1};
  CHECK(find_curve(figures::loss_plot(snapshot, options), "ViT · seed 1", "train")->data.at(0).x == 1);
  options.smoothing = 0;
  CHECK(find_curve(figures::loss_plot(snapshot, options), "ViT · seed 1", "train")->smoothing == 0);
  options.without = {"train"};
  CHECK(figures::loss_plot(snapshot, options).curves.size() == 1);
}

TEST_CASE("curves share the snapshot's memory and are known again") {
  const auto snapshot = make_snapshot();
  const auto& series = snapshot.members[0].series.at("loss/train");
  const auto a = figures::curve_data(series), b = figures::curve_data(series);
  CHECK(a.identity == b.identity);
  auto longer = series;
  longer.push({steps + 1, 0});
  CHECK(figures::curve_data(longer).identity != a.identity);
  CHECK(figures::curve_data(series, 990).size == 11);
  CHECK(figures::curve_data({}).size == 0);
}

TEST_CASE("memorisation and generalisation are marked") {
  using Kind = training::Event::Kind;
  auto snapshot = make_snapshot();
  snapshot.events = {{Kind::Memorisation, 200, 0, "memorised"},
                     {Kind::Generalisation, 800, 0, "generalises"}};
  PlotOptions options;
  auto plot = figures::loss_plot(snapshot, options);
  REQUIRE(plot.marks.size() == 2);
  CHECK(plot.marks[0].x == 200);
  CHECK(plot.marks[0].label.empty()); // beside several generalisations there is no room
  CHECK(plot.marks[1].x == 800);
  CHECK(plot.marks[1].label == "generalises: ViT · seed 0");
  options.members = {0};
  plot = figures::loss_plot(snapshot, options);
  CHECK(plot.marks[0].label == "memorised");
}

TEST_CASE("guides and events of what is shown") {
  const auto snapshot = make_snapshot();
  PlotOptions options;
  options.step = 250;
  auto plot = figures::loss_plot(snapshot, options);
  REQUIRE(plot.guides.size() == 2); // a floor at 0 is the axis
  CHECK(plot.guides[1].label.ends_with("of gradient descent"));
  CHECK(plot.guides[0].y == 1.0246);
  CHECK(plot.playhead == 250);
  REQUIRE(plot.marks.size() == 2);
  CHECK(plot.marks[0].label == "attention.temperature = 0.5");
  CHECK(plot.marks[1].label == "Eureka: ViT · seed 0");
  REQUIRE(plot.spans.size() == 2);
  CHECK(plot.spans[0].x == widgets::Range{100, 500});
  CHECK(plot.spans[1].x == widgets::Range{700, steps}); // lasts
  options.members = {0};
  plot = figures::loss_plot(snapshot, options);
  CHECK(plot.marks[1].label == "Eureka-moment");
  CHECK(plot.spans.size() == 1);
  CHECK(plot.spans[0].label == "plateau");
  options.events = options.guides = false;
  plot = figures::loss_plot(snapshot, options);
  CHECK((plot.marks.empty() && plot.spans.empty() && plot.guides.empty()));
}

TEST_CASE("seed bands hold median, minimum and maximum of members that differ in their seed") {
  const auto snapshot = make_snapshot();
  PlotOptions options;
  options.seed_bands = true;
  options.members = {0, 2, 3};
  const auto plot = figures::accuracy_plot(snapshot, options);
  const auto* median = find_curve(plot, "ViT (2 seeds)", "validation");
  REQUIRE(median);
  CHECK(median->data.size == steps / every + 1);
  CHECK(median->data.at(3).y == Approx(0.6)); // of 0.5 and 0.7
  const auto band =
      std::find_if(plot.bands.begin(), plot.bands.end(), [](const auto& b) { return b.low[0] == 0.5; });
  REQUIRE(band != plot.bands.end());
  CHECK(band->high[3] == Approx(0.7));
  CHECK(find_curve(plot, "CNN", "validation"));
}

TEST_CASE("in a seed band one that was halted counts on with its last value") {
  auto snapshot = make_snapshot();
  PlotOptions options;
  options.seed_bands = true;
  options.members = {0, 2};
  auto& halted = snapshot.members[0];
  auto& accuracy = halted.series["accuracy/validation"];
  accuracy = accuracy.fork(3);
  const double last = accuracy.back().value;
  const auto size = [&] {
    return find_curve(figures::accuracy_plot(snapshot, options), "ViT (2 seeds)", "validation")->data.size;
  };
  CHECK(size() == 3); // it only lags behind
  halted.training = false;
  CHECK(size() == steps / every + 1);
  const auto plot = figures::accuracy_plot(snapshot, options);
  const auto* median = find_curve(plot, "ViT (2 seeds)", "validation");
  const double other = snapshot.members[2].series.at("accuracy/validation")[8].value;
  CHECK(median->data.at(8).y == Approx((last + other) / 2));
  snapshot.members[2].training = false; // none goes on
  CHECK(size() == steps / every + 1);
}

TEST_CASE("in a seed band one that diverged counts no longer, and the label says so") {
  auto snapshot = make_snapshot();
  PlotOptions options;
  options.seed_bands = true;
  options.members = {0, 2};
  auto& gone = snapshot.members[0];
  auto& accuracy = gone.series["accuracy/validation"];
  accuracy = accuracy.fork(3);
  gone.training = false;
  snapshot.events.push_back(
      {training::Event::Kind::Divergence, accuracy.back().step, gone.id, "loss is nan"});
  const auto plot = figures::accuracy_plot(snapshot, options);
  const auto* median = find_curve(plot, "ViT (2 seeds, 1 diverged)", "validation");
  REQUIRE(median);
  CHECK(median->data.size == steps / every + 1);
  CHECK(median->data.at(0).y == Approx(0.6));
  CHECK(median->data.at(8).y == snapshot.members[2].series.at("accuracy/validation")[8].value);
  const auto& band = plot.bands.at(0);
  CHECK(band.low.at(0) < band.high.at(0));
  CHECK(band.low.at(8) == band.high.at(8));
}

TEST_CASE("seed bands of quartiles lie within those of the extremes") {
  auto snapshot = make_snapshot();
  for (const int id : {3, 4})
    snapshot.members.push_back(make_member(id + 1, fmt::format("ViT · seed {}", id)));
  PlotOptions options;
  options.seed_bands = true;
  options.band_edges = figures::BandEdges::Quartiles;
  options.members = {0, 2, 4, 5}; // 0.5, 0.7, 0.9, 1
  const auto plot = figures::accuracy_plot(snapshot, options);
  REQUIRE_FALSE(plot.bands.empty());
  CHECK(plot.bands[0].low[3] == Approx(0.65));
  CHECK(plot.bands[0].high[3] == Approx(0.925));
}

TEST_CASE("differences are taken at the steps that both members have") {
  auto snapshot = make_snapshot();
  auto& sparse = snapshot.members[3].series["loss/validation"];
  sparse = {};
  for (const std::int64_t step : {0, 75, 100, 1000, 2000}) sparse.push({step, 2});
  PlotOptions options;
  options.reference = 2;
  options.members = {3};
  figures::DifferenceCache cache;
  const auto plot = figures::loss_difference_plot(snapshot, options, cache);
  const auto* validation = find_curve(plot, "CNN", "validation");
  REQUIRE(validation);
  CHECK(plot.guides.at(0).label == "ViT · seed 2");
  REQUIRE(validation->data.size == 3);
  CHECK(validation->data.at(1).x == 100);
  CHECK(validation->data.at(1).y == Approx(2 - 0.7));
  CHECK(find_curve(plot, "CNN", "train")->data.size == steps);
  // The same points are known again, others are not taken for them.
  CHECK(figures::loss_difference_plot(snapshot, options, cache).curves[1].data.identity ==
        validation->data.identity);
  options.reference = 0;
  const auto other = figures::loss_difference_plot(snapshot, options, cache);
  CHECK(find_curve(other, "CNN", "validation")->data.at(1).y == Approx(1.5));

  const auto& info = figures::figure("difference");
  CHECK(info.missing(snapshot, options).empty());
  options.members = {0};
  CHECK_FALSE(info.missing(snapshot, options).empty());
}

TEST_CASE("layers and heads") {
  const auto snapshot = make_snapshot();
  PlotOptions options;
  options.members = {0};
  auto plot = figures::saturation_plot(snapshot, options, "entropy");
  REQUIRE(plot.curves.size() == layers);
  CHECK(plot.curves[1].label == "layer 2");
  CHECK_FALSE(plot.curves[0].color == plot.curves[1].color);
  options.layer = 2;
  plot = figures::saturation_plot(snapshot, options, "entropy");
  REQUIRE(plot.curves.size() == heads);
  CHECK(plot.curves[2].label == "head 3");
  CHECK(plot.curves[2].data.at(0).y == Approx(0.3));
  CHECK(figures::component_plot(snapshot, options, "cosine").curves.size() == 1);
  options.layer = 0;
  options.members = {0, 2};
  plot = figures::parameter_plot(snapshot, options, "gradient", "W_Q");
  REQUIRE(plot.curves.size() == 2 * layers);
  CHECK(plot.curves[0].color == plot.curves[1].color); // the member's
  CHECK(plot.curves[0].dash != plot.curves[1].dash);   // the layers'
  CHECK(figures::parameter_plot(snapshot, options, "weight", "ends").curves.size() == 4);
}

TEST_CASE("attention maps: matrices, rows on the image's grid, and why there are none") {
  const auto snapshot = make_snapshot();
  const auto& member = snapshot.members[0];
  auto grid = figures::attention_grid(member, {}, {});
  REQUIRE(grid.cells.size() == layers * heads);
  CHECK(grid.row_captions == std::vector<std::string>{"layer 1", "layer 2"});
  CHECK(grid.cells[0].rows == tokens);
  CHECK(grid.cells[0].at(3, 3) == 0.6f);
  CHECK(grid.bar->range.high == 1); // 0.6, rounded up
  const figures::AttentionOptions query{
      .view = figures::AttentionView::Query, .sample = 1, .query = 2, .gamma = 1, .maximum = 0};
  grid = figures::attention_grid(member, {}, query);
  CHECK(grid.cells[0].rows == 2);
  CHECK(grid.cells[0].at(0, 1) == 0.6f); // key 2 is the second patch
  CHECK(figures::attention_map(member, {}, query, 1, 2).title == "layer 2, head 3");
  CHECK(figures::attention_map(member, {}, query, 5, 0).rows == 0);
  grid = figures::attention_grid(snapshot.members[3], {}, {});
  CHECK(grid.cells.empty());
  CHECK(grid.empty_text.find("CNN") != std::string::npos);
  CHECK(figures::token_name(member.tokens, 0) == "class token");
  CHECK(figures::token_name(member.tokens, 4) == "row 2, column 2");
  CHECK(figures::token_name({}, 3) == "token 3");
  CHECK(figures::input_images(*snapshot.task).size() == 2);
}

TEST_CASE("histories of attention probabilities") {
  const auto snapshot = make_snapshot();
  const auto histories = figures::saturation_histories(snapshot, snapshot.members[0], {});
  REQUIRE(histories.size() == layers);
  CHECK(histories[0].steps.size() == steps / every + 1);
  CHECK(histories[0].image);
  CHECK(widgets::quantile(histories[0].shares.front(), histories[0].range, 0.5) == Approx(-1.9));
  CHECK(figures::saturation_histogram(snapshot.members[0], {}, 1).shares[30] == 1);
  CHECK(figures::saturation_histogram(snapshot.members[3], {}, 1).shares.empty());
}

TEST_CASE("every figure is drawn, and says what is missing when nothing was recorded") {
  const Folder folder;
  const auto snapshot = make_snapshot();
  const auto grokking = test::synthetic_grokking_snapshot(), in_context = test::synthetic_context_snapshot();
  training::Snapshot empty;
  empty.members.push_back({});
  for (const auto& info : figures::figures()) {
    INFO(info.name);
    CHECK_FALSE(info.missing(empty, {}).empty());
    if (!info.missing(snapshot, {}).empty()) { // what only such studies have
      const auto& other = info.missing(*grokking, {}).empty() ? *grokking : *in_context;
      CHECK(info.missing(other, {}).empty());
      for (const bool one : {false, true}) {
        PlotOptions options;
        if (one) options.members = {1}, options.step = 1000;
        const auto path = folder.path / (info.name + ".svg");
        figures::write_figure(info, other, options, info.size_mm, path.string());
        const auto svg = contents(path);
        CHECK(svg.find("<text") != std::string::npos);
        CHECK(svg.find(other.study->title) != std::string::npos);
        CHECK((svg.find("step 1000") != std::string::npos || svg.find("step 1 000") != std::string::npos) ==
              one);
      }
      continue;
    }
    for (const bool bands : {false, true}) {
      PlotOptions options;
      options.seed_bands = bands;
      options.theme = bands ? widgets::dark_theme() : widgets::print_theme();
      const auto path = folder.path / (info.name + ".svg");
      figures::write_figure(info, snapshot, options, info.size_mm, path.string());
      const auto svg = contents(path);
      CHECK(svg.find("<text") != std::string::npos);
      CHECK(svg.find("sample (A sample)") != std::string::npos);
      CHECK(svg.find("ViT · seed 1 (seed 1, 1000 steps, forked at 400)") != std::string::npos);
    }
    CHECK_THROWS_AS(figures::write_figure(info, empty, {}, info.size_mm, (folder.path / "none.svg").string()),
                    InputError);
    CHECK_FALSE(fs::exists(folder.path / "none.svg"));
  }
  CHECK_THROWS_WITH(figures::figure("atention"), ContainsSubstring("attention"));
}

TEST_CASE("the command figure: members, steps, sizes, file names") {
  const Folder folder;
  const auto recording = folder.path / "run.plateau";
  {
    const auto snapshot = make_snapshot();
    const auto writer = recording::Writer::create(recording, *snapshot.study);
    writer->set_task(*snapshot.task);
    for (const auto& m : snapshot.members) {
      writer->add_member({m.id, m.name, m.seed, -1, 0, false, m.settings, m.parameters, m.tokens});
      std::vector<recording::Sample> samples;
      for (const auto& [metric, series] : m.series)
        for (std::size_t i = 0; i < series.size(); ++i) samples.push_back({m.id, metric, series[i]});
      writer->add_samples(std::move(samples));
      if (m.tokens.rows > 0)
        for (const std::int64_t step : {500, 1000}) writer->add_frame(m.id, make_frame(step));
    }
    writer->flush();
  }
  commands::FigureArguments arguments;
  arguments.recording = recording.string();
  arguments.figures = {"attention", "loss"};
  arguments.out = (folder.path / "out.svg").string();
  arguments.members = {"ViT"}; // all its seeds
  arguments.step = 700;
  arguments.size = "100x60.5";
  CHECK(commands::figure_command(arguments) == 0);
  const auto attention = contents(folder.path / "out-attention.svg"),
             loss = contents(folder.path / "out-loss.svg");
  CHECK(attention.find("ViT · seed 0 at step 500") != std::string::npos); // the last arrays before step 700
  CHECK(loss.find("width=\"283.46pt\" height=\"171.5pt\"") != std::string::npos);
  CHECK(loss.find(">ViT · seed 2</text>") != std::string::npos);
  CHECK(loss.find(">CNN</text>") == std::string::npos);

  const auto complaint = [&](auto change) {
    auto wrong = arguments;
    wrong.out = (folder.path / "wrong.svg").string();
    change(wrong);
    try {
      commands::figure_command(wrong);
    } catch (const InputError& error) {
      CHECK_FALSE(fs::exists(folder.path / "wrong-loss.svg"));
      return std::string(error.what());
    }
    return std::string("no complaint");
  };
  CHECK_THAT(complaint([](auto& a) { a.members = {"CNM"}; }), ContainsSubstring("did you mean 'CNN'"));
  CHECK_THAT(complaint([](auto& a) { a.step = 1001; }), ContainsSubstring("0 to 1000"));
  CHECK_THAT(complaint([](auto& a) { a.step = 10; }), ContainsSubstring("at or before step 10"));
  CHECK_THAT(complaint([](auto& a) { a.members = {"CNN"}; }), ContainsSubstring("a CNN has no attention"));
  for (const char* size : {"100", "x", "100x", "axb", "100x60mm", "1x1", "nanxnan", "1e9x5", "100x-60"})
    CHECK_THAT(complaint([&](auto& a) { a.size = size; }), ContainsSubstring("--size"));
  CHECK_THAT(complaint([](auto& a) { a.theme = "pink"; }), ContainsSubstring("print, light or dark"));
  CHECK_THAT(complaint([](auto& a) { a.figures = {"loss", "loss"}; }), ContainsSubstring("twice"));
  CHECK_THAT(complaint([](auto& a) { a.out = "/proc/none/a.pdf"; }), ContainsSubstring("cannot write"));
  CHECK_THAT(complaint([](auto& a) { a.recording = "/none.plateau"; }), ContainsSubstring("/none.plateau"));
}
