// The tabs Features and Context, by clicks; what else the window does for such studies.
#include "app/figures/features.h"
#include "app/window/decay_unit.h"
#include "tests/gui/headless_window.h"

using namespace plateau;
using namespace plateau::window;
using plateau::test::HeadlessWindow;
using widgets::test_ids::find;

namespace {

void hover(HeadlessWindow& window, const std::string& item, float x, float y) {
  const auto rect = find(item);
  INFO(item);
  REQUIRE(rect);
  widgets::simulate::mouse_position({rect->x + rect->width * x, rect->y + rect->height * y});
  window.frames(3);
}

} // namespace

TEST_CASE("every view of the tabs Features and Context is drawn at every size and step") {
  const bool context = GENERATE(false, true);
  const auto steps = GENERATE(0, 60, 4000);
  HeadlessWindow window(context ? test::synthetic_context_snapshot(steps)
                                : test::synthetic_grokking_snapshot(steps),
                        true, context ? test::synthetic_context_frame : test::synthetic_grokking_frame);
  const std::vector<std::string> views =
      context ? std::vector<std::string>{"By position", "Scores", "Components", "Heads", "Collapse"}
              : std::vector<std::string>{"Embedding", "Spectrum", "Attention", "Circuit", "Logits", "Norms"};
  const std::string control = context ? "context-view" : "features-view";
  for (const auto& [width, height] : {std::pair{1280, 800}, {320, 240}, {3840, 2160}}) {
    window.size(static_cast<float>(width), static_cast<float>(height));
    window.frames(3);
    for (const auto& name : views) {
      if (width > 1000) {
        window.click(control + "/" + name);
        CHECK(window.readings.at(control) == name);
      }
      CHECK(ImGui::GetDrawData()->TotalVtxCount > 500);
    }
  }
}

TEST_CASE("the views of the tab Features") {
  HeadlessWindow window(test::synthetic_grokking_snapshot(), true, test::synthetic_grokking_frame);
  window.size(1600, 1000);
  window.frames(3);
  CHECK(window.readings.at("tab") == "Features");
  CHECK(find("embedding-spectrum"));
  CHECK(find("embedding-circle/area"));
  CHECK(window.readings.at("strongest-frequency") == "4");
  CHECK(find("plot-fourier-top5"));
  CHECK(find("plot-fourier-concentration"));
  CHECK(find("legend-embedding-curves/norm at the MLP (2 seeds)"));
  window.click("features-all-members"); // the selected one alone: titles say what its curves are
  CHECK_FALSE(find("legend-embedding-curves/norm at the MLP · seed 1"));
  CHECK(find("plot-fourier-top5"));
  window.click("features-all-members");
  window.click("member-1");
  CHECK(window.readings.at("strongest-frequency") == "11");

  window.click("features-view/Spectrum");
  CHECK(find("plot-feature-spectrum/legend/no norms · seed 2"));
  CHECK(find("plot-effective-rank"));
  window.click("visible-3");
  CHECK_FALSE(find("plot-feature-spectrum/legend/no norms · seed 2"));
  window.click("visible-3");

  window.click("features-view/Attention");
  CHECK(find("plot-entropy"));
  CHECK(find("plot-entropy-per-head"));
  CHECK(find("operand-attention/area"));

  window.click("features-view/Circuit");
  for (const char* curve :
       {"train", "test", "restricted (test)", "excluded (train)", "unit MLP input (train)"})
    CHECK(find(std::string("plot-circuit/legend/") + curve));
  window.click("circuit-all-members");
  CHECK(find("plot-loss-restricted"));
  CHECK(find("plot-loss-shortcut"));

  window.click("features-view/Logits");
  CHECK(find("plot-diagonal"));
  CHECK(find("plot-margin"));
  CHECK(find("legend-logit-curves/train"));               // dashes tell training and test margin apart
  hover(window, "correct-logit/0", 7.5f / 31, 5.5f / 31); // the pair left out
  CHECK(window.readings.at("pair") == "a = 5, b = 7, c = 12");
  hover(window, "correct-logit/0", 20.5f / 31, 30.5f / 31);
  CHECK(window.readings.at("pair") == "a = 30, b = 20, c = 19");

  window.click("features-view/Norms");
  for (const char* plot : {"weight-total", "weight-parts", "update-norm", "gradient-norm", "decay-share",
                           "scaling-cosine", "kernel-drift"})
    CHECK(find(std::string("plot-") + plot));
}

TEST_CASE("arrays and curves of the tab Features are those at the playhead") {
  HeadlessWindow window(test::synthetic_grokking_snapshot(), false, test::synthetic_grokking_frame);
  window.size(1600, 1000);
  window.frames(3);
  window.session().perform(Scrub{100});
  window.frames(3);
  SharedPlots plots;
  Actions actions;
  const auto view = window.session().view({window.context(), plots, window.readings, "", actions});
  CHECK(view.member->frame->step == 100);
  CHECK(view.frame_of(1)->step == 100);
  CHECK(find("embedding-spectrum"));
  const auto early = figures::embedding_spectrum(*view.member, {}),
             late = figures::embedding_spectrum(test::synthetic_grokking_snapshot()->members[0], {});
  CHECK(early.shares[3] < 0.5 * late.shares[3]); // frequency 4 has grown
}

TEST_CASE("a study of modular arithmetic without features says what to set") {
  auto snapshot = test::synthetic_grokking_snapshot();
  for (auto& m : snapshot->members) {
    std::erase_if(m.series, [](const auto& entry) { return entry.first.starts_with("features/"); });
    m.settings.probes.features_every = 0;
  }
  HeadlessWindow window(snapshot, true, [](int, std::int64_t step) {
    auto frame = std::make_shared<training::TensorFrame>();
    frame->step = step;
    return std::shared_ptr<const training::TensorFrame>(frame);
  });
  window.size(1280, 800);
  window.session().perform(Scrub{2000}); // not the newest frame, which the snapshot has
  window.frames(3);
  CHECK(window.readings.at("features-view") == "Embedding");
  CHECK_FALSE(find("embedding-spectrum"));
  CHECK_FALSE(find("plot-fourier-top5"));
  window.click("features-view/Norms"); // which other probes measure
  CHECK(find("plot-weight-total"));
  CHECK_FALSE(find("plot-kernel-drift"));
}

TEST_CASE("the views of the tab Context") {
  HeadlessWindow window(test::synthetic_context_snapshot(), true, test::synthetic_context_frame);
  window.size(1600, 1000);
  window.frames(3);
  CHECK(window.readings.at("tab") == "Context");
  CHECK(window.readings.at("context-view") == "By position");
  CHECK(find("position-history/area"));
  CHECK(find("plot-by-position/legend/extra loss (2 seeds)"));
  window.click("position-measure/loss");
  CHECK(find("position-history/area"));
  window.click("position-history/area"); // a click goes to the step in its middle
  CHECK(window.was_asked<Scrub>());
  CHECK(window.session().step() == 2000);

  window.click("context-view/Scores");
  CHECK(find("plot-scores-in context")); // several members: a plot for each score
  CHECK(find("plot-second-losses-rule"));
  CHECK_FALSE(find("plot-reference-distances-unigram")); // of Markov chains alone
  window.click("context-all-members");
  CHECK(find("plot-scores"));
  CHECK(find("plot-second-losses"));
  for (const char* kind : {"in context", "in weights", "fixed mapping", "swapped labels"})
    CHECK(find(std::string("legend-context-scores/") + kind));

  window.click("context-all-members");
  window.click("context-view/Components");
  for (const char* plot : {"weights-score", "weights-score-self", "weights-score-none", "component-answers",
                           "rule-score", "rule-by-position"})
    CHECK(find(std::string("plot-") + plot));

  window.click("context-view/Heads");
  CHECK(find("head-table/0"));
  CHECK(find("head-table/2"));
  CHECK(find("plot-head-layer-2"));
  CHECK(window.readings.at("head-score") == "induction / uniform");
  window.click("head-table/1"); // a click on a score's table shows its curves
  CHECK(window.readings.at("head-score") == "previous token");
  CHECK(find("legend-heads/head 4"));

  window.click("context-view/Collapse");
  CHECK(find("plot-pairwise-cosine"));
  CHECK(find("plot-logit-deviation"));
}

TEST_CASE("the tab Context starts with the first view that has something") {
  auto snapshot = test::synthetic_text_snapshot();
  for (auto& m : snapshot->members) m.series["accuracy/in-context"].push({0, 0.5});
  HeadlessWindow window(snapshot, true, test::synthetic_text_frame);
  window.size(1600, 1000);
  window.frames(3);
  CHECK(window.readings.at("tab") == "Attention"); // what the study is about stands first
  window.click("tab-context");
  CHECK(window.readings.at("context-view") == "Scores");
  CHECK_FALSE(find("tab-features"));
}

TEST_CASE("attention is read with the member's own sequences") {
  HeadlessWindow window(test::synthetic_grokking_snapshot(), true, test::synthetic_grokking_frame);
  window.size(1600, 1000);
  window.frames(3);
  window.click("tab-attention");
  window.click("sample");
  CHECK(find("sample/1: 2 5 = → 7"));
  window.click("sample/2: 9 16 = → 25");
  CHECK(find("tokens"));
  window.click("member-1"); // which sees other pairs
  window.click("sample");
  CHECK(find("sample/1: 5 6 = → 11"));
}

TEST_CASE("losses that fall over decades are drawn on a logarithmic axis, with marks where it generalises") {
  HeadlessWindow window(test::synthetic_grokking_snapshot(), true, test::synthetic_grokking_frame);
  window.size(1600, 1000);
  window.frames(3);
  CHECK(find("plot-loss/legend/train"));
  CHECK(find("plot-loss/legend/validation"));
  CHECK(find("log-loss"));
  CHECK(find("log-steps"));
  CHECK(find("event-7")); // each has memorised and generalised
  const auto snapshot = test::synthetic_grokking_snapshot();
  CHECK(jump_step(*snapshot, 1, 4000) == test::synthetic_generalisation(1));
  CHECK_FALSE(jump_step(*snapshot, 1, test::synthetic_generalisation(1) - 1));
  CHECK(memorisation_step(*snapshot, 1, 4000) == test::synthetic_memorisation + 10);
  CHECK_FALSE(memorisation_step(*snapshot, 1, 100));
}

TEST_CASE("the unit of the weight decay changes together with the decay, so that a step loses as much") {
  auto snapshot = test::synthetic_grokking_snapshot();
  auto& member = snapshot->members[0];
  CHECK(converted_decay(member, "step") == Approx(2e-3)); // eta lambda
  CHECK(converted_decay(member, "learning-rate") == 1);   // as it is
  member.settings.optimizer.decay_unit = "step";
  member.settings.optimizer.weight_decay = 3e-3;
  CHECK(converted_decay(member, "learning-rate") == Approx(1.5));
  member.settings.optimizer.weight_decay = 5;
  CHECK(converted_decay(member, "learning-rate") == 10); // the most that is allowed
  member.settings.optimizer.warmup_steps = 10000;        // the rate is on its way up
  member.settings.optimizer.learning_rate = 1e-2;
  member.settings.optimizer.weight_decay = 1e-3;
  CHECK(converted_decay(member, "learning-rate") == Approx(0.1));

  // Alike: one change for all; different: one each.
  snapshot = test::synthetic_grokking_snapshot();
  auto changes = decay_unit_changes(*snapshot, nullptr, "step");
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].member.empty());
  CHECK(changes[0].changes == std::vector<study::Assignment>{{"optimizer.decay_unit", std::string("step")},
                                                             {"optimizer.weight_decay", 2e-3}});
  snapshot->members[2].settings.optimizer.weight_decay = 0.5;
  snapshot->members[3].training = false;
  changes = decay_unit_changes(*snapshot, nullptr, "step");
  REQUIRE(changes.size() == 3);
  CHECK(changes[2].member == snapshot->members[2].name);
  CHECK(std::get<double>(changes[2].changes[1].value) == Approx(1e-3));
  CHECK(decay_unit_changes(*snapshot, &snapshot->members[1], "step").at(0).member ==
        snapshot->members[1].name);
}

TEST_CASE("the controls of modular arithmetic: decay and norms") {
  HeadlessWindow window(test::synthetic_grokking_snapshot(1000), true, test::synthetic_grokking_frame);
  window.size(1600, 2600);
  window.frames(3);
  REQUIRE(find("optimizer-decay-unit"));
  window.click("optimizer-decay-unit");
  window.click("optimizer-decay-unit/step");
  REQUIRE(window.run().posted.size() == 1);
  const auto& change = std::get<training::Intervene>(window.run().posted[0]).what;
  CHECK(change.changes == std::vector<study::Assignment>{{"optimizer.decay_unit", std::string("step")},
                                                         {"optimizer.weight_decay", 2e-3}});
  CHECK_FALSE(find("group-strategy")); // there are no mappings here
  window.click("group-model");
  window.click("model-norms");
  CHECK(find("model-norms/qk+mlp"));
  window.click("model-norms/qk");
  CHECK(find("apply-and-restart")); // it decides the shape
}

TEST_CASE("strategies against the plateau are set live") {
  HeadlessWindow context(test::synthetic_context_snapshot(1000), true, test::synthetic_context_frame);
  context.size(1600, 2600);
  context.frames(3);
  CHECK(find("group-strategy"));
  context.click("strategy-extra-target"); // the group is open where it matters
  context.click("strategy-extra-target/rule");
  REQUIRE(context.run().posted.size() == 1);
  CHECK(std::get<training::Intervene>(context.run().posted[0]).what.changes ==
        std::vector<study::Assignment>{{"strategy.extra_target", std::string("rule")}});
  context.click("strategy-fixed-first"); // typed: a slider over ten million steps would be of no use
  widgets::simulate::type("600");
  context.frames(2);
  context.click("tab-context");
  REQUIRE(context.run().posted.size() == 2);
  CHECK(std::get<training::Intervene>(context.run().posted[1]).what.changes ==
        std::vector<study::Assignment>{{"strategy.fixed_first", std::int64_t{600}}});
}
