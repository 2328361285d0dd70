// What is written for NumPy, read back by Python's own zip library (and by NumPy where it is installed).
#include "engine/recording/npz.h"
#include "engine/recording/numpy.h"

#include <fstream>

#include "tests/catch.h"
#include "tests/python.h"
#include "tests/recording/scratch.h"

using namespace scratch;

using recording::NpzFile;
using recording::Reader;
using recording::Writer;

namespace {

/// What check_npz.py prints of it; what went wrong stands on the test's standard error.
std::string read_back(const fs::path& file, const std::string& more = "") {
  auto python = test::python_with("numpy");
  if (python.empty()) python = PLATEAU_PYTHON;
  return test::output_of(python + " " PLATEAU_SOURCE_FOLDER "/tests/recording/check_npz.py '" +
                         file.string() + "' " + more);
}

void record(const fs::path& file) {
  const auto writer = Writer::create(file, small_study());
  auto first = member(0);
  first.name = "ViT / α"; // nothing that a folder may be called
  writer->add_member(first);
  for (const int step : {50, 100}) writer->add_samples(sample(0, "loss/train", step, 0.1 * step));
  writer->add_samples(sample(0, "loss/train", 150, std::nan("")));
  writer->add_frame(0, frame(50, {{"attention/mean", 0.5F}}));
  writer->add_frame(0, frame(100, {{"attention/mean", 0.25F}, {"features/circle", 9.F}}));
  auto same = member(1, 0, 100);
  same.name = "vit - α"; // the same but for case
  writer->add_member(same);
  writer->add_samples(sample(1, "loss/train", 150, 2.5));
}

} // namespace

TEST_CASE("an npz file holds curves and arrays under the names that are documented") {
  const Folder folder;
  record(folder / "run.plateau");
  const Reader reader(folder / "run.plateau");
  const auto members = recording::exported_members(reader, {});
  recording::export_npz(reader, members, {}, folder / "run.npz");
  const auto text = read_back(folder / "run.npz");
  CHECK_THAT(text, ContainsSubstring("study |S"));
  CHECK_THAT(text, ContainsSubstring("name = \"small\""));
  CHECK_THAT(text, ContainsSubstring("ViT - α/curves/loss/train [('step', '<i8'), ('value', '<f8')] (3,) "
                                     "[(50, 5.0), (100, 10.0), (150, nan)]\n"));
  // A fork's curve holds its parent's, and its name differs not only in case.
  CHECK_THAT(text, ContainsSubstring("vit - α (2)/curves/loss/train [('step', '<i8'), ('value', '<f8')] (3,) "
                                     "[(50, 5.0), (100, 10.0), (150, 2.5)]\n"));
  CHECK_THAT(text, ContainsSubstring("ViT - α/step <i8 () [100]\n"));
  CHECK_THAT(text,
             ContainsSubstring("ViT - α/arrays/attention/mean <f4 (2, 3) [0.25, 1.0, 2.0, 3.0, 4.0, 5.0]\n"));
  CHECK_THAT(text,
             ContainsSubstring("ViT - α/arrays/features/circle <f4 (2, 3) [9.0, 1.0, 2.0, 3.0, 4.0, 5.0]\n"));

  SECTION("arrays of another step, of one member") {
    recording::export_npz(reader, std::span(members).first(1), 60, folder / "early.npz");
    const auto early = read_back(folder / "early.npz");
    CHECK_THAT(early, ContainsSubstring("ViT - α/step <i8 () [50]\n"));
    CHECK_THAT(early, ContainsSubstring("ViT - α/arrays/attention/mean <f4 (2, 3) [0.5,"));
    CHECK_THAT(early, !ContainsSubstring("features/circle") && !ContainsSubstring("(2)"));
  }
  SECTION("members that the person renamed or removed") {
    recording::Annotations annotations;
    annotations.looks[0].name = "cold";
    annotations.looks[1].removed = true;
    const auto shown = recording::exported_members(reader, annotations);
    REQUIRE(shown.size() == 1);
    CHECK(shown[0].file == "cold");
  }
}

TEST_CASE("an npz file may hold more arrays than a plain zip file") {
  const Folder folder;
  {
    NpzFile npz(folder / "many.npz");
    for (std::int64_t i = 0; i < 66000; ++i) npz.add("a" + std::to_string(i), i);
    npz.add("empty", std::span<const float>(), {0, 3});
    npz.close();
  }
  CHECK(read_back(folder / "many.npz", "count") == "66001\n");
}

TEST_CASE("an npz file that was not finished does not stay, and harms no older one") {
  const Folder folder;
  { NpzFile npz(folder / "half.npz"); }
  CHECK(folder.names().empty());
  std::ofstream(folder / "old.npz") << "old";
  const auto write = [&] {
    NpzFile npz(folder / "old.npz");
    std::vector<float> noise(1 << 18); // nothing that packs well
    std::uint32_t state = 1;
    for (auto& value : noise) {
      const std::uint32_t bits = (state = state * 1664525 + 1013904223) & 0xbfffffff;
      std::memcpy(&value, &bits, sizeof value);
    }
    npz.add("noise", noise, {1 << 18});
    npz.close();
  };
  {
    const FullDisk full;
    CHECK_THAT(message<RunError>(write), ContainsSubstring("old.npz' failed: File too large"));
  }
  CHECK(folder.names() == std::vector<std::string>{"old.npz"});
  CHECK(fs::file_size(folder / "old.npz") == 3);
  write();
  CHECK(folder.names() == std::vector<std::string>{"old.npz"});
  CHECK(fs::file_size(folder / "old.npz") > 100'000);
  CHECK_THAT(
      message<InputError>([&] { NpzFile npz(folder / "no/such/folder.npz"); }),
      ContainsSubstring("can not write '" + (folder / "no/such/folder.npz").string() + "': No such file"));
}

TEST_CASE("file names are safe and tell who is meant") {
  CHECK(recording::file_name("ViT · seed 0") == "ViT · seed 0");
  CHECK(recording::file_name("../a/b\\c:d\n") == "a-b-c-d-");
  CHECK(recording::file_name("") == "member");
  CHECK(recording::file_name("..") == "member");
  const std::string longest = recording::file_name("a" + std::string(200, '\xc3') + "\xa9");
  CHECK(longest.size() <= 100);
  std::string accents;
  for (int i = 0; i < 80; ++i) accents += "é";
  CHECK(recording::file_name("x" + accents).size() == 99); // no half letter
}
