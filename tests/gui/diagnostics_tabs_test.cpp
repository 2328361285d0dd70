// The tabs Optimizer, Values, Text and Findings, by clicks; which tabs a study has.
#include "app/window/findings_tab.h"
#include "app/window/text_layout.h"
#include "tests/gui/headless_window.h"

using namespace plateau;
using namespace plateau::window;
using plateau::test::HeadlessWindow;
using widgets::test_ids::find;

namespace {

std::vector<std::string> letters(const std::string& text) {
  std::vector<std::string> tokens;
  for (const char c : text) tokens.push_back(c == ' ' ? "␣" : c == '\n' ? "⏎" : std::string(1, c));
  return tokens;
}

std::vector<std::string> wrapped(const std::string& text, std::size_t columns) {
  const auto tokens = letters(text);
  std::vector<std::string> lines;
  for (const auto& line : wrap(tokens, columns)) lines.push_back(readable(tokens, line.begin, line.end));
  return lines;
}

} // namespace

TEST_CASE("every tab of regression and of text is drawn at every size and step") {
  const bool text = GENERATE(false, true);
  const auto steps = GENERATE(0, 40, 1500);
  HeadlessWindow window(text ? test::synthetic_text_snapshot(steps) : test::synthetic_linear_snapshot(steps),
                        true, text ? test::synthetic_text_frame : test::synthetic_linear_frame);
  for (const auto& [width, height] : {std::pair{1280, 800}, {320, 240}, {3840, 2160}}) {
    window.size(static_cast<float>(width), static_cast<float>(height));
    for (int tab = 0; tab < 9; ++tab) {
      window.workspace().perform(ShowTab{tab});
      window.frames(3);
      CHECK(ImGui::GetDrawData()->TotalVtxCount > 500);
    }
  }
}

TEST_CASE("a study shows the tabs that mean something for it, and keys follow their order") {
  HeadlessWindow linear(test::synthetic_linear_snapshot(), true, test::synthetic_linear_frame);
  linear.size(1280, 800);
  linear.frames(3);
  CHECK(linear.readings.at("tab") == "Optimizer");
  for (const char* tab : {"tab-optimizer", "tab-gradients"}) CHECK(find(tab));
  for (const char* tab :
       {"tab-attention", "tab-saturation", "tab-components", "tab-values", "tab-text", "tab-lab"})
    CHECK_FALSE(find(tab));
  linear.workspace().perform(ShowTab{1});
  linear.frames(3);
  CHECK(linear.readings.at("tab") == "Gradients");
  CHECK(find("plot-gradient-P"));
  CHECK(find("plot-gradient-Q"));
  CHECK_FALSE(find("plot-gradient-W_Q"));
  // Regression has no accuracy: the loss has the room.
  CHECK_FALSE(find("plot-accuracy"));
  CHECK_FALSE(find("curves/Accuracy"));
  CHECK(find("loss-average"));
}

TEST_CASE("a decoder has every tab, in one row") {
  HeadlessWindow window(test::synthetic_text_snapshot(), true, test::synthetic_text_frame);
  window.size(1280, 800);
  window.frames(3);
  int index = 0;
  for (const char* name :
       {"Attention", "Saturation", "Components", "Gradients", "Values", "Text", "Optimizer", "Lab"}) {
    window.workspace().perform(ShowTab{index++});
    window.frames(3);
    CHECK(window.readings.at("tab") == name);
  }
  window.workspace().perform(ToggleHelp{});
  window.frames(3);
  CHECK(find("close-help"));
  window.click("close-help");
  window.click("tab-text");
  CHECK(window.readings.at("tab") == "Text");
}

TEST_CASE("the views of the tab Optimizer") {
  HeadlessWindow window(test::synthetic_linear_snapshot(), true, test::synthetic_linear_frame);
  window.size(1280, 800);
  window.frames(3);
  CHECK(window.readings.at("optimizer-view") == "Noise");
  CHECK(window.readings.at("noise") == "step 500, skew 0.95");
  CHECK_THAT(window.readings.at("curvature-cost"), ContainsSubstring("0.9 ms per step, 23 % of the time"));
  CHECK(find("noise-histogram"));
  CHECK(find("noise-quantiles/area"));
  CHECK(find("noise-of-0"));
  CHECK(find("noise-of-1"));
  CHECK_FALSE(find("noise-of-2")); // hidden
  window.click("noise-of-1");
  CHECK(window.readings.at("noise") == "step 500, skew 2.26");

  window.click("optimizer-view/Condition");
  CHECK(find("plot-curvature-entries/legend/median |H_ii|"));
  CHECK(find("plot-condition-number"));
  CHECK(window.readings.at("condition") == "all");
  window.click("condition-live-only");
  CHECK(window.readings.at("condition") == "live");

  window.click("optimizer-view/Smoothness");
  CHECK(find("plot-smoothness/legend/S < 0"));
  CHECK(find("plot-smoothness/legend/Adam · seed 0"));

  window.click("optimizer-view/Gradient and smoothness");
  CHECK(find("gradient-smoothness-0/area"));
  CHECK_THAT(window.readings.at("correlation-1"), ContainsSubstring("ρ 0.5"));

  window.click("optimizer-view/P and Q");
  CHECK(find("linear-matrices/5"));
  CHECK(find("plot-matrix-distances"));

  window.click("optimizer-view/Gradient descent");
  CHECK(find("plot-gradient-descent"));
  window.click("descent-average/median");
  CHECK(find("plot-gradient-descent/legend/SGD · seed 0"));
}

TEST_CASE("members that a study does not show start hidden, and are shown by a click") {
  HeadlessWindow window(test::synthetic_linear_snapshot(), true, test::synthetic_linear_frame);
  window.size(1280, 800);
  window.frames(3);
  CHECK(find("plot-loss/legend/SGD · seed 0"));
  CHECK_FALSE(find("plot-loss/legend/SGD · seed 1"));
  window.click("visible-2");
  CHECK(find("plot-loss/legend/SGD · seed 1"));
  CHECK(find("noise-of-2"));
}

TEST_CASE("resampling the gradient noise is a command of the live run, at its newest step") {
  HeadlessWindow window(test::synthetic_linear_snapshot(1000), true, test::synthetic_linear_frame);
  window.size(1280, 800);
  window.frames(3);
  window.click("resample-noise");
  REQUIRE(window.run().posted.size() == 1);
  CHECK(std::get<training::MeasureNoise>(window.run().posted[0]).member == "SGD · seed 0");
  window.click("resample-noise"); // it is being measured
  CHECK(window.run().posted.size() == 1);
  window.run().publish(test::synthetic_linear_snapshot(1010)); // with other arrays
  window.frames(3);
  window.click("resample-noise");
  CHECK(window.run().posted.size() == 2);
  window.session().perform(Scrub{300});
  window.run().publish(test::synthetic_linear_snapshot(1020));
  window.frames(3);
  CHECK(window.readings.at("noise").starts_with("step 0,"));
  window.click("resample-noise");
  CHECK(window.run().posted.size() == 2);
}

TEST_CASE("a recording's noise cannot be resampled") {
  HeadlessWindow window(test::synthetic_linear_snapshot(), false, test::synthetic_linear_frame);
  window.size(1280, 800);
  window.frames(3);
  window.click("resample-noise");
  CHECK(window.run().posted.empty());
  CHECK_FALSE(window.was_asked<Post>());
}

TEST_CASE("a point of the scatter plot is a step: a click goes there") {
  HeadlessWindow window(test::synthetic_linear_snapshot(), true, test::synthetic_linear_frame);
  window.size(1600, 1200);
  window.frames(3);
  window.click("optimizer-view/Gradient and smoothness");
  const auto area = *find("gradient-smoothness-0/area");
  // Somewhere in the plot there is a point under the mouse.
  for (int y = 0; y < 40 && !window.was_asked<Scrub>(); ++y)
    for (int x = 0; x < 40 && !window.was_asked<Scrub>(); ++x) {
      widgets::simulate::mouse_position({area.x + area.width * static_cast<float>(x) / 40,
                                         area.y + area.height * static_cast<float>(y) / 40});
      window.frames(1);
      widgets::simulate::mouse_button(0, true);
      window.frames(1);
      widgets::simulate::mouse_button(0, false);
      window.frames(1);
    }
  CHECK(window.was_asked<Scrub>());
  CHECK(window.session().step() % 10 == 0);
}

TEST_CASE("values: layers, heads, and what LASER alone has") {
  HeadlessWindow window(test::synthetic_text_snapshot(), true, test::synthetic_text_frame);
  window.size(1280, 1000);
  window.frames(3);
  window.click("tab-values");
  CHECK(find("plot-values-spread"));
  CHECK(find("plot-values-gradient-ratio"));
  CHECK_FALSE(find("plot-values-smallest-sum"));
  window.click("member-1");
  CHECK(find("plot-values-smallest-sum"));
  CHECK(find("plot-values-laser-zeros"));
  CHECK(find("legend-values/layer 2"));
  window.click("values-layer");
  window.click("values-layer/heads of layer 2");
  CHECK(find("legend-values/head 3"));
}

TEST_CASE("texts stand side by side, and prompt and temperature are set live") {
  HeadlessWindow window(test::synthetic_text_snapshot(1000), true, test::synthetic_text_frame);
  window.size(1280, 800);
  window.frames(3);
  window.click("tab-text");
  CHECK(find("text-of-0"));
  CHECK(find("text-of-1"));
  CHECK(window.readings.at("bits-per-character-0") != window.readings.at("bits-per-character-1"));
  window.click("visible-1");
  CHECK_FALSE(find("text-of-1"));

  window.click("probes-text-prompt");
  widgets::simulate::type("once");
  window.frames(2);
  window.click("tab-text"); // done typing
  REQUIRE(window.run().posted.size() == 1);
  const auto& change = std::get<training::Intervene>(window.run().posted[0]).what;
  CHECK(change.changes == std::vector<study::Assignment>{{"probes.text_prompt", std::string("once")}});
  CHECK(change.member.empty());
  window.session().perform(Scrub{300});
  window.frames(3);
  window.click("probes-text-temperature"); // not at a step of the past
  CHECK(window.run().posted.size() == 1);
}

TEST_CASE("an attention map of a sequence is read with its tokens") {
  HeadlessWindow window(test::synthetic_text_snapshot(), true, test::synthetic_text_frame);
  window.size(1280, 900);
  window.frames(3);
  CHECK(find("attention-grid"));
  CHECK_FALSE(find("attention-view/on the input"));
  CHECK_FALSE(find("tokens")); // of the mean over samples
  window.click("sample");
  window.click("sample/1: the best way to learn a␣");
  CHECK(find("tokens"));
  window.click("tokens");
  window.frames(2);
  CHECK(find("tokens"));
}

TEST_CASE("findings are told with verdict and values") {
  HeadlessWindow window(test::synthetic_linear_snapshot(), true, test::synthetic_linear_frame);
  window.size(1280, 800);
  window.frames(3);
  using analysis::Finding;
  std::vector<Finding> findings(2);
  findings[0] = {.name = "lead",
                 .title = "Adam is ahead",
                 .measure = "ratio",
                 .expected = "at least 8",
                 .source = "Ahn et al.",
                 .values = {10, 12},
                 .mean = 11,
                 .deviation = 1.4,
                 .verdict = Finding::Verdict::Shown,
                 .note = "of two seeds"};
  findings[1].name = "open";
  findings[1].mean = findings[1].deviation = std::nan("");
  widgets::Context& context = window.context();
  SharedPlots plots;
  Actions actions;
  std::map<std::string, std::string> readings;
  ImGui::NewFrame();
  ImGui::SetNextWindowSize({800, 300});
  ImGui::Begin("findings");
  draw_findings(window.session().view({context, plots, readings, "", actions}), findings);
  ImGui::End();
  ImGui::Render();
  CHECK(readings.at("finding-lead") == "shown");
  CHECK(readings.at("finding-open") == "open");
}

TEST_CASE("written text is broken after spaces and at line breaks") {
  CHECK(wrapped("one two three", 8) == std::vector<std::string>{"one two ", "three"});
  CHECK(wrapped("one two", 7) == std::vector<std::string>{"one two"});
  CHECK(wrapped("one two ", 7) == std::vector<std::string>{"one two "}); // a space may hang over
  CHECK(wrapped("a\n\nb", 10) == std::vector<std::string>{"a", "", "b"});
  CHECK(wrapped("abcdefgh", 3) == std::vector<std::string>{"abc", "def", "gh"}); // a word too long
  CHECK(wrapped("ab cdefgh", 4) == std::vector<std::string>{"ab ", "cdef", "gh"});
  CHECK(wrapped("", 4).empty());
  CHECK(wrapped("ab", 0) == std::vector<std::string>{"a", "b"});
  // Characters count, not bytes.
  const std::vector<std::string> tokens = {"é", "ü", "ß"};
  CHECK(wrap(tokens, 3).size() == 1);
}
