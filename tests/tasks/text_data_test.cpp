#include "engine/tasks/text_data.h"

#include <algorithm>
#include <array>
#include <thread>

#include "engine/errors.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"

using namespace plateau;
using scratch::contains;
using scratch::fs::path;

namespace {

void write(const path& file, const std::string& text) {
  scratch::write_plain(file, scratch::Bytes(text.begin(), text.end()));
}

std::string text_of(const tasks::TextData& data) {
  std::string text;
  for (const std::uint8_t token : data.tokens) text += data.print(token);
  return text;
}

} // namespace

TEST_CASE("a file's characters become tokens in the order of their code points") {
  const scratch::Folder folder;
  write(folder.path() / "notes.txt", "\xef\xbb\xbf"
                                     "ba–é\tb\r\na");
  const auto data = tasks::load_text((folder.path() / "notes.txt").string());
  CHECK(data->name == "notes.txt");
  CHECK_FALSE(data->is_fortunes);
  CHECK(data->characters == U"\n abé–�");
  CHECK(data->tokens == std::vector<std::uint8_t>{3, 2, 5, 4, 1, 3, 0, 2});
  CHECK(text_of(*data) == "ba–é␣b⏎a");
  CHECK(data->vocabulary() == 7);
  CHECK(data->print(6) == "�");
  CHECK(describe(*data) == "notes.txt: 8 characters, 7 kinds");
}

TEST_CASE("other texts are encoded with the same tokens, unknown characters with the last") {
  const scratch::Folder folder;
  write(folder.path() / "a", "abc de\n");
  const auto data = tasks::load_text((folder.path() / "a").string());
  std::string again;
  for (const std::int64_t token : data->encode("bad\tcab\r\n_\bx\xff")) again += data->print(token);
  CHECK(again == "bad␣cab⏎��");
  CHECK(data->encode("").empty());
}

TEST_CASE("the most frequent characters stay, of equally frequent ones the first") {
  const scratch::Folder folder;
  std::string text;
  const auto append = [&](int times, unsigned code) { // a character of two bytes
    for (int i = 0; i < times; ++i) {
      text += static_cast<char>(0xc0 | code >> 6);
      text += static_cast<char>(0x80 | (code & 0x3f));
    }
  };
  for (unsigned i = 0; i < 95; ++i) append(3, 0x400 + i);
  append(1, 0x300);
  append(2, 0x500);
  append(2, 0x4ff);
  text += "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"; // � in the text itself is the token of the rest
  write(folder.path() / "many", text);
  const auto data = tasks::load_text((folder.path() / "many").string());
  REQUIRE(data->characters.size() == 97);
  CHECK(data->characters[0] == 0x400);
  CHECK(data->characters[94] == 0x45e);
  CHECK(data->characters[95] == 0x4ff);
  CHECK(data->characters[96] == 0xfffd);
  CHECK(data->token(0x500) == 96);
  CHECK(data->token(0x300) == 96);
  CHECK(std::count(data->tokens.begin(), data->tokens.end(), 96) == 1 + 2 + 4);
}

TEST_CASE("a text is read once, and again when it was changed") {
  const scratch::Folder folder;
  const std::string file = (folder.path() / "a").string();
  write(file, "first");
  const auto data = tasks::load_text(file);
  CHECK(tasks::load_text(file) == data);
  std::array<std::shared_ptr<const tasks::TextData>, 4> loaded;
  std::vector<std::thread> threads;
  for (auto& slot : loaded) threads.emplace_back([&] { slot = tasks::load_text(file); });
  for (auto& thread : threads) thread.join();
  for (const auto& slot : loaded) CHECK(slot == data);
  write(file, "second");
  CHECK(text_of(*tasks::load_text(file)) == "second");
  CHECK(text_of(*data) == "first");
}

TEST_CASE("fortunes are joined in the order of their files, with blank lines between them") {
  const scratch::Folder folder;
  const path fortunes = folder.path() / "fortunes";
  scratch::fs::create_directories(fortunes / "off");
  write(fortunes / "work", "A % b\n%\nlast\n");
  write(fortunes / "art", "x\ny\n%\n%DCL\n%\n");
  write(fortunes / "zippy", "no line break");
  write(fortunes / "ascii-art", "(o)\n");
  write(fortunes / "art.dat", "index");
  write(fortunes / "off" / "rude", "rude\n");
  scratch::fs::create_symlink("art", fortunes / "art.u8");
  scratch::Environment environment;
  environment.set("PLATEAU_FORTUNES", fortunes.string());
  const auto data = tasks::load_text("");
  CHECK(data->is_fortunes);
  CHECK(data->name == "fortunes");
  CHECK(text_of(*data) == "x⏎y⏎⏎%DCL⏎⏎A␣%␣b⏎⏎last⏎⏎no␣line␣break⏎⏎");
  environment.set("HOME", folder.path().string());
  environment.set("PLATEAU_FORTUNES", "~/fortunes");
  CHECK(tasks::load_text("") == data);
}

TEST_CASE("texts that are missing or no UTF-8 are told in one line") {
  const scratch::Folder folder;
  const auto message = [](const path& file) {
    return scratch::message<InputError>([&] { tasks::load_text(file.string()); });
  };
  const path missing = folder.path() / "missing.txt";
  CHECK(message(missing) == missing.string() + ": cannot be read (No such file or directory)");
  CHECK(contains(message(folder.path()), "cannot be read"));
  write(folder.path() / "latin", "caf\xe9!");
  CHECK(message(folder.path() / "latin") ==
        (folder.path() / "latin").string() +
            ": not UTF-8 text: byte 0xe9 at offset 3 belongs to no character");

  scratch::Environment environment;
  environment.set("PLATEAU_FORTUNES", (folder.path() / "nowhere").string());
  for (const bool exists : {false, true}) {
    if (exists) scratch::fs::create_directories(folder.path() / "nowhere");
    const std::string text = message("");
    CHECK(contains(text, "no texts in " + (folder.path() / "nowhere").string() + " (PLATEAU_FORTUNES)"));
    CHECK(contains(text, "Debian package fortunes"));
    CHECK(contains(text, "task.text_file"));
    CHECK_FALSE(contains(text, "\n"));
  }
  write(folder.path() / "nowhere" / "bad", "\xff");
  CHECK(contains(message(""), "bad: not UTF-8 text: byte 0xff at offset 0"));
}
