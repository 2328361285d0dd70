// Members in numbers, and seeds together.
#include "engine/analysis/summary_table.h"

#include <algorithm>

#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"

using namespace plateau;

namespace {

std::size_t column(const analysis::TextTable& table, const std::string& name) {
  const auto found = std::ranges::find(table.front(), name);
  REQUIRE(found != table.front().end());
  return static_cast<std::size_t>(found - table.front().begin());
}

analysis::MemberSummary member(const std::string& name, double loss, std::optional<std::int64_t> jump) {
  analysis::MemberSummary summary;
  summary.name = name;
  summary.validation_loss = loss;
  summary.eureka_step = jump;
  return summary;
}

} // namespace

TEST_CASE("Summary: final and best loss, accuracy and the step of the jump are those of the curves") {
  auto snapshot = test::synthetic_snapshot();
  const auto& losses = snapshot->members[0].series.at("loss/validation");
  double best = losses[0].value;
  for (std::size_t i = 0; i < losses.size(); ++i) best = std::min(best, losses[i].value);
  const auto summaries = analysis::summaries(*snapshot);
  REQUIRE(summaries.size() == 3);
  CHECK(summaries[0].final_loss() == losses.back().value);
  CHECK(summaries[0].best_loss == best);
  CHECK(summaries[0].accuracy == snapshot->members[0].series.at("accuracy/validation").back().value);
  REQUIRE(summaries[0].plateau);
  CHECK(summaries[0].plateau->end <= test::synthetic_jump + 100);
  CHECK(*summaries[0].jump_step() == Approx(test::synthetic_jump).margin(300));
  CHECK(summaries[1].id == 1);
}

TEST_CASE("Summary: of a grokking run when it memorised and when it generalised") {
  const auto summaries = analysis::summaries(*test::synthetic_grokking_snapshot());
  for (const int id : {0, 1}) {
    const auto& m = summaries[static_cast<std::size_t>(id)];
    REQUIRE(m.memorised_step);
    REQUIRE(m.generalised_step);
    CHECK(*m.memorised_step == Approx(test::synthetic_memorisation).margin(150));
    CHECK(*m.generalised_step == Approx(test::synthetic_generalisation(id)).margin(600));
    CHECK(m.jump_step() == m.generalised_step);
  }
}

TEST_CASE("Summary: seeds are put together with median and quartiles of those that have a value") {
  const auto groups =
      analysis::over_seeds({member("a · seed 0", 1, 100), member("b", 7, {}), member("a · seed 1", 2, 200),
                            member("a · seed 2", 3, {}), member("a · seed 3", 10, {})});
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].name == "a");
  CHECK(groups[0].seeds.size() == 4);
  const auto measure = [](const std::string& name) {
    const auto& all = analysis::summary_measures();
    return static_cast<std::size_t>(std::ranges::find(all, name, &analysis::SummaryMeasure::name) -
                                    all.begin());
  };
  const auto& loss = groups[0].spreads[measure("final_loss")];
  REQUIRE(loss);
  CHECK(loss->median == 2.5);
  CHECK(loss->low == Approx(1.75));
  CHECK(loss->high == Approx(4.75));
  const auto& jump = groups[0].spreads[measure("jump_step")];
  REQUIRE(jump);
  CHECK(jump->count == 2);
  CHECK(jump->median == 150);
  CHECK_FALSE(groups[1].spreads[measure("jump_step")]);

  const auto table = analysis::seed_table(groups);
  CHECK(table[1][column(table, "seeds")] == "4");
  CHECK(table[1][column(table, "jump_step_count")] == "2");
  CHECK(table[1][column(table, "final_loss_q1")] == "1.75");
  CHECK(table[2][column(table, "jump_step_median")].empty());
}

TEST_CASE("Summary: only a number is a seed, so that a twin stands for itself") {
  CHECK(analysis::without_seed("ViT · seed 12") == "ViT");
  for (const char* whole : {"ViT", "ViT · seed 0 · twin", "ViT · seed ", "ViT · seed 1b"})
    CHECK(analysis::without_seed(whole) == whole);
  const auto groups = analysis::over_seeds(
      {member("a · seed 0", 1, 100), member("a · seed 1", 2, 200), member("a · seed 0 · twin", 9, {})});
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].seeds.size() == 2);
  CHECK(groups[1].name == "a · seed 0 · twin");
}

TEST_CASE("Summary: as text every line has the same cells, and no cell breaks it") {
  auto odd = member("tab\there", 0.1, 5);
  odd.plateau = analysis::PlateauSummary{10, 40, 1.5, true};
  const auto table = analysis::summary_table({odd, member("plain", 1. / 3, {})});
  for (const auto& row : table) CHECK(row.size() == table.front().size());
  CHECK(table[1][column(table, "plateau_length")] == "30");
  CHECK(table[1][column(table, "plateau_lasting")] == "true");
  CHECK(table[2][column(table, "final_loss")] == "0.3333333333333333");
  const auto text = analysis::tab_separated({{"a", "b"}, {"x\ty", "2"}});
  CHECK(text == "a\tb\nx y\t2\n");
}
