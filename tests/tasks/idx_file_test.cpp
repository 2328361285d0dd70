#include "engine/tasks/idx_file.h"

#include "engine/errors.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"

using namespace plateau;
using scratch::contains;

namespace {

std::string images_error(const scratch::fs::path& path) {
  const std::string text = scratch::message<InputError>([&] { tasks::read_idx_images(path); });
  CHECK(contains(text, path.string()));
  CHECK_FALSE(contains(text, "\n"));
  return text;
}

const scratch::Bytes two_images = scratch::idx({2, 2, 3}, {0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255});

} // namespace

TEST_CASE("idx files are read plain and compressed") {
  const scratch::Folder folder;
  for (const char* name : {"images", "images.gz"}) {
    const auto path = folder.path() / name;
    scratch::write_by_suffix(path, two_images);
    const tasks::IdxImages images = tasks::read_idx_images(path);
    CHECK(images.count == 2);
    CHECK(images.rows == 2);
    CHECK(images.columns == 3);
    CHECK(images.pixels == scratch::Bytes{0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255});
  }
  scratch::write_gzip(folder.path() / "labels.gz", scratch::idx({3}, {7, 0, 9}));
  CHECK(tasks::read_idx_labels(folder.path() / "labels.gz") == scratch::Bytes{7, 0, 9});
}

TEST_CASE("sizes of an idx file are big-endian and wider than a byte") {
  const scratch::Folder folder;
  scratch::write_plain(folder.path() / "labels", scratch::idx({70000}, scratch::Bytes(70000, 4)));
  CHECK(tasks::read_idx_labels(folder.path() / "labels").size() == 70000);
}

TEST_CASE("a missing or unreadable idx file is named") {
  const scratch::Folder folder;
  CHECK(contains(images_error(folder.path() / "none"), "cannot be opened (No such file"));
  CHECK(contains(images_error(folder.path()), "cannot be read"));
}

TEST_CASE("a foreign idx file is refused") {
  const scratch::Folder folder;
  const auto path = folder.path() / "file";
  scratch::write_plain(path, scratch::idx({3}, {7, 0, 9}));
  CHECK(contains(images_error(path), "not an idx file of images (starts with 00000801, expected 00000803)"));
  scratch::write_plain(path, two_images);
  CHECK(contains(scratch::message<InputError>([&] { tasks::read_idx_labels(path); }),
                 "not an idx file of labels"));
  scratch::write_plain(path, {'h', 'e', 'l', 'l', 'o'});
  CHECK(contains(images_error(path), "not an idx file"));
}

TEST_CASE("a truncated idx file is refused wherever it ends") {
  const scratch::Folder folder;
  const auto path = folder.path() / "file";
  for (std::size_t length = 0; length < two_images.size(); ++length) {
    scratch::write_plain(path,
                         {two_images.begin(), two_images.begin() + static_cast<std::ptrdiff_t>(length)});
    CHECK(contains(images_error(path), "truncated"));
  }
  // Compressed data may end within the payload or within the checksum after it.
  scratch::Bytes noise(200 * 28 * 28);
  std::uint32_t state = 1;
  for (auto& byte : noise) byte = static_cast<std::uint8_t>((state = state * 1664525U + 1013904223U) >> 24);
  scratch::write_gzip(path, scratch::idx({200, 28, 28}, noise));
  const auto whole = scratch::fs::file_size(path);
  for (const std::uintmax_t lost : {1, 4, 8, 9, 1000, 100000}) {
    scratch::write_gzip(path, scratch::idx({200, 28, 28}, noise));
    scratch::fs::resize_file(path, whole - lost);
    CHECK(contains(images_error(path), "truncated"));
  }
}

TEST_CASE("an idx file that is damaged, too long, empty or absurdly large is refused") {
  const scratch::Folder folder;
  const auto path = folder.path() / "file";
  auto longer = two_images;
  longer.push_back(0);
  scratch::write_plain(path, longer);
  CHECK(contains(images_error(path), "longer than the 12 bytes"));

  scratch::write_gzip(path, two_images);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-8, std::ios::end); // the checksum
    file.put('x').put('y');
  }
  CHECK(contains(images_error(path), "damaged"));

  scratch::write_plain(path, scratch::idx({0, 28, 28}, {}));
  CHECK(contains(images_error(path), "holds no items"));
  scratch::write_plain(path, scratch::idx({0xffffffff, 0xffffffff, 0xffffffff}, {1, 2, 3}));
  CHECK(contains(images_error(path), "header announces more than"));
}
