// Recipes: what they may say, what is refused, and the pages that come of them.
#include "tests/catch.h"

#include <fstream>
#include <regex>

#include <fmt/format.h>

#include "app/commands/figure.h"
#include "app/figures/compose.h"
#include "app/figures/curves.h"
#include "app/figures/recipe_command.h"
#include "engine/errors.h"
#include "tests/app/plateau_process.h"
#include "tests/gui/synthetic_run.h"

using namespace plateau;
using Catch::Matchers::StartsWith;
using namespace plateau::figures;
using test::Scratch;

namespace {

Run synthetic() {
  return {test::synthetic_snapshot(), nullptr, {}, test::synthetic_frame};
}

std::string complaint(const std::string& toml) {
  try {
    parse_recipe(toml, "paper.toml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

std::string with_panel(const std::string& lines) {
  return "[[row]]\n[[row.panel]]\nfigure = \"loss\"\n" + lines + "\n";
}

std::string svg_of(const Page& page, const Scratch& scratch) {
  write_page(page, (scratch / "page.svg").string());
  return test::read_file(scratch / "page.svg");
}

// Without title and description, which tell of choices even where the picture does not change.
std::string picture_of(const FigureInfo& info, const training::Snapshot& snapshot, const PlotOptions& options,
                       const Scratch& scratch) {
  write_figure(info, snapshot, options, info.size_mm, (scratch / "one.svg").string());
  const auto svg = test::read_file(scratch / "one.svg");
  return svg.substr(svg.find("</desc>"));
}

// The first run with two seeds of one name, and layers of saturation beside the heads.
std::shared_ptr<training::Snapshot> with_seeds_and_layers() {
  auto snapshot = std::make_shared<training::Snapshot>(*test::synthetic_snapshot());
  for (int i = 0; i < 2; ++i) {
    auto& member = snapshot->members[std::size_t(i)];
    member.name = fmt::format("ViT · seed {}", i);
    member.parent = -1;
    for (const auto& measure : saturation_measures())
      for (int layer = 1; layer <= 2; ++layer)
        for (std::int64_t step = 0; step <= test::synthetic_steps; step += 50)
          member.series[fmt::format("saturation/{}/layer{}", measure.name, layer)].push(
              {step, 0.2 + 0.1 * layer + 0.05 * i + 1e-5 * double(step)});
  }
  return snapshot;
}

} // namespace

TEST_CASE("a recipe is read as it was written") {
  Recipe recipe;
  recipe.title = "Loss \"above\" maps";
  recipe.description = "a\\b";
  recipe.page = {.width_mm = 89, .height_mm = 120.5, .theme = "dark", .text_pt = 6.5, .letters = false};
  PanelSpec loss;
  loss.figure = "loss";
  loss.title = "τ";
  loss.width = 2;
  loss.members = {"ViT", "CNN"};
  loss.smoothing = 20;
  loss.x_scale = widgets::ScaleKind::Log, loss.y_scale = widgets::ScaleKind::SymLog;
  loss.remarks = false;
  loss.seed_bands = BandEdges::Quartiles;
  loss.events = loss.guides = loss.legend = false;
  loss.without = {"train"};
  loss.x = widgets::Range{10, 2000};
  loss.y = widgets::Range{0.5, 2};
  PanelSpec maps;
  maps.figure = "attention";
  maps.layer = 2, maps.head = 1;
  recipe.rows = {{3, {loss, maps}}, {1, {maps, maps, maps, maps}}};
  recipe.rows[1].panels[0].step = std::int64_t(40);
  recipe.rows[1].panels[1].step = RunShare{0.25};
  recipe.rows[1].panels[2].step = training::Event::Kind::EurekaMoment;
  recipe.rows[1].panels[3].step = RunShare{1};
  const auto toml = to_toml(recipe);
  INFO(toml);
  CHECK_THAT(toml, ContainsSubstring("step = \"last\"\n"));
  auto again = parse_recipe(toml, "again.toml");
  CHECK(again.title == recipe.title);
  CHECK(again.description == recipe.description);
  CHECK(again.page == recipe.page);
  REQUIRE(again.rows.size() == 2);
  for (auto& row : again.rows)
    for (auto& panel : row.panels) {
      CHECK(panel.line > 0);
      panel.line = 0;
    }
  CHECK(again.rows == recipe.rows);
}

TEST_CASE("defaults hold for every panel that says nothing else, presets for the page") {
  const auto recipe = parse_recipe(R"(
[page]
size = "slide"
[defaults]
members = ["CNN"]
step = "50 %"
[[row]]
[[row.panel]]
figure = "loss"
[[row.panel]]
figure = "accuracy"
step = "last"
)",
                                   "x.toml");
  CHECK(recipe.page.width_mm == 254);
  CHECK(recipe.page.text_pt == 12);
  const auto& panels = recipe.rows[0].panels;
  CHECK(panels[0].members == std::vector<std::string>{"CNN"});
  CHECK(panels[0].step == StepChoice(RunShare{0.5}));
  CHECK(panels[1].step == StepChoice(RunShare{1}));
}

TEST_CASE("a bad recipe is refused with file, line, key and what is allowed") {
  CHECK(complaint("title = 3") == "paper.toml:1: title: allowed is text in quotes");
  CHECK(complaint("a = \n").starts_with("paper.toml:1: "));
  CHECK(complaint("") == "paper.toml:1: a recipe needs at least one [[row]] with a [[row.panel]]");
  CHECK(complaint("[[row]]\n") == "paper.toml:1: this [[row]] has no panels: add a [[row.panel]]");
  CHECK(complaint("[[row]]\n[[row.panel]]\ntitle = \"a\"\n") ==
        "paper.toml:2: this panel needs a figure, for example figure = \"loss\"");
  CHECK_THAT(complaint("[[row]]\n[[row.panel]]\nfigure = \"los\"\n"),
             StartsWith("paper.toml:3: figure = \"los\"") && ContainsSubstring("did you mean 'loss'"));
  CHECK_THAT(complaint("[page]\nwidht = 3\n"),
             StartsWith("paper.toml:2: unknown key 'widht' in [page]") && ContainsSubstring("'width'"));
  CHECK_THAT(complaint("[page]\nsize = \"single colum\"\n"),
             StartsWith("paper.toml:2: size: allowed is one of") &&
                 ContainsSubstring("did you mean 'single column'"));
  CHECK_THAT(complaint("[page]\nwidth = 3\n"),
             StartsWith("paper.toml:2: width: allowed is millimetres from 20"));
  CHECK_THAT(complaint("[page]\ntheme = \"darc\"\n"), ContainsSubstring("did you mean 'dark'"));
  CHECK_THAT(complaint("page = 3\n"), ContainsSubstring("'page' must be a table: write [page]"));
  CHECK_THAT(complaint(with_panel("log_z = true")),
             StartsWith("paper.toml:4: unknown key 'log_z' in a panel") && ContainsSubstring("log_"));
  CHECK_THAT(complaint(with_panel("log_x = 1")), StartsWith("paper.toml:4: log_x: allowed is true or false"));
  CHECK_THAT(complaint(with_panel("x = [2, 1]")), StartsWith("paper.toml:4: x: allowed are the two ends"));
  CHECK_THAT(complaint(with_panel("log_y = true\ny = [0, 1]")),
             ContainsSubstring("y: with log_y the axis begins above 0"));
  CHECK_THAT(complaint(with_panel("step = -1")), StartsWith("paper.toml:4: step: allowed is a whole number"));
  CHECK_THAT(complaint(with_panel("step = \"eureka\"")),
             StartsWith("paper.toml:4: step = \"eureka\"") && ContainsSubstring("eureka-moment"));
  CHECK_THAT(complaint(with_panel("step = \"120 %\"")), StartsWith("paper.toml:4: step = \"120 %\""));
  CHECK_THAT(complaint(with_panel("members = \"ViT\"")),
             StartsWith("paper.toml:4: members: allowed is a list"));
  CHECK_THAT(complaint(with_panel("seed_bands = \"wide\"")),
             StartsWith("paper.toml:4: seed_bands: allowed is"));
  CHECK(complaint(with_panel("head = 1")) ==
        "paper.toml:4: head changes nothing in the figure 'loss': leave it out");
}

TEST_CASE("what a run does not have is refused with the recipe's line") {
  const auto refusal = [](const std::string& lines) {
    try {
      make_page(parse_recipe(with_panel(lines), "paper.toml"), synthetic());
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK_THAT(refusal("members = [\"CMM\"]"),
             StartsWith("paper.toml:3: members: CMM: no such member") && ContainsSubstring("CNN"));
  CHECK_THAT(refusal("step = 99999"),
             StartsWith("paper.toml:3: step = 99999: the recording holds steps 0 to 4000"));
  CHECK_THAT(
      refusal("step = \"memorisation\""),
      StartsWith(
          "paper.toml:3: step = \"memorisation\": the members shown have no such event; there are: ") &&
          ContainsSubstring("eureka-moment"));
  CHECK(refusal("") == "none");
}

TEST_CASE("a page shows each panel at its step, in its place, with its letter") {
  const Scratch scratch;
  const auto recipe = parse_recipe(R"(
title = "Paper, figure 1"
[page]
width = 180
height = 120
[[row]]
height = 2
[[row.panel]]
figure = "loss"
title = "Losses"
[[row]]
[[row.panel]]
figure = "attention"
step = 1000
[[row.panel]]
figure = "attention"
step = "eureka-moment"
title = "jump"
[[row.panel]]
figure = "attention"
width = 2
layer = 1
)",
                                   "x.toml");
  const auto page = make_page(recipe, synthetic());
  REQUIRE(page.panels.size() == 4);
  CHECK(page.panels[0].share.height == Approx(2.f / 3));
  CHECK(page.panels[1].share.width == Approx(0.25f));
  CHECK(page.panels[3].share.x == Approx(0.5f));
  CHECK(page.panels[1].snapshot->members[0].frame->step == 1000);
  CHECK(page.panels[2].options.step == test::synthetic_jump);
  CHECK(page.panels[2].snapshot->members[0].frame->step == test::synthetic_jump);
  CHECK_FALSE(page.panels[3].options.step);

  const auto svg = svg_of(page, scratch);
  CHECK(svg.find("width=\"510.24pt\" height=\"340.16pt\"") != std::string::npos);
  CHECK(svg.find("<title>Paper, figure 1</title>") != std::string::npos);
  CHECK(svg.find(fmt::format(
            "figures: a: loss, b: attention (step 1000), c: attention (step {}), d: attention</desc>",
            test::synthetic_jump)) != std::string::npos);
  const auto place_of = [&](const std::string& text) {
    std::smatch match;
    REQUIRE(std::regex_search(svg, match,
                              std::regex("<text x=\"([0-9.]+)\" y=\"([0-9.]+)\"[^>]*>" + text + "</text>")));
    return widgets::Point{std::stof(match[1]), std::stof(match[2])};
  };
  const auto a = place_of("a"), b = place_of("b"), c = place_of("c"), d = place_of("d");
  CHECK(a.x == Approx(b.x).margin(0.01));
  CHECK(b.y == Approx(c.y).margin(0.01));
  CHECK(b.y > 340.16f * 0.66f);
  CHECK(c.x - b.x == Approx(506.24f / 4).margin(5));
  CHECK(d.x - c.x == Approx(506.24f / 4).margin(1));
  CHECK(place_of("Losses").y == Approx(a.y).margin(0.01)); // title and letter on one line
  CHECK(place_of("jump").x > c.x);
  CHECK(svg.find(" at step 1\u202f000</text>") != std::string::npos);
  // With a title of its own the panel does not say the step again.
  CHECK(svg.find(" at step 2\u202f500") == std::string::npos);
}

TEST_CASE("a page without a height takes what its figures need") {
  Recipe recipe;
  PanelSpec loss;
  loss.figure = "loss"; // 140 x 80
  recipe.page.width_mm = 70;
  recipe.rows = {{0, {loss}}, {0, {loss, loss}}};
  CHECK(page_size(recipe).height == Approx(40 + 20));
  recipe.page.height_mm = 100;
  CHECK(page_size(recipe).height == 100);
}

TEST_CASE("a figure heeds just the choices that it says it heeds") {
  const Scratch scratch;
  struct Sample {
    std::shared_ptr<training::Snapshot> snapshot;
    test::FrameOf frame_of;
  };
  const Sample samples[] = {{with_seeds_and_layers(), test::synthetic_frame},
                            {test::synthetic_linear_snapshot(), test::synthetic_linear_frame},
                            {test::synthetic_text_snapshot(), test::synthetic_text_frame},
                            {test::synthetic_grokking_snapshot(), test::synthetic_grokking_frame},
                            {test::synthetic_context_snapshot(), test::synthetic_context_frame}};
  for (const auto& sample : samples)
    sample.snapshot->events.push_back({training::Event::Kind::Intervention, 100, -1, "a change"});
  for (const auto& info : figures::figures()) {
    unsigned heeded = 0;
    bool drawn = false;
    for (const auto& sample : samples)
      for (const bool one : {false, true}) {
        PlotOptions base;
        if (one) base.members = {sample.snapshot->members[one ? 1 : 0].id};
        if (!info.missing(*sample.snapshot, base).empty()) continue;
        drawn = true;
        const auto usual = picture_of(info, *sample.snapshot, base, scratch);
        const auto heeds = [&](Choice choice, auto change) {
          if (heeded & choice) return;
          auto options = base;
          change(options);
          if (picture_of(info, *sample.snapshot, options, scratch) != usual) heeded |= choice;
        };
        heeds(choose_smoothing, [](auto& o) { o.smoothing = 77; });
        heeds(choose_log_x, [](auto& o) { o.x_scale = widgets::ScaleKind::Log; });
        heeds(choose_log_y, [](auto& o) { o.y_scale = widgets::ScaleKind::Log; });
        heeds(choose_seed_bands, [](auto& o) { o.seed_bands = true; });
        heeds(choose_events, [](auto& o) { o.events = false; });
        heeds(choose_remarks, [](auto& o) { o.remarks = {{100, -1, "here"}}; });
        heeds(choose_guides, [](auto& o) { o.guides = false; });
        heeds(choose_legend, [](auto& o) { o.legend = false; });
        heeds(choose_layer, [](auto& o) { o.layer = 1; });
        heeds(choose_x, [](auto& o) { o.x = widgets::Range{10, 500}; });
        heeds(choose_y, [](auto& o) { o.y = widgets::Range{0.01, 0.7}; });
        heeds(choose_reference, [](auto& o) { o.reference = 1; });
        if (!(heeded & choose_head)) {
          auto layer = base, head = base;
          layer.layer = head.layer = 1;
          head.head = 1;
          if (picture_of(info, *sample.snapshot, layer, scratch) !=
              picture_of(info, *sample.snapshot, head, scratch))
            heeded |= choose_head;
        }
        const std::shared_ptr<const training::Snapshot> whole = sample.snapshot;
        const auto earlier = at_step(whole, sample.snapshot->step / 4, sample.frame_of);
        auto then = base;
        then.step = sample.snapshot->step / 4;
        if (info.missing(*earlier, then).empty() && picture_of(info, *earlier, then, scratch) != usual)
          heeded |= choose_step;
      }
    std::string says, does;
    for (const auto& [choice, key] : choice_names()) {
      if (info.choices & choice) says += std::string(key) + " ";
      if (heeded & choice) does += std::string(key) + " ";
    }
    INFO(info.name);
    CHECK(drawn);
    CHECK(says == does);
  }
}

TEST_CASE("a recipe of one panel is a command line") {
  Recipe recipe;
  PanelSpec loss;
  loss.figure = "loss";
  loss.members = {"ViT · seed 1"};
  loss.step = std::int64_t(20);
  loss.y_scale = widgets::ScaleKind::Log;
  loss.legend = false;
  loss.seed_bands = BandEdges::Quartiles;
  loss.smoothing = 0;
  recipe.page.width_mm = 89;
  recipe.page.theme = "dark";
  recipe.rows = {{0, {loss}}};
  CHECK(command_of(recipe, "/tmp/a run.plateau", "o'k.pdf") ==
        "plateau figure '/tmp/a run.plateau' loss --size 89x50.8571 --theme dark --member 'ViT · seed 1' "
        "--step 20 "
        "--smoothing 0 --log-y --seed-bands=quartiles --no-legend --out 'o'\\''k.pdf'");
  recipe.rows[0].panels[0].x = widgets::Range{0, 1};
  CHECK_FALSE(command_of(recipe, "a.plateau", "b.pdf"));
}

TEST_CASE("every shipped recipe is read, and draws the run that it is meant for") {
  const Scratch scratch;
  std::set<std::string> names;
  for (const auto& file : list_recipes()) {
    INFO(file.name);
    names.insert(file.name);
    const auto recipe = load_recipe(file.name);
    CHECK(file.title == recipe.title);
    CHECK_FALSE(file.description.empty());
    const Run run =
        file.name == "grokking"
            ? Run{test::synthetic_grokking_snapshot(), nullptr, {}, test::synthetic_grokking_frame}
        : file.name == "in-context"
            ? Run{test::synthetic_context_snapshot(), nullptr, {}, test::synthetic_context_frame}
            : synthetic();
    CHECK(svg_of(make_page(recipe, run), scratch).find("</svg>") != std::string::npos);
  }
  CHECK(names == std::set<std::string>{"eureka", "grokking", "in-context"});
  CHECK_THROWS_WITH(load_recipe("eurek"), ContainsSubstring("did you mean 'eureka'"));
  CHECK_THROWS_WITH(load_recipe("/none/a.toml"), ContainsSubstring("no such recipe file: '/none/a.toml'"));
}
