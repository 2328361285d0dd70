// What a person has added about members, in the whole run and in figures.
#include "app/figures/looks.h"

#include <algorithm>

#include "app/commands/figure.h"
#include "app/figures/curves.h"
#include "engine/recording/reader.h"
#include "tests/app/plateau_process.h"
#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"

using namespace plateau;

namespace {

const widgets::Curve* curve_of(const widgets::LinePlot& plot, const std::string& group) {
  for (const auto& curve : plot.curves)
    if (widgets::group_of(curve) == group) return &curve;
  return nullptr;
}

} // namespace

TEST_CASE("Looks: new names stand everywhere, removed members nowhere, and the data are shared") {
  const std::shared_ptr<const training::Snapshot> recorded = test::synthetic_snapshot();
  recording::Annotations annotations;
  annotations.looks[2].color = "#112233";
  CHECK(figures::with_looks(recorded, annotations) == recorded); // nothing to rename: no copy
  annotations.looks[0].name = "softmax at last";
  annotations.looks[2].removed = true;
  const auto shown = figures::with_looks(recorded, annotations);
  REQUIRE(shown->members.size() == 2);
  CHECK(shown->members[0].name == "softmax at last");
  CHECK(shown->members[1].name == "ViT (twin)");
  CHECK(&shown->members[0].series.at("loss/train").back() ==
        &recorded->members[0].series.at("loss/train").back());
  bool told = false;
  for (const auto& event : shown->events) {
    CHECK(event.member != 2);
    told |= event.text == "attention.temperature = 0.5 on softmax at last, twin kept";
  }
  CHECK(told);
  const auto plot = figures::loss_plot(*shown, {});
  CHECK(curve_of(plot, "softmax at last"));
  CHECK_FALSE(curve_of(plot, "ViT"));
  CHECK_FALSE(curve_of(plot, "CNN"));
  CHECK(recorded->members.size() == 3); // untouched
}

TEST_CASE("Looks: a name within another's name is left alone in the texts of events") {
  auto recorded = test::synthetic_snapshot();
  recorded->members[1].name = "ViT · seed 2";
  recorded->events = {{training::Event::Kind::Note, 1, 1, "ViT · seed 2: jump; like ViT, and unlike ViTs"}};
  recording::Annotations annotations;
  annotations.looks[0].name = "A";
  CHECK(figures::with_looks(recorded, annotations)->events[0].text ==
        "ViT · seed 2: jump; like A, and unlike ViTs");
}

TEST_CASE("Looks: what is hidden follows from the study, the parents and the person, in this order") {
  const auto recorded = test::synthetic_linear_snapshot(1000); // the study hides 2 and 3
  CHECK(figures::hidden_members(*recorded, {}) == std::set<int>{2, 3});
  auto fork = recorded->members[2];
  fork.id = 4;
  fork.parent = 2;
  fork.name = "fork";
  recorded->members.push_back(fork);
  CHECK(figures::hidden_members(*recorded, {}) == std::set<int>{2, 3, 4});
  for (const auto& wanted : {std::set<int>{}, {4}, {2}, {0, 1, 2, 3, 4}, {2, 3, 4}}) {
    const auto annotations = figures::with_hidden(*recorded, {}, wanted);
    CHECK(figures::hidden_members(*recorded, annotations) == wanted);
  }
  // As the study says: nothing to write down.
  CHECK(figures::with_hidden(*recorded, figures::with_hidden(*recorded, {}, {0}), {2, 3, 4}).looks.empty());
}

TEST_CASE("Looks: colours are read, and those of a palette suit every theme") {
  const auto& dark = widgets::dark_theme();
  const auto& light = widgets::light_theme();
  CHECK(figures::parse_color("#102030", dark) == widgets::rgb(0x102030));
  CHECK(figures::parse_color(figures::to_string(dark.members[3]), light) == light.members[3]);
  for (const char* wrong : {"", "red", "#12345", "#12345g", "1234567", "#1234567"})
    CHECK_FALSE(figures::parse_color(wrong, dark));
  auto theme = dark;
  recording::Annotations annotations;
  annotations.looks[9].color = "#102030";
  figures::take_colors(theme, annotations);
  CHECK(widgets::member_color(theme, 9) == widgets::rgb(0x102030));
  CHECK(widgets::member_color(theme, 1) == dark.members[1]);
  figures::take_colors(theme, {});
  CHECK(widgets::member_color(theme, 9) == dark.members[1]);
}

TEST_CASE("Looks: a figure of a recording is drawn as the person has arranged it") {
  const test::Scratch scratch;
  const auto recording = scratch / "run.plateau";
  test::write_synthetic_recording(recording);
  recording::Annotations annotations;
  annotations.looks[0].name = "mine";
  annotations.looks[0].color = "#123456";
  annotations.looks[2].removed = true;
  recording::write_annotations(recording, annotations);
  commands::FigureArguments arguments;
  arguments.recording = recording.string();
  arguments.figures = {"loss"};
  arguments.out = (scratch / "loss.svg").string();
  CHECK(commands::figure_command(arguments) == 0);
  const auto svg = test::read_file(scratch / "loss.svg");
  CHECK_THAT(svg, ContainsSubstring(">mine</text>"));
  CHECK_THAT(svg, ContainsSubstring("#123456"));
  CHECK_THAT(svg, !ContainsSubstring(">CNN</text>"));
  // By the recorded name, too.
  arguments.members = {"ViT"};
  arguments.out = (scratch / "again.svg").string();
  CHECK(commands::figure_command(arguments) == 0);
  CHECK_THAT(test::read_file(scratch / "again.svg"), ContainsSubstring(">mine</text>"));
}

TEST_CASE("Looks: a hidden member is left out of figures that do not name it") {
  const test::Scratch scratch;
  const auto recording = scratch / "run.plateau";
  test::write_synthetic_recording(recording);
  recording::Annotations annotations;
  annotations.looks[2].hidden = true;
  recording::write_annotations(recording, annotations);
  int count = 0;
  const auto drawn = [&](std::vector<std::string> members) {
    commands::FigureArguments arguments;
    arguments.recording = recording.string();
    arguments.figures = {"loss"};
    arguments.members = std::move(members);
    arguments.out = (scratch / ("loss" + std::to_string(++count) + ".svg")).string();
    CHECK(commands::figure_command(arguments) == 0);
    return test::read_file(arguments.out);
  };
  const auto svg = drawn({});
  CHECK_THAT(svg, ContainsSubstring(">ViT</text>") && !ContainsSubstring(">CNN</text>"));
  CHECK_THAT(svg.substr(0, svg.find("</desc>")), !ContainsSubstring("CNN")); // nor in the provenance
  CHECK_THAT(drawn({"CNN"}), ContainsSubstring("CNN"));
  annotations.looks[0].hidden = annotations.looks[1].hidden = true;
  recording::write_annotations(recording, annotations);
  CHECK_THAT(drawn({}), ContainsSubstring(">CNN</text>")); // all are hidden: all are drawn
}

TEST_CASE("Looks: every export knows members by their new names, their old ones and their ids") {
  const test::Scratch scratch;
  const auto recording = scratch / "run.plateau";
  REQUIRE(
      test::launch(scratch, {"run", test::write_tiny_study(scratch), "--seeds", "3", "--out", "run.plateau"})
          .exit_code == 0);
  recording::Annotations annotations;
  annotations.looks[0].removed = true;
  annotations.looks[1].name = "cold";
  recording::write_annotations(recording, annotations);
  const auto old_name = recording::Reader(recording).members().at(1).name;
  int count = 0;
  const auto seed_of = [&](const std::string& member) {
    const std::string file = std::to_string(++count);
    std::vector<std::string> weights{"export", "run.plateau", "--safetensors", file + ".safetensors",
                                     "--npz",  file + ".npz"};
    if (!member.empty()) weights.insert(weights.end(), {"--member", member});
    const auto outcome = test::launch(scratch, weights);
    INFO(outcome.err);
    REQUIRE(outcome.exit_code == 0);
    const auto bytes = test::read_file(scratch / (file + ".safetensors"));
    const auto at = bytes.find("\"seed\":\"");
    REQUIRE(at != std::string::npos);
    const auto seed = bytes.substr(at + 8, 1);
    // The same member in the other file.
    if (!member.empty()) {
      const auto names = test::read_file(scratch / (file + ".npz"));
      CHECK((names.find("cold/curves/") != std::string::npos) == (seed == "1"));
    }
    return seed;
  };
  CHECK(seed_of("") == "1"); // the first that is left
  CHECK(seed_of("cold") == "1");
  CHECK(seed_of(old_name) == "1");
  CHECK(seed_of("1") == "1");
  CHECK(seed_of("2") == "2");
  const std::vector<std::vector<std::string>> removed{
      {"export", "run.plateau", "--member", "0", "--npz", "x.npz"},
      {"export", "run.plateau", "--member", "0", "--safetensors", "x"},
      {"inspect", "run.plateau", "--member", "0", "--step", "40", "--out", "x"}};
  for (const auto& line : removed) {
    const auto outcome = test::launch(scratch, line);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("no member is called '0'") && ContainsSubstring("cold"));
  }
  REQUIRE(test::launch(scratch, {"export", "run.plateau", "--csv", "tables"}).exit_code == 0);
  for (const char* table : {"loss.csv", "summary.csv", "members.csv"})
    CHECK_THAT(test::read_file(scratch / "tables" / table),
               ContainsSubstring("\n1,cold,") && !ContainsSubstring("\n0,"));
  CHECK_THAT(test::read_file(scratch / "tables/members.csv"), ContainsSubstring("cold," + old_name + ","));
}

TEST_CASE("Looks: corrected plateaus and remarks stand in every plot over steps") {
  const std::shared_ptr<const training::Snapshot> recorded = test::synthetic_snapshot();
  recording::Annotations annotations;
  annotations.looks[0].name = "mine";
  annotations.plateaus = {{0, 400, 600, 2000}};
  const auto shown = figures::with_looks(recorded, annotations);
  figures::PlotOptions options;
  options.members = {0};
  options.remarks = {{100, -1, "of all"}, {200, 0, "of this one"}, {300, 2, "of another"}};
  for (const auto& plot : {figures::loss_plot(*shown, options), figures::accuracy_plot(*shown, options)}) {
    REQUIRE(plot.spans.size() == 1);
    CHECK(plot.spans[0].x == widgets::Range{600, 2000});
    CHECK(plot.spans[0].label == "plateau (set by hand)");
    CHECK_THAT(plot.spans[0].note, ContainsSubstring("the detector's: 400 to 2 350"));
    std::vector<std::string> remarks;
    for (const auto& mark : plot.marks)
      if (mark.remark) remarks.push_back(mark.note);
    CHECK(remarks == std::vector<std::string>{"of all", "of this one"});
  }
  const auto schedule = figures::schedule_plot(*shown, options, "optimizer/learning-rate");
  CHECK(std::ranges::count_if(schedule.marks, &widgets::VerticalMark::remark) == 2);
}

TEST_CASE("Schedules and evaluations are never smoothed, only what is measured on single batches") {
  figures::PlotOptions options;
  options.smoothing = 500;
  for (const auto& run : {test::synthetic_snapshot(), test::synthetic_grokking_snapshot()}) {
    for (const char* metric : {"optimizer/learning-rate", "attention/temperature"})
      for (const auto& curve : figures::schedule_plot(*run, options, metric).curves)
        CHECK(curve.smoothing == 0);
    int smoothed = 0;
    for (const auto& curve : figures::loss_plot(*run, options).curves) {
      CHECK((curve.smoothing > 0) == (curve.kind == "train"));
      smoothed += curve.smoothing > 0;
    }
    CHECK(smoothed > 0);
    for (const auto& curve : figures::saturation_plot(*run, options, "entropy").curves)
      CHECK(curve.smoothing == 0);
  }
}
