#include "tests/catch.h"
#include "tests/recording/scratch.h"

using namespace scratch;
using recording::Reader;
using recording::Writer;

namespace {

/// Member 1 is forked from 0 at step 100, member 2 from 1 at step 200. Values and arrays say whose they are.
void record_forks(const fs::path& file) {
  const auto writer = Writer::create(file, small_study());
  const auto add = [&](int id, std::int64_t step) {
    writer->add_samples(sample(id, "loss/train", step, id + step / 1000.0));
    writer->add_frame(id, frame(step, {{"saturation/histogram", float(id)}}));
  };
  writer->add_member(member(0));
  for (int step = 50; step <= 300; step += 50) add(0, step);
  writer->add_samples(sample(0, "late/metric", 150, 1.0)); // after the fork
  writer->add_member(member(1, 0, 100));
  for (int step = 150; step <= 300; step += 50) add(1, step);
  writer->add_samples(sample(1, "own/metric", 250, 1.0));
  writer->add_member(member(2, 1, 200));
  for (int step = 250; step <= 300; step += 50) add(2, step);
  for (const int step : {0, 100, 200}) writer->add_checkpoint(checkpoint(0, step));
  for (const int step : {100, 200}) writer->add_checkpoint(checkpoint(1, step));
  writer->add_checkpoint(checkpoint(2, 200));
}

/// Whose points a curve consists of.
std::vector<int> owners(const training::Series& series) {
  std::vector<int> owners;
  for (std::size_t i = 0; i < series.size(); ++i) owners.push_back(static_cast<int>(series[i].value));
  return owners;
}

} // namespace

TEST_CASE("a fork's curve is its parent's up to the fork, then its own") {
  const Folder folder;
  record_forks(folder / "run.plateau");
  const Reader reader(folder / "run.plateau");
  const auto snapshot = reader.snapshot();
  const std::vector<std::vector<int>> expected{{0, 0, 0, 0, 0, 0}, {0, 0, 1, 1, 1, 1}, {0, 0, 1, 1, 2, 2}};
  for (int id = 0; id < 3; ++id) {
    CHECK(owners(reader.series(id, "loss/train")) == expected[id]);
    CHECK(owners(snapshot->members[id].series.at("loss/train")) == expected[id]);
    CHECK(steps(snapshot->members[id].series.at("loss/train")) ==
          std::vector<std::int64_t>{50, 100, 150, 200, 250, 300});
  }
}

TEST_CASE("a fork has the metrics that its parent had before the fork") {
  const Folder folder;
  record_forks(folder / "run.plateau");
  const Reader reader(folder / "run.plateau");
  const auto snapshot = reader.snapshot();
  const std::vector<std::vector<std::string>> expected{
      {"late/metric", "loss/train"}, {"loss/train", "own/metric"}, {"loss/train"}};
  for (int id = 0; id < 3; ++id) {
    CHECK(reader.metrics(id) == expected[id]);
    std::vector<std::string> names;
    for (const auto& [name, series] : snapshot->members[id].series) names.push_back(name);
    CHECK(names == expected[id]);
  }
}

TEST_CASE("a fork's arrays are its parent's up to the fork") {
  const Folder folder;
  record_forks(folder / "run.plateau");
  const Reader reader(folder / "run.plateau");
  const auto owner = [&](std::int64_t step) {
    return reader.frame(2, step)->tensors.at("saturation/histogram")->data[0];
  };
  CHECK_FALSE(reader.frame(2, 49));
  CHECK(owner(149) == 0);
  CHECK(owner(150) == 1);
  CHECK(owner(249) == 1); // member 1 went on, but its 250 is not member 2's past
  CHECK(owner(250) == 2);
  CHECK(reader.frame_steps(2) == std::vector<std::int64_t>{50, 100, 150, 200, 250, 300});

  const auto snapshot = reader.snapshot();
  const auto& history = snapshot->members[2].histograms;
  std::vector<int> owners;
  for (std::size_t i = 0; i < history.size(); ++i)
    owners.push_back(static_cast<int>(history[i]->tensors.at("saturation/histogram")->data[0]));
  CHECK(owners == std::vector<int>{0, 0, 1, 1, 2, 2});
}

TEST_CASE("a checkpoint step wants only the members that were born by then") {
  const Folder folder;
  record_forks(folder / "run.plateau");
  CHECK(Reader(folder / "run.plateau").checkpoint_steps() == std::vector<std::int64_t>{0, 100, 200});
}
