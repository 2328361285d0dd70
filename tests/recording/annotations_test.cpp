// What a person adds to a recording.
#include "engine/recording/annotations.h"

#include "tests/catch.h"
#include "tests/recording/scratch.h"

using namespace plateau;
using recording::Annotations;

namespace {

Annotations some() {
  Annotations a;
  a.looks[0] = {.name = "baseline", .color = "#0072b2", .hidden = false, .pinned = true, .removed = false};
  a.looks[2] = {.name = "", .color = "", .hidden = {}, .pinned = false, .removed = true};
  a.remarks = {{10, -1, "„hier“ steht's"}, {10, 1, "second\nline"}, {250, 0, "jump"}};
  a.plateaus = {{0, 50, 60, 240}, {1, 50, 50, 300}};
  return a;
}

} // namespace

TEST_CASE("Annotations: what was written is read, and replaces what stood there") {
  const scratch::Folder folder;
  const auto file = folder / "a.plateau";
  recording::Writer::create(file, scratch::small_study());
  CHECK(recording::read_annotations(file) == Annotations{});
  recording::write_annotations(file, some());
  CHECK(recording::read_annotations(file) == some());
  auto fewer = some();
  fewer.looks.erase(0);
  fewer.remarks.pop_back();
  fewer.plateaus.clear();
  recording::write_annotations(file, fewer);
  CHECK(recording::read_annotations(file) == fewer);
  CHECK(folder.names() == std::vector<std::string>{"a.plateau"});
}

TEST_CASE("Annotations: a look that says nothing is not kept, remarks are in order of steps") {
  const scratch::Folder folder;
  const auto file = folder / "a.plateau";
  recording::Writer::create(file, scratch::small_study());
  Annotations unordered;
  unordered.looks[3] = {};
  unordered.remarks = {{20, -1, "b"}, {5, -1, "a"}};
  recording::write_annotations(file, unordered);
  const auto read = recording::read_annotations(file);
  CHECK(read.looks.empty());
  REQUIRE(read.remarks.size() == 2);
  CHECK(read.remarks[0].text == "a");
}

TEST_CASE("Annotations: they are written while a run is being recorded, and survive its going on") {
  const scratch::Folder folder;
  const auto file = folder / "a.plateau";
  {
    const auto writer = recording::Writer::create(file, scratch::small_study());
    writer->add_member(scratch::member(0));
    for (int step = 0; step < 200; ++step) {
      writer->add_samples({{0, "loss/train", {step, 1.0}}});
      if (step % 50 == 0) recording::write_annotations(file, some());
    }
    writer->flush();
    CHECK(recording::read_annotations(file) == some());
  }
  recording::Writer::resume(file, 100);
  CHECK(recording::read_annotations(file) == some());
  CHECK(recording::Reader(file).series(0, "loss/train").size() == 101);
}

TEST_CASE("Annotations: what cannot be written says so in one line with the path") {
  const scratch::Folder folder;
  const auto missing = (folder / "none.plateau").string();
  CHECK_THROWS_AS(recording::read_annotations(missing), InputError);
  CHECK_THROWS_WITH(recording::write_annotations(missing, some()),
                    ContainsSubstring(missing) && !ContainsSubstring("\n"));
}
