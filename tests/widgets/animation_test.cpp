#include "tests/catch.h"

#include <fmt/format.h>
#include <unistd.h>

#include "tests/widgets/apng_reader.h"
#include "widgets/animation.h"

using namespace plateau::widgets;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("plateau-animation-{}", ::getpid());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

Image image(int width, int height, int lit) {
  std::vector<std::uint8_t> rgba(std::size_t(width * height * 4), 0);
  if (lit >= 0) rgba[std::size_t(lit) * 4] = 255;
  return Image(width, height, std::move(rgba));
}

} // namespace

TEST_CASE("an animation holds each frame as it was drawn") {
  const Folder folder;
  const auto path = folder.path / "moving.apng";
  {
    Animation animation(path, {20, 10}, {"Title", "study → eureka"}, 4, 0.2, 1);
    for (int i = 0; i < 4; ++i) {
      const auto canvas = animation.next_frame();
      canvas->fill_rect({0, 0, 20, 10}, rgb(0xffffff));
      canvas->fill_rect({float(i == 3 ? 2 : i), 3, 2, 4}, rgb(0x336699)); // the last is as the one before
      canvas->finish();
    }
    CHECK_FALSE(fs::exists(path));
    animation.finish();
  }
  const auto read = plateau::test::read_apng(path);
  CHECK(read.width == 20);
  CHECK(read.height == 10);
  CHECK(read.seconds == std::vector<double>(4, 0.2));
  CHECK(read.text.find("study → eureka") != std::string::npos);
  REQUIRE(read.frames.size() == 4);
  for (int i = 0; i < 4; ++i) {
    const int left = i == 3 ? 2 : i;
    bool right = true;
    for (int y = 0; y < 10; ++y)
      for (int x = 0; x < 20; ++x) {
        const bool lit = x >= left && x < left + 2 && y >= 3 && y < 7;
        const auto* p = read.frames[std::size_t(i)].data() + 3 * (y * 20 + x);
        right &=
            lit ? p[0] == 0x33 && p[1] == 0x66 && p[2] == 0x99 : p[0] == 255 && p[1] == 255 && p[2] == 255;
      }
    CHECK(right);
  }
}

TEST_CASE("only what changed is written again") {
  CHECK(changed_part(image(5, 4, -1), image(5, 4, 7)) == PixelRect{2, 1, 1, 1});
  CHECK(changed_part(image(5, 4, 0), image(5, 4, 19)) == PixelRect{0, 0, 5, 4});
  CHECK(changed_part(image(5, 4, 3), image(5, 4, 3)) == PixelRect{0, 0, 1, 1});
}

TEST_CASE("an animation that is not finished leaves nothing") {
  const Folder folder;
  {
    Animation animation(folder.path / "a.apng", {20, 10}, {}, 2, 0.1, 1);
    animation.next_frame()->finish();
    CHECK_THROWS(animation.finish());
  }
  CHECK(fs::is_empty(folder.path));
  CHECK_THROWS_AS(Animation(folder.path / "none" / "a.apng", {20, 10}, {}, 2, 0.1, 1), FileError);
}
