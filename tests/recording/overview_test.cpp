// What is known of a recording without reading it, and whether its writer closed it.
#include "engine/recording/overview.h"

#include <fstream>

#include "engine/recording/lock.h"
#include "tests/catch.h"
#include "tests/recording/scratch.h"

using namespace scratch;
using recording::LockState;

TEST_CASE("an overview tells study, steps and whether the run can go on") {
  const Folder folder;
  {
    auto writer = recording::Writer::create(folder / "run.plateau", small_study());
    writer->set_planned_steps(500);
    writer->add_member(member(0));
    writer->add_samples(sample(0, "loss/train", 10, 2.0));
    writer->add_samples(sample(0, "loss/train", 130, 1.5));
    writer->add_samples(sample(0, "loss/validation", 120, 1.6));
  }
  const auto before = recording::read_overview(folder / "run.plateau");
  CHECK(before.title == "A small study");
  CHECK(before.step == 130);
  CHECK(before.planned_steps == 500);
  CHECK_FALSE(before.can_be_resumed);
  recording::Writer::resume(folder / "run.plateau", 130)->add_checkpoint(checkpoint(0, 100));
  CHECK(recording::read_overview(folder / "run.plateau").can_be_resumed);
  std::ofstream(folder / "notes.plateau") << std::string(2000, 'x');
  CHECK_THROWS_AS(recording::read_overview(folder / "notes.plateau"), InputError);
}

TEST_CASE("a recording is known by its suffix or by its first bytes") {
  const Folder folder;
  recording::Writer::create(folder / "run.plateau", small_study());
  fs::copy_file(folder / "run.plateau", folder / "renamed.db");
  std::ofstream(folder / "study.toml") << "name = \"x\"";
  CHECK(recording::is_recording(folder / "none.plateau"));
  CHECK(recording::is_recording(folder / "renamed.db"));
  CHECK_FALSE(recording::is_recording(folder / "study.toml"));
  CHECK_FALSE(recording::is_recording(folder.path()));
}

TEST_CASE("a lock is held while it lives, and left over when its process ended without a word") {
  const Folder folder;
  const fs::path path = folder / "run.plateau";
  CHECK(recording::lock_state(path) == LockState::Free);
  {
    const recording::WriterLock lock(path);
    CHECK(recording::lock_state(path) == LockState::Held);
    recording::remove_left_over_lock(path);
    CHECK(recording::lock_state(path) == LockState::Held);
  }
  CHECK(recording::lock_state(path) == LockState::Free);
  std::ofstream(folder / "run.plateau-lock") << ""; // what a killed process leaves
  CHECK(recording::lock_state(path) == LockState::LeftOver);
  recording::remove_left_over_lock(path);
  CHECK(recording::lock_state(path) == LockState::Free);
  CHECK(folder.names().empty());
}
