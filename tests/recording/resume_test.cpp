#include "tests/catch.h"
#include "tests/recording/scratch.h"

using namespace scratch;
using recording::Reader;
using recording::Writer;

namespace {

void record_until_400(const fs::path& file) {
  const auto writer = Writer::create(file, small_study());
  writer->add_member(member(0));
  for (int step = 100; step <= 400; step += 100) {
    writer->add_samples(sample(0, "loss/train", step, step));
    writer->add_frame(0, frame(step, {{"attention/mean", float(step)}}));
    writer->add_event({training::Event::Kind::Note, step, 0, "at " + std::to_string(step)});
    study::Intervention change;
    change.step = step;
    change.changes = {{"optimizer.learning_rate", 1e-3 * step}};
    writer->add_intervention(change);
    writer->add_checkpoint(checkpoint(0, step));
    if (step == 100) writer->add_member(member(1, 0, 100));
    if (step == 300) {
      writer->add_member(member(2, 0, 300));
      writer->add_samples(sample(2, "only/its", 350, 1.0));
    }
  }
  writer->set_summary("finished", "true");
  writer->set_summary("device", "CPU");
}

} // namespace

TEST_CASE("resuming removes what came after the step and keeps the rest") {
  const Folder folder;
  const auto file = folder / "run.plateau";
  record_until_400(file);
  {
    const auto writer = Writer::resume(file, 200);
    const auto snapshot = Reader(file).snapshot();
    CHECK(snapshot->state == training::State::Paused);
    CHECK(snapshot->device == "CPU");
    REQUIRE(snapshot->members.size() == 2); // the fork of step 300 is gone
    CHECK(steps(snapshot->members[0].series.at("loss/train")) == std::vector<std::int64_t>{100, 200});
    CHECK(snapshot->members[0].frame->step == 200);
    REQUIRE(snapshot->events.size() == 2);
    REQUIRE(snapshot->interventions.size() == 2); // the one at 200 is in the checkpoint's settings
    CHECK(snapshot->interventions[1].step == 200);
    CHECK(Reader(file).checkpoints().size() == 2);
    CHECK(Reader(file).metrics(2).empty());

    writer->add_samples(sample(0, "loss/train", 300, -300)); // the other way this time
    writer->add_member(member(2, 0, 300));
    writer->add_samples(sample(2, "only/its", 351, 2.0));
  }
  const Reader reader(file);
  CHECK(steps(reader.series(0, "loss/train")) == std::vector<std::int64_t>{100, 200, 300});
  CHECK(reader.series(0, "loss/train").back().value == -300);
  CHECK(steps(reader.series(2, "only/its")) == std::vector<std::int64_t>{351});
  CHECK(folder.names() == std::vector<std::string>{"run.plateau"});
}

TEST_CASE("resuming wants a recording") {
  const Folder folder;
  CHECK(message<InputError>([&] { Writer::resume(folder / "none.plateau", 0); }) ==
        "there is no recording '" + (folder / "none.plateau").string() + "'");
  CHECK(folder.names().empty());
}
