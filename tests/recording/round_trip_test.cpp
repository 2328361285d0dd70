#include <cmath>
#include <limits>
#include <random>

#include <sqlite3.h>

#include "tests/catch.h"
#include "tests/recording/scratch.h"

using namespace scratch;
using recording::Keep;
using recording::Reader;
using recording::Writer;

TEST_CASE("doubles come back bit by bit") {
  const Folder folder;
  std::vector<double> values{0.1,     1.0 / 3,
                             1e300,   std::numeric_limits<double>::denorm_min(),
                             -1e-310, std::numeric_limits<double>::infinity(),
                             7.0,     -std::numeric_limits<double>::infinity(),
                             -2.0,    9007199254740993.0,
                             0.0,     std::numeric_limits<double>::max()};
  std::mt19937_64 random(1);
  while (values.size() < 3000) { // more than one chunk of a series
    const auto bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value)) values.push_back(value);
  }
  {
    const auto writer = Writer::create(folder / "run.plateau", small_study());
    writer->add_member(member(0));
    for (std::size_t i = 0; i < values.size(); ++i)
      writer->add_samples(sample(0, "loss/train", static_cast<std::int64_t>(i), values[i]));
    writer->add_samples(sample(0, "loss/validation", 5, std::nan("")));
  }
  const Reader reader(folder / "run.plateau");
  const auto series = reader.series(0, "loss/train");
  REQUIRE(series.size() == values.size());
  std::size_t same = 0;
  for (std::size_t i = 0; i < values.size(); ++i) same += same_bits(series[i].value, values[i]);
  CHECK(same == values.size());
  REQUIRE(reader.series(0, "loss/validation").size() == 1);
  CHECK(std::isnan(reader.series(0, "loss/validation")[0].value));
  CHECK(reader.series(0, "loss/none").empty());
  CHECK(reader.series(7, "loss/train").empty());
}

TEST_CASE("a large recording is read by several threads as by one") {
  const Folder folder;
  constexpr int metrics = 12, steps = 80000; // large enough for a second thread
  {
    const auto writer = Writer::create(folder / "run.plateau", small_study());
    writer->add_member(member(0));
    for (int m = 0; m < metrics; ++m) {
      std::vector<recording::Sample> samples;
      for (int i = 0; i < steps; ++i) samples.push_back({0, "metric" + std::to_string(m), {i, m + 1e-6 * i}});
      writer->add_samples(std::move(samples));
    }
  }
  REQUIRE(fs::file_size(folder / "run.plateau") > (16 << 20));
  const auto snapshot = Reader(folder / "run.plateau").snapshot();
  REQUIRE(snapshot->members.size() == 1);
  REQUIRE(snapshot->members[0].series.size() == metrics);
  for (int m = 0; m < metrics; ++m) {
    const auto& series = snapshot->members[0].series.at("metric" + std::to_string(m));
    REQUIRE(series.size() == steps);
    CHECK(series[0].value == m);
    CHECK(series[steps - 1].value == m + 1e-6 * (steps - 1));
    // What blocks of points come to is known at once.
    CHECK(series.block(5).low.step == 320);
    CHECK(series.block(5).high.step == 383);
    CHECK(series.block(5).finite == 64);
    CHECK(series.block(5).sum == Approx(64 * (m + 1e-6 * 351.5)));
  }
}

namespace {

/// Something in every table.
void record_everything(const fs::path& file) {
  const auto writer = Writer::create(file, small_study());
  training::TaskInfo task;
  task.title = "Two-step \"image\" task";
  task.data = "Fashion-MNIST, Zeichen: ä → ✓";
  task.classes = {"T-shirt", "Trouser"};
  task.guides = {{"loss/train", 1.0246, "derived plateau"}};
  task.inputs =
      std::make_shared<training::Tensor>(training::Tensor{{1, 1, 2, 2}, {0, 0.25f, 0.5f, 1.1e-38f}});
  task.targets = {1};
  task.input_labels = {"same -> top right: Trouser"};
  writer->set_task(task);
  writer->set_planned_steps(6000);
  writer->set_summary("device", "CPU, 2 threads");

  auto odd = member(0);
  odd.settings.optimizer.learning_rate = std::nextafter(1e-3, 1);
  odd.settings.task.mnist_folder = "/data/my \"digits\"";
  odd.settings.training.data_seed = 4294967295;
  writer->add_member(odd);
  writer->add_member(member(1));
  for (int step = 50; step <= 200; step += 50)
    for (const int id : {0, 1}) {
      writer->add_samples(
          {{id, "loss/train", {step, 2.0 / step}}, {id, "accuracy/validation", {step, step / 1e3}}});
      writer->add_frame(id, frame(step, {{"saturation/histogram", float(step)}, {"attention/mean", 1.f}}));
    }
  writer->add_event({training::Event::Kind::EurekaMoment, 150, 0, "Eureka-moment at step 150"});
  writer->add_event({training::Event::Kind::PlateauBegin, 50, 1, "plateau at 1.03"}); // found later
  study::Intervention change;
  change.step = 100;
  change.changes = {{"optimizer.learning_rate", 0.1 + 0.2},
                    {"attention.variant", std::string("norm-softmax")},
                    {"model.heads", std::int64_t(1)}};
  change.member = "ViT 1";
  change.keep_twin = true;
  writer->add_intervention(change);
  study::Intervention branch;
  branch.kind = study::Intervention::Kind::Branch;
  branch.step = 150;
  branch.member = "ViT 0";
  branch.from_step = 100;
  branch.new_name = "other";
  writer->add_intervention(branch);
  for (const int id : {0, 1}) writer->add_checkpoint(checkpoint(id, 100));
}

} // namespace

TEST_CASE("a recording is reproduced as a snapshot") {
  const Folder folder;
  record_everything(folder / "run.plateau");
  CHECK(folder.names() == std::vector<std::string>{"run.plateau"}); // one file, no logs or locks

  const Reader reader(folder / "run.plateau");
  const auto snapshot = reader.snapshot();
  CHECK(snapshot->replay);
  CHECK(snapshot->state == training::State::Paused);
  CHECK(*snapshot->study == small_study());
  CHECK(snapshot->device == "CPU, 2 threads");
  CHECK(snapshot->recording == (folder / "run.plateau").string());
  CHECK(snapshot->step == 200);
  CHECK(snapshot->planned_steps == 6000);
  CHECK(snapshot->checkpoints == std::vector<std::int64_t>{100});

  REQUIRE(snapshot->task);
  CHECK(snapshot->task->title == "Two-step \"image\" task");
  CHECK(snapshot->task->data == "Fashion-MNIST, Zeichen: ä → ✓");
  CHECK(snapshot->task->classes == std::vector<std::string>{"T-shirt", "Trouser"});
  REQUIRE(snapshot->task->guides.size() == 1);
  CHECK(snapshot->task->guides[0].value == 1.0246);
  CHECK(snapshot->task->inputs->shape == std::vector<std::int64_t>{1, 1, 2, 2});
  CHECK(snapshot->task->inputs->data == std::vector<float>{0, 0.25f, 0.5f, 1.1e-38f});
  CHECK(snapshot->task->targets == std::vector<std::int64_t>{1});
  CHECK(snapshot->task->input_labels == std::vector<std::string>{"same -> top right: Trouser"});

  REQUIRE(snapshot->events.size() == 2); // in order of discovery, not of steps
  CHECK(snapshot->events[0] ==
        training::Event{training::Event::Kind::EurekaMoment, 150, 0, "Eureka-moment at step 150"});
  CHECK(snapshot->events[1].step == 50);

  REQUIRE(snapshot->interventions.size() == 2);
  const auto& change = snapshot->interventions[0];
  CHECK(change.member == "ViT 1");
  CHECK(change.keep_twin);
  CHECK(change.changes == std::vector<study::Assignment>{{"optimizer.learning_rate", 0.1 + 0.2},
                                                         {"attention.variant", std::string("norm-softmax")},
                                                         {"model.heads", std::int64_t(1)}});
  CHECK(snapshot->interventions[1].kind == study::Intervention::Kind::Branch);
  CHECK(snapshot->interventions[1].from_step == 100);
  CHECK(snapshot->interventions[1].new_name == "other");

  REQUIRE(snapshot->members.size() == 2);
  const auto& view = snapshot->members[0];
  CHECK(view.name == "ViT 0");
  CHECK(view.seed == 10);
  CHECK(view.parameters == 1000);
  CHECK(view.tokens.rows == 4);
  CHECK(view.tokens.columns == 5);
  CHECK(view.tokens.class_token);
  CHECK(view.step == 200);
  CHECK(steps(view.series.at("loss/train")) == std::vector<std::int64_t>{50, 100, 150, 200});
  CHECK(view.series.at("accuracy/validation")[3].value == 0.2);
  REQUIRE(view.frame);
  CHECK(view.frame->step == 200);
  CHECK(view.frame->tensors.size() == 2);
  CHECK(view.frame->tensors.at("saturation/histogram")->data[0] == 200);
  CHECK(view.frame->tensors.at("saturation/histogram")->shape == std::vector<std::int64_t>{2, 3});
  REQUIRE(view.histograms.size() == 4);
  CHECK(view.histograms[1]->step == 100);
  CHECK(view.histograms[1]->tensors.size() == 1);
  CHECK(view.histograms[1]->tensors.at("saturation/histogram")->data[0] == 100);
}

TEST_CASE("settings come back as they were, whatever the field") {
  const Folder folder;
  record_everything(folder / "run.plateau");
  const auto members = Reader(folder / "run.plateau").members();
  REQUIRE(members.size() == 2);
  study::Settings expected;
  expected.optimizer.learning_rate = std::nextafter(1e-3, 1);
  expected.task.mnist_folder = "/data/my \"digits\"";
  expected.training.data_seed = 4294967295;
  CHECK(members[0].settings == expected);
  CHECK(members[1].settings == study::Settings{});
}

TEST_CASE("a member's present settings are its last checkpoint's and what was changed after it") {
  const Folder folder;
  const auto set = [](std::int64_t step, const std::string& who, double rate) {
    study::Intervention intervention;
    intervention.step = step;
    intervention.member = who;
    intervention.changes = {{"optimizer.learning_rate", rate}};
    return intervention;
  };
  {
    const auto writer = Writer::create(folder / "run.plateau", small_study());
    for (const int id : {0, 1}) writer->add_member(member(id));
    auto saved = checkpoint(0, 100);
    saved.settings.optimizer.learning_rate = 0.5; // holds the intervention at its own step
    writer->add_intervention(set(100, "", 0.5));
    writer->add_checkpoint(saved);
    writer->add_checkpoint(checkpoint(1, 100, true, false)); // halted
    writer->add_intervention(set(150, "ViT 0", 0.25));
    writer->add_member(member(2, 0, 120)); // branched afterwards from an earlier step
  }
  const auto snapshot = Reader(folder / "run.plateau").snapshot();
  CHECK(snapshot->members[0].settings.optimizer.learning_rate == 0.25);
  CHECK(snapshot->members[0].training);
  CHECK(snapshot->members[1].settings.optimizer.learning_rate == 1e-3);
  CHECK_FALSE(snapshot->members[1].training);
  CHECK(snapshot->members[2].settings.optimizer.learning_rate == 1e-3);
  CHECK(snapshot->members[2].step == 120);
}

TEST_CASE("a finished run opens as finished") {
  const Folder folder;
  {
    const auto writer = Writer::create(folder / "run.plateau", small_study());
    writer->add_member(member(0));
    writer->set_summary("finished", "true");
  }
  const Reader reader(folder / "run.plateau");
  CHECK(reader.snapshot()->state == training::State::Finished);
  CHECK(reader.summary("finished") == "true");
  CHECK(reader.summary("unheard of").empty());
}

TEST_CASE("checkpoints are stored, listed and removed, but pinned ones stay") {
  const Folder folder;
  const auto writer = Writer::create(folder / "run.plateau", small_study());
  for (const int id : {0, 1}) writer->add_member(member(id));
  for (const int step : {0, 500, 1000})
    for (const int id : {0, 1}) writer->add_checkpoint(checkpoint(id, step, step == 0));
  writer->add_checkpoint(checkpoint(0, 1500));
  writer->flush();
  const Reader reader(folder / "run.plateau");
  CHECK(reader.checkpoint_steps() == std::vector<std::int64_t>{0, 500, 1000}); // member 1 has none at 1500
  writer->remove_checkpoints(0);
  writer->remove_checkpoints(500);
  writer->flush();
  CHECK(reader.checkpoint_steps() == std::vector<std::int64_t>{0, 1000});
  CHECK(reader.checkpoints().size() == 5);

  const auto found = reader.checkpoint(1, 1000);
  REQUIRE(found);
  CHECK(found->state == checkpoint(1, 1000).state);
  CHECK(found->training);
  CHECK(found->keep == Keep::Loose);
  CHECK(reader.checkpoint(1, 0)->keep == Keep::Pinned);
  CHECK_FALSE(reader.checkpoint(1, 999));
}

TEST_CASE("a checkpoint taken at an event can make room, and says why it was kept") {
  const Folder folder;
  const auto writer = Writer::create(folder / "run.plateau", small_study());
  writer->add_member(member(0));
  auto taken = checkpoint(0, 500);
  taken.keep = Keep::AtEvent;
  writer->add_checkpoint(taken);
  writer->flush();
  const Reader reader(folder / "run.plateau");
  CHECK(reader.checkpoint(0, 500)->keep == Keep::AtEvent);
  const auto snapshot = reader.snapshot();
  CHECK(snapshot->kept == training::KeptStates{1, 1, 5000});
  CHECK(snapshot->members.at(0).checkpoints == std::vector<std::int64_t>{500});
  writer->remove_checkpoints(500);
  writer->flush();
  CHECK(reader.checkpoints().empty());
  CHECK(recording::longer(Keep::AtEvent, Keep::Pinned) == Keep::Pinned);
  CHECK(recording::longer(Keep::AtEvent, Keep::Loose) == Keep::AtEvent);
}

TEST_CASE("a halted member does not stand in the way of rewinding") {
  const Folder folder;
  const auto writer = Writer::create(folder / "run.plateau", small_study());
  for (const int id : {0, 1}) writer->add_member(member(id));
  for (const int id : {0, 1}) writer->add_checkpoint(checkpoint(id, 500));
  writer->add_checkpoint(checkpoint(1, 700, true, false)); // halted here
  writer->add_checkpoint(checkpoint(0, 1000));
  writer->flush();
  CHECK(Reader(folder / "run.plateau").checkpoint_steps() == std::vector<std::int64_t>{500, 1000});
}

TEST_CASE("arrays of probes with different intervals are shown together") {
  const Folder folder;
  const auto writer = Writer::create(folder / "run.plateau", small_study());
  writer->add_member(member(0));
  writer->add_frame(0, frame(100, {{"attention/maps", 1.f}, {"saturation/histogram", 1.f}}));
  writer->add_frame(0, frame(150, {{"saturation/histogram", 2.f}}));
  writer->flush();
  const Reader reader(folder / "run.plateau");
  CHECK(reader.frame_steps(0) == std::vector<std::int64_t>{100, 150});
  CHECK_FALSE(reader.frame(0, 99));
  CHECK_FALSE(reader.frame(1, 1000));
  const auto shown = reader.frame(0, 170);
  REQUIRE(shown);
  CHECK(shown->step == 150);
  CHECK(shown->tensors.at("attention/maps")->data[0] == 1);
  CHECK(shown->tensors.at("saturation/histogram")->data[0] == 2);
  CHECK(reader.frame(0, 149)->tensors.at("saturation/histogram")->data[0] == 1);
}

TEST_CASE("a reader follows a writer at work") {
  const Folder folder;
  const auto writer = Writer::create(folder / "run.plateau", small_study());
  writer->add_member(member(0));
  writer->flush();
  const Reader reader(folder / "run.plateau");
  for (std::int64_t step = 1; step <= 20; ++step) {
    writer->add_samples(sample(0, "loss/train", step, 1.0));
    writer->flush();
    CHECK(reader.series(0, "loss/train").size() == static_cast<std::size_t>(step));
  }
  CHECK(reader.metrics(0) == std::vector<std::string>{"loss/train"});
}

TEST_CASE("a recording in use by a reader is one file again once that has gone, too") {
  const Folder folder;
  {
    auto writer = Writer::create(folder / "run.plateau", small_study());
    writer->add_member(member(0));
    writer->flush();
    const Reader reader(folder / "run.plateau");
    REQUIRE(reader.members().size() == 1);
    writer->add_samples(sample(0, "loss/train", 1, 1.0));
    writer = nullptr;
    CHECK(reader.series(0, "loss/train").size() == 1);
  }
  CHECK(folder.names() == std::vector<std::string>{"run.plateau"});
  CHECK(Reader(folder / "run.plateau").series(0, "loss/train").size() == 1);
}

TEST_CASE("plain SQL reads the curves") {
  const Folder folder;
  record_everything(folder / "run.plateau");
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open((folder / "run.plateau").c_str(), &db) == SQLITE_OK);
  sqlite3_stmt* rows = nullptr;
  REQUIRE(sqlite3_prepare_v2(
              db,
              "SELECT name, step, value FROM curve WHERE metric = 'accuracy/validation' AND member = 1 "
              "ORDER BY step DESC",
              -1, &rows, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(rows) == SQLITE_ROW);
  CHECK(std::string(reinterpret_cast<const char*>(sqlite3_column_text(rows, 0))) == "ViT 1");
  CHECK(sqlite3_column_int(rows, 1) == 200);
  CHECK(sqlite3_column_double(rows, 2) == 0.2);
  sqlite3_finalize(rows);
  sqlite3_close(db);
}
