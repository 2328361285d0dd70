// A whole run with the probe of in-context learning: as often as asked for, recorded, the same on any number
// of threads.
#include <cmath>
#include <set>

#include "engine/probes/catalogue.h"
#include "engine/recording/reader.h"
#include "tests/engine/tiny_study.h"
#include "tests/tensors/factor_data.h"

using namespace plateau;

namespace {

study::Study factor_study() {
  study::Study study;
  study.name = study.title = "tiny-factors";
  study.settings = testing::factor_settings();
  auto& s = study.settings;
  s.training.steps = 40;
  s.training.evaluate_every = s.training.checkpoint_every = 20;
  s.probes.attention_every = s.probes.saturation_every = s.probes.gradients_every = s.probes.weights_every =
      s.probes.components_every = 0;
  s.probes.in_context_every = 20;
  study.members = {{"baseline", 1, {}}, {"mixed", 1, {{"strategy.fixed_share", 0.5}}}};
  return study;
}

const probes::ProbeInfo& in_context() {
  for (const auto& probe : probes::probes())
    if (probe.name == std::string("in-context")) return probe;
  FAIL("no such probe");
  return probes::probes().front();
}

/// "head/induction/layer{l}/head{h}" -> "head/induction"
std::string plain(std::string metric) {
  for (const char* part : {"/layer", "/position"})
    if (const auto at = metric.find(part); at != std::string::npos) metric.resize(at);
  return metric;
}

} // namespace

TEST_CASE("a run in context is measured when it is asked for, by the names of the catalogue") {
  const testing::TemporaryRecording file;
  const auto snapshot = testing::run(factor_study(), 1, file.path);
  std::set<std::string> known, found;
  for (const auto& metric : in_context().outputs) known.insert(plain(metric));
  for (const auto& view : snapshot->members) {
    INFO(view.name);
    for (const auto& [metric, series] : view.series) {
      if (!known.contains(plain(metric))) continue;
      found.insert(plain(metric));
      INFO(metric);
      CHECK(probes::metric_title(metric) != metric);
      REQUIRE(series.size() == 3);
      for (std::size_t i = 0; i < 3; ++i) {
        CHECK(series[i].step == std::int64_t(20 * i));
        CHECK(std::isfinite(series[i].value));
        if (metric.starts_with("accuracy/") || metric.find("score/") != std::string::npos) {
          CHECK(series[i].value >= 0);
          CHECK(series[i].value <= 1);
        }
      }
    }
  }
  known.erase("accuracy/swapped-labels"); // of another task
  CHECK(found == known);
  // Members begin with the same weights and are asked the same: only what they learn differs.
  const auto &one = snapshot->members[0].series, &other = snapshot->members[1].series;
  CHECK(one.at("component/weights-score/layer2")[0].value ==
        other.at("component/weights-score/layer2")[0].value);
  CHECK(one.at("features/effective-rank")[2].value != other.at("features/effective-rank")[2].value);
  // A recording shows the same.
  const auto replayed = recording::Reader(file.path).snapshot();
  testing::check_same_curves(replayed->members[0], snapshot->members[0]);
}

TEST_CASE("in-context probes do not depend on threads, nor does training on them") {
  auto study = factor_study();
  study.members.resize(1);
  auto still = study;
  still.settings.optimizer.learning_rate = 0; // the same weights, however gradients were summed up
  still.settings.optimizer.minimum_learning_rate = 0;
  testing::check_same_curves(testing::run(still, 1)->members[0], testing::run(still, 2)->members[0]);

  auto blind = study;
  blind.settings.probes.in_context_every = 0;
  const auto seen = testing::run(study), unseen = testing::run(blind);
  for (const auto& [metric, series] : unseen->members[0].series) {
    INFO(metric);
    const auto& other = seen->members[0].series.at(metric);
    REQUIRE(series.size() == other.size());
    for (std::size_t i = 0; i < series.size(); ++i) REQUIRE(series[i].value == other[i].value);
  }
  CHECK(!unseen->members[0].series.contains("component/item-score"));
}
