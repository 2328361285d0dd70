// Members trained as a cohort, as on a GPU, are the members trained one by one.
#include <unistd.h>

#include "tests/engine/tiny_study.h"

using namespace plateau;
using namespace plateau::testing;
using training::Intervene;

namespace {

training::TrainerOptions options_for(const study::Study& study, bool cohorts) {
  auto options = cpu_options();
  options.study = study;
  options.threads = 2;
  options.cohorts = cohorts;
  return options;
}

} // namespace

TEST_CASE("A cohort's curves are its members'") {
  const auto study = mixed_study();
  training::Trainer alone(options_for(study, false)), together(options_for(study, true));
  const auto expected = finish(alone), snapshot = finish(together);
  CHECK(snapshot->members[0].series.at("loss/train").size() == 40);
  check_close_curves(*snapshot, *expected);
  for (std::size_t i = 1; i < 5; ++i)
    CHECK(snapshot->members[i].series.at("loss/train").back().value !=
          snapshot->members[0].series.at("loss/train").back().value);
  // The same numbers in another order of operations, not the same code.
  CHECK(snapshot->members[0].series.at("loss/train").back().value !=
        expected->members[0].series.at("loss/train").back().value);
}

TEST_CASE("Interventions change a cohort's members, its size and nothing else") {
  auto study = mixed_study();
  using Kind = study::Intervention::Kind;
  study::Intervention twin{.kind = Kind::Set, .step = 10, .member = "A"};
  twin.changes = {{"attention.variant", std::string("norm-softmax-std")}};
  twin.keep_twin = true;
  study::Intervention halt{.kind = Kind::Halt, .step = 20, .member = "B"};
  study::Intervention back{.kind = Kind::Continue, .step = 30, .member = "B"};
  study.interventions = {twin, halt, back};
  training::Trainer alone(options_for(study, false)), together(options_for(study, true));
  const auto expected = finish(alone), snapshot = finish(together);
  CHECK(snapshot->members.size() == 7);
  CHECK(member(*snapshot, "B").step == 40); // it caught up
  check_close_curves(*snapshot, *expected);
}

TEST_CASE("A cohort that stopped and was resumed goes on as if it had not") {
  const auto study = mixed_study();
  training::Trainer trainer(options_for(study, true));
  const auto whole = finish(trainer);
  const TemporaryRecording file;
  {
    auto options = options_for(study, true);
    options.recording = file.path;
    options.start_paused = true;
    training::Trainer stopped(options);
    step_to(stopped, 17);
    stopped.post(training::Stop{});
    stopped.wait();
  }
  auto options = resuming(file.path, 1);
  options.cohorts = true;
  training::Trainer resumed(options);
  const auto again = finish(resumed);
  for (const auto& view : whole->members) check_same_curves(view, member(*again, view.name));
}
