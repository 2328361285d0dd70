#include "engine/tasks/alphabets.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/errors.h"
#include "engine/tasks/character_models.h"
#include "engine/tasks/text_task.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"

using namespace plateau;
using tasks::Alphabets;
using tasks::TextTask;

namespace {

/// A text of pseudo-random words in the letters a to h, all but the last with capitals, and a Z.
class Text {
public:
  explicit Text(std::int64_t alphabets) {
    std::string text;
    std::uint32_t state = 1;
    for (int i = 0; i < 6000; ++i) {
      state = state * 1664525 + 1013904223;
      text += "abcdefgh  ABCDEFG.Z"[(state >> 16) % 19];
    }
    scratch::write_plain(folder_.path() / "words", scratch::Bytes(text.begin(), text.end()));
    settings.kind = "text";
    settings.text_file = (folder_.path() / "words").string();
    settings.length = 32;
    settings.alphabets = alphabets;
  }
  study::TaskSettings settings;

private:
  scratch::Folder folder_;
};

using Tokens = std::vector<std::int64_t>;

bool begins_with(const tasks::Batch& whole, const tasks::Batch& part) {
  const auto starts = [](const Tokens& all, const Tokens& first) {
    return std::equal(first.begin(), first.end(), all.begin());
  };
  return starts(whole.tokens, part.tokens) && starts(whole.labels, part.labels) &&
         starts(whole.attributes, part.attributes);
}

/// Is window `i` written in these letters?
bool written_in(const Alphabets::Letters& letters, const tasks::Batch& batch, std::size_t i) {
  for (std::size_t t = i * 32; t < (i + 1) * 32; ++t)
    if (batch.tokens[t] != letters[static_cast<std::size_t>(batch.attributes[t])]) return false;
  return true;
}

} // namespace

TEST_CASE("alphabets are permutations of letters, capitals as small ones") {
  const Text text(100);
  const auto data = tasks::load_text(text.settings.text_file);
  const Alphabets alphabets(*data, 100);
  const auto name = [&](std::size_t token) { return data->characters[token]; };
  std::set<Alphabets::Letters> seen;
  for (std::int64_t number = 0; number < 100; ++number) {
    const auto letters = alphabets.letters(number);
    REQUIRE(letters.size() == static_cast<std::size_t>(data->vocabulary()));
    CHECK(std::set<std::uint8_t>(letters.begin(), letters.end()).size() == letters.size());
    for (std::size_t token = 0; token < letters.size(); ++token) {
      const char32_t from = name(token), to = name(letters[token]);
      if (from >= U'a' && from <= U'g') {
        CHECK((to >= U'a' && to <= U'g'));
        CHECK(name(letters[data->token(from - 32)]) == to - 32);
      } else if (from < U'A' || from > U'G') {
        CHECK(from == to); // h and Z, which come in one case alone, have nothing to change places with
      }
    }
    seen.insert(letters);
    CHECK(Alphabets(*data, 3).letters(number) == letters);
  }
  CHECK(seen.size() > 95); // of 7! = 5040
  const auto plain = alphabets.letters(0);
  for (std::size_t token = 0; token < plain.size(); ++token) CHECK(plain[token] == token);
  CHECK_FALSE(seen.contains(alphabets.fresh_letters(0)));

  const auto sets = alphabets.interchangeable();
  REQUIRE(sets.size() == 2);
  CHECK(sets[0].size() == 7);
  CHECK(name(sets[1][2]) == U'C');
}

TEST_CASE("every letter stands for every other equally often") {
  const Text text(1);
  const auto data = tasks::load_text(text.settings.text_file);
  const Alphabets alphabets(*data, 10000);
  std::map<std::uint8_t, double> count;
  for (std::int64_t number = 1; number <= 7000; ++number)
    ++count[alphabets.letters(number)[data->token(U'c')]];
  CHECK(count.size() == 7);
  for (const auto& [token, times] : count) CHECK(times == Approx(1000).margin(120));
}

TEST_CASE("a text as it is stays what it was") {
  const Text text(0), many(1000);
  const TextTask task(text.settings), other(many.settings);
  CHECK(task.extra_outputs() == tasks::ExtraOutputs{});
  CHECK(task.more_sets(10).empty());
  CHECK(task.training_batch(1, 5, 20).attributes.empty());
  CHECK(task.validation_set(20).attributes.empty());
  // The same windows, so that only their letters differ.
  CHECK(other.training_batch(1, 5, 20).attributes == task.training_batch(1, 5, 20).tokens);
  CHECK(other.validation_set(20).attributes == task.validation_set(20).tokens);
  CHECK(other.training_batch(1, 5, 20, 1).tokens == task.training_batch(1, 5, 20).tokens);
  CHECK(other.training_batch(1, 5, 20, 1).labels == task.training_batch(1, 5, 20).labels);
}

TEST_CASE("each window is written in one of the alphabets, its labels too") {
  const Text text(3);
  const TextTask task(text.settings);
  const auto data = tasks::load_text(text.settings.text_file);
  const Alphabets alphabets(*data, 3);
  CHECK(task.extra_outputs() == tasks::ExtraOutputs{1, data->vocabulary(), 0});
  for (const auto& batch : {task.training_batch(1, 0, 3000), task.validation_set(3000)}) {
    std::vector<double> shares(3);
    for (std::size_t i = 0; i < 3000; ++i) {
      double found = 0;
      for (std::int64_t number = 0; number < 3; ++number)
        if (written_in(alphabets.letters(number), batch, i)) {
          shares[static_cast<std::size_t>(number)] += 1 / 3000.0;
          ++found;
        }
      REQUIRE(found == 1);
      REQUIRE(std::equal(batch.tokens.begin() + static_cast<std::ptrdiff_t>(i * 32 + 1),
                         batch.tokens.begin() + static_cast<std::ptrdiff_t>(i * 32 + 32),
                         batch.labels.begin() + static_cast<std::ptrdiff_t>(i * 32)));
    }
    for (const double share : shares) CHECK(share == Approx(1 / 3.0).margin(0.035));
  }
  double plain = 0;
  const auto mixed = task.training_batch(1, 0, 3000, 0.4);
  for (std::size_t i = 0; i < 3000; ++i) plain += written_in(alphabets.letters(0), mixed, i) / 3000.0;
  CHECK(plain == Approx(0.4 + 0.6 / 3).margin(0.035));
}

TEST_CASE("windows in other letters are a function of seed, step and index alone") {
  const Text text(1000);
  const TextTask task(text.settings), again(text.settings);
  const auto batch = task.training_batch(3, 100, 50, 0.3);
  CHECK(begins_with(again.training_batch(3, 100, 50, 0.3), batch));
  CHECK(begins_with(batch, task.training_batch(3, 100, 7, 0.3)));
  CHECK_FALSE(task.training_batch(3, 101, 50, 0.3).tokens == batch.tokens);
  CHECK(begins_with(task.validation_set(64), task.validation_set(9)));
  CHECK(begins_with(task.more_sets(64)[1].batch, task.more_sets(9)[1].batch));
}

TEST_CASE("a text's further sets are plain, and in letters that training never has") {
  const Text text(5);
  const TextTask task(text.settings);
  const Alphabets alphabets(*tasks::load_text(text.settings.text_file), 5);
  const auto sets = task.more_sets(200);
  const auto validation = task.validation_set(200);
  REQUIRE(sets.size() == 2);
  CHECK(sets[0].name == "fixed-mapping");
  CHECK(sets[1].name == "in-context");
  CHECK(sets[0].batch.tokens == validation.attributes);
  CHECK(sets[1].batch.attributes == validation.attributes);
  for (std::size_t i = 0; i < 200; ++i)
    for (std::int64_t number = 0; number < 5; ++number)
      CHECK_FALSE(written_in(alphabets.letters(number), sets[1].batch, i));
  for (const auto& [name, batch] : sets)
    for (std::size_t t = 0; t < batch.labels.size(); ++t)
      REQUIRE((batch.labels[t] >= 0) == (t % 32 >= 24)); // the last quarter
}

TEST_CASE("a text in other letters is measured by place") {
  const Text text(5);
  const TextTask task(text.settings);
  const auto batch = task.validation_set(3);
  const auto classes = task.classes();
  const std::vector<float> logits(batch.labels.size() * static_cast<std::size_t>(classes));
  const auto metrics =
      task.measure(batch, {.classes = batch.labels, .logits = logits, .loss = 3 * std::log(2.0)});
  std::map<std::string, double> by_name(metrics.begin(), metrics.end());
  CHECK(metrics.size() == 8);
  CHECK(by_name.at("loss/bits-per-character") == Approx(3));
  CHECK(by_name.at("accuracy/late") == 1);
  for (const char* place : {"1", "2", "4", "8", "16", "32"})
    CHECK(by_name.at("context/loss/position" + std::string(place)) ==
          Approx(std::log(static_cast<double>(classes))));
}

TEST_CASE("guides of a text in other letters hold for who knows the frequencies of what stays") {
  const Text text(100000);
  const TextTask task(text.settings);
  const auto data = tasks::load_text(text.settings.text_file);
  const auto info = task.info(2, 0);
  CHECK(info.data.ends_with(", in 100 000 alphabets"));
  REQUIRE(info.guides.size() == 3);
  CHECK(info.guides[0].label.starts_with("single characters, letters unknown: "));
  const std::span<const std::uint8_t> tokens(data->tokens);
  CHECK(info.guides[1].value ==
        tasks::character_losses(tokens.first(5400), tokens.subspan(5400), data->vocabulary(), 0).single);
  // Frequencies counted in windows that were written in other letters, and judged on such.
  std::vector<double> count(static_cast<std::size_t>(task.classes()), 1);
  const auto training = task.training_batch(1, 0, 20000), validation = task.validation_set(20000);
  for (const auto label : training.labels) ++count[static_cast<std::size_t>(label)];
  double loss = 0;
  for (const auto label : validation.labels)
    loss -= std::log(count[static_cast<std::size_t>(label)] / (20000.0 * 32)) / (20000.0 * 32);
  CHECK(info.guides[0].value == Approx(loss).margin(0.02));

  const auto batch = task.validation_set(2);
  CHECK(info.targets[1] == batch.labels[63]);
  CHECK(scratch::contains(info.input_labels[1], " ("));
  CHECK(info.input_labels[1].ends_with(")"));
  CHECK(task.encode("ab") == Tokens{data->token(U'a'), data->token(U'b')}); // plain, whatever the alphabets
}

TEST_CASE("a text without letters has no alphabets") {
  const scratch::Folder folder;
  scratch::write_plain(folder.path() / "numbers", scratch::Bytes(2000, '7'));
  study::TaskSettings settings;
  settings.text_file = (folder.path() / "numbers").string();
  settings.alphabets = 4;
  CHECK(scratch::message<InputError>([&] { TextTask task(settings); }) ==
        "task.alphabets = 4: numbers has no two letters a to z that could change places");
}
