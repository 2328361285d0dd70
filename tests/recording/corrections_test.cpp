// Plateaus that a person has corrected.
#include "engine/recording/corrections.h"

#include "tests/catch.h"

using namespace plateau;
using recording::PlateauCorrection;
using training::Event;

namespace {

std::vector<Event> events() {
  return {
      {Event::Kind::PlateauBegin, 500, 1, "B: plateau at 1.20 from step 500"},
      {Event::Kind::PlateauBegin, 300, 0, "A: plateau at 1.21 from step 300"},
      {Event::Kind::PlateauEnd, 1250, 1, "B: plateau at 1.20 from step 500 ended at step 1 250 (750 steps)"},
      {Event::Kind::EurekaMoment, 1400, 1, "B: Eureka-moment"},
      {Event::Kind::PlateauBegin, 2000, 1, "B: plateau at 0.40 from step 2 000"}};
}

} // namespace

TEST_CASE("Corrections: nothing corrected, nothing changed") {
  CHECK(recording::corrected(events(), {}) == events());
  CHECK(recording::corrected(events(), {{1, 501, 1, 2}, {3, 500, 1, 2}}) == events()); // of no plateau
  const auto plateaus = recording::plateaus(events(), {});
  REQUIRE(plateaus.size() == 3);
  CHECK(plateaus[0].end == 1250);
  CHECK_FALSE(plateaus[1].end);
  CHECK_FALSE(plateaus[2].end);
  CHECK_FALSE(plateaus[0].corrected);
}

TEST_CASE("Corrections: both ends, in events and in their texts") {
  const std::vector<PlateauCorrection> corrections{{1, 500, 420, 1300}};
  const auto shown = recording::corrected(events(), corrections);
  REQUIRE(shown.size() == events().size());
  CHECK(shown[0].step == 420);
  CHECK(shown[0].text == "B: plateau at 1.20 from step 420, set by hand (the detector's: step 500)");
  CHECK(shown[2].step == 1300);
  CHECK(shown[2].text == "B: plateau at 1.20 from step 420 ended at step 1 300 (880 steps), set by hand (the "
                         "detector's: 500 to 1 250)");
  CHECK(recording::is_corrected(shown[0]));
  CHECK_FALSE(recording::is_corrected(shown[1]));
  CHECK(shown[4] == events()[4]);
  const auto plateaus = recording::plateaus(events(), corrections);
  CHECK(plateaus[0].corrected);
  CHECK(plateaus[0].begin == 420);
  CHECK(plateaus[0].detected_begin == 500);
  CHECK(plateaus[0].end == 1300);
  CHECK(plateaus[0].detected_end == 1250);
}

TEST_CASE("Corrections: of one that lasts, its beginning alone or an end given to it") {
  auto shown = recording::corrected(events(), {{0, 300, 350, -1}});
  CHECK(shown.size() == events().size());
  CHECK(shown[1].step == 350);
  shown = recording::corrected(events(), {{0, 300, 300, 900}});
  REQUIRE(shown.size() == events().size() + 1);
  int ends = 0;
  for (const auto& event : shown)
    if (event.member == 0 && event.kind == Event::Kind::PlateauEnd) {
      ++ends;
      CHECK(event.step == 900);
      CHECK_THAT(event.text, ContainsSubstring("from 300, lasting"));
    }
  CHECK(ends == 1);
  // The beginning alone of one that is over: it ends where it did.
  shown = recording::corrected(events(), {{1, 500, 450, -1}});
  CHECK(shown[2].step == 1250);
  CHECK_THAT(shown[2].text, ContainsSubstring("(800 steps)"));
  // The second of a member, with the first untouched.
  shown = recording::corrected(events(), {{1, 2000, 2100, 2500}});
  CHECK(shown[2] == events()[2]);
  CHECK(recording::plateaus(shown, {})[2].end == 2500);
}

TEST_CASE("Corrections: the summary goes by them, too") {
  analysis::MemberSummary summary;
  summary.id = 1;
  summary.plateau = {500, 1250, 1.2, true};
  recording::correct(summary, {{1, 500, 420, -1}});
  CHECK(summary.plateau->begin == 420);
  CHECK(summary.plateau->end == 1250);
  CHECK(summary.plateau->lasting);
  summary.plateau->begin = 500;
  recording::correct(summary, {{0, 500, 1, 2}, {1, 500, 420, 1300}});
  CHECK(summary.plateau->end == 1300);
  CHECK_FALSE(summary.plateau->lasting);
}
