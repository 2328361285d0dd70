#include "engine/tasks/text_task.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/errors.h"
#include "engine/tasks/character_models.h"
#include "tests/catch.h"
#include "tests/tasks/scratch.h"

using namespace plateau;
using tasks::TextTask;

namespace {

/// A text in which every place can be told: numbers of five letters, those of the training part (the first 90
/// %) and of the validation part in letters of their own.
class NumberedText {
public:
  explicit NumberedText(int numbers = 1000) {
    std::string text;
    for (int i = 0; i < numbers; ++i)
      for (int place = 0, rest = i; place < 5; ++place, rest /= 6)
        text += static_cast<char>((i < numbers * 9 / 10 ? 'a' : 'A') + rest % 6 + 7 * (place == 0));
    scratch::write_plain(folder_.path() / "numbers", scratch::Bytes(text.begin(), text.end()));
    settings.kind = "text";
    settings.text_file = (folder_.path() / "numbers").string();
    settings.length = 20;
  }
  study::TaskSettings settings;

private:
  scratch::Folder folder_;
};

using Tokens = std::vector<std::int64_t>;

Tokens window(const Tokens& all, std::size_t i) {
  return {all.begin() + static_cast<std::ptrdiff_t>(i * 20),
          all.begin() + static_cast<std::ptrdiff_t>(i * 20 + 20)};
}

/// Where 20 tokens and the label of the last stand in the text.
std::ptrdiff_t place(const tasks::TextData& data, const tasks::Batch& batch, std::size_t i) {
  Tokens sought = window(batch.tokens, i);
  sought.push_back(batch.labels[i * 20 + 19]);
  const auto found = std::search(data.tokens.begin(), data.tokens.end(), sought.begin(), sought.end());
  REQUIRE(found != data.tokens.end());
  return found - data.tokens.begin();
}

bool begins_with(const tasks::Batch& whole, const tasks::Batch& part) {
  return std::equal(part.tokens.begin(), part.tokens.end(), whole.tokens.begin()) &&
         std::equal(part.labels.begin(), part.labels.end(), whole.labels.begin());
}

} // namespace

TEST_CASE("windows are pieces of the text and labels the characters after") {
  const NumberedText text;
  const TextTask task(text.settings);
  const auto data = tasks::load_text(text.settings.text_file);
  REQUIRE(data->tokens.size() == 5000);
  const auto shape = task.shape();
  CHECK(shape.kind == tasks::InputShape::Kind::Tokens);
  CHECK(shape.positions == 20);
  CHECK(shape.outputs == 20);
  CHECK(shape.vocabulary == data->vocabulary());
  CHECK(task.classes() == data->vocabulary());
  for (const auto& batch : {task.training_batch(1, 0, 3000), task.validation_set(300)}) {
    REQUIRE(batch.tokens.size() == static_cast<std::size_t>(batch.count) * 20);
    REQUIRE(batch.labels.size() == batch.tokens.size());
    for (std::size_t i = 0; i < static_cast<std::size_t>(batch.count); ++i) {
      const Tokens tokens = window(batch.tokens, i), labels = window(batch.labels, i);
      REQUIRE(std::equal(tokens.begin() + 1, tokens.end(), labels.begin()));
      place(*data, batch, i);
    }
  }
}

TEST_CASE("training and validation share no character, and each reaches both of its ends") {
  const NumberedText text(100);
  const TextTask task(text.settings);
  const auto data = tasks::load_text(text.settings.text_file);
  std::vector<int> begins(500);
  const auto batch = task.training_batch(5, 0, 43000);
  for (std::size_t i = 0; i < 43000; ++i) ++begins[static_cast<std::size_t>(place(*data, batch, i))];
  double chi_square = 0;
  for (std::size_t i = 0; i < 430; ++i) chi_square += std::pow(begins[i] - 100, 2) / 100;
  CHECK(chi_square < 525); // 429 degrees of freedom: above in 1 of 1000 cases
  for (std::size_t i = 430; i < 500; ++i)
    CHECK(begins[i] == 0); // 430 + 20 is the first character of validation
  const auto held_out = task.validation_set(200);
  std::set<std::ptrdiff_t> seen;
  for (std::size_t i = 0; i < 200; ++i) seen.insert(place(*data, held_out, i));
  CHECK(seen.size() == 30);
  CHECK(*seen.begin() == 450);
  CHECK(*seen.rbegin() == 479); // its last label is the text's last character
}

TEST_CASE("windows are a function of seed, step and index alone") {
  const NumberedText text;
  const TextTask task(text.settings), again(text.settings);
  const auto batch = task.training_batch(3, 100, 50);
  CHECK(again.training_batch(3, 100, 50).tokens == batch.tokens);
  CHECK(begins_with(batch, task.training_batch(3, 100, 7)));
  CHECK_FALSE(task.training_batch(3, 101, 50).tokens == batch.tokens);
  CHECK_FALSE(task.training_batch(4, 100, 50).tokens == batch.tokens);
}

TEST_CASE("validation windows are spread evenly, begin with the part and hold for smaller sets") {
  const NumberedText text(10000); // 5000 characters for validation
  const TextTask task(text.settings);
  const auto data = tasks::load_text(text.settings.text_file);
  const auto set = task.validation_set(128);
  CHECK(place(*data, set, 0) == 45000);
  for (const std::int64_t count : {1, 16, 100}) CHECK(begins_with(set, task.validation_set(count)));
  CHECK(TextTask(text.settings).validation_set(128).tokens == set.tokens);
  std::set<std::ptrdiff_t> places;
  for (std::size_t i = 0; i < 128; ++i) places.insert(place(*data, set, i));
  CHECK(places.size() == 128);
  std::ptrdiff_t widest = 50000 - 21 - *places.rbegin(), before = *places.begin();
  for (const auto at : places) widest = std::max(widest, at - before), before = at;
  CHECK(widest <= 80); // 39 if all distances were equal
}

TEST_CASE("guides of a text are the losses of frequencies on its validation part") {
  const NumberedText text;
  const TextTask task(text.settings);
  const auto data = tasks::load_text(text.settings.text_file);
  const std::span<const std::uint8_t> tokens(data->tokens);
  for (const double smoothing : {0.0, 0.1}) {
    const auto info = task.info(1, smoothing);
    const auto losses =
        tasks::character_losses(tokens.first(4500), tokens.subspan(4500), data->vocabulary(), smoothing);
    REQUIRE(info.guides.size() == 2);
    CHECK(info.guides[0].metric == "loss/validation");
    CHECK(info.guides[0].value == losses.single);
    CHECK(info.guides[0].label.starts_with("single characters: "));
    CHECK(info.guides[1].metric == "loss/validation");
    CHECK(info.guides[1].value == losses.pairs);
    CHECK(info.guides[1].label.starts_with("pairs of characters: "));
  }
  const auto metrics =
      task.measure(task.validation_set(1), {.classes = Tokens(20), .logits = {}, .loss = 2 * std::log(2.0)});
  REQUIRE(metrics.size() == 1);
  CHECK(metrics[0].first == "loss/bits-per-character");
  CHECK(metrics[0].second == Approx(2));
}

TEST_CASE("info prints the first validation windows") {
  const scratch::Folder folder;
  scratch::Environment environment;
  environment.set("PLATEAU_FORTUNES", folder.path().string());
  std::string fortune;
  for (int i = 0; i < 100; ++i) fortune += "It is so.\n%\n";
  scratch::write_plain(folder.path() / "all", scratch::Bytes(fortune.begin(), fortune.end()));
  study::TaskSettings settings;
  settings.length = 14;
  settings.validation_share = 0.2;
  const TextTask task(settings);
  const auto info = task.info(5, 0);
  CHECK(info.title == "Next character of English text");
  CHECK(info.data == "fortunes: 1 100 characters, 9 kinds, 20 % at the end for validation");
  CHECK(info.vocabulary == std::vector<std::string>{"⏎", "␣", ".", "I", "i", "o", "s", "t", "�"});
  CHECK(info.classes == info.vocabulary);
  REQUIRE(info.tokens->shape == std::vector<std::int64_t>{5, 14});
  const auto batch = task.validation_set(20);
  for (std::size_t i = 0; i < 70; ++i) REQUIRE(info.tokens->data[i] == static_cast<float>(batch.tokens[i]));
  REQUIRE(info.targets.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(info.targets[i] == batch.labels[i * 14 + 13]);
  REQUIRE(info.input_labels.size() == 5);
  CHECK(info.input_labels[0] == "…␣is␣so.⏎⏎It␣ → i");
  CHECK(task.encode("It?") == Tokens{3, 7, 8});
}

TEST_CASE("a text that is too short for the length is refused") {
  NumberedText text(40); // 200 characters
  text.settings.length = 19;
  CHECK(TextTask(text.settings).validation_set(3).labels.size() == 57); // just enough
  text.settings.length = 20;
  const auto message = [&] { return scratch::message<InputError>([&] { TextTask task(text.settings); }); };
  CHECK(message() ==
        "numbers: 200 characters are too few: with task.validation_share = 0.1 that leaves 180 for training "
        "and 20 for validation, and task.length = 20 needs 21 of each");
  text.settings.length = 100;
  text.settings.validation_share = 0.5;
  CHECK(scratch::contains(message(), "too few"));
}

TEST_CASE("Debian's fortunes are English text") {
  scratch::Environment environment;
  environment.set("PLATEAU_FORTUNES", std::nullopt);
  const TextTask task(study::TaskSettings{});
  const auto data = tasks::load_text("");
  CHECK(data->tokens.size() > 2000000);
  CHECK(data->characters.substr(0, 5) == U"\n !\"#");
  CHECK(data->vocabulary() == 97); // what a keyboard has, and all else
  CHECK(std::count(data->tokens.begin(), data->tokens.end(), 96) < 100);
  const auto info = task.info(1, 0);
  CHECK(info.guides[0].value == Approx(3.3).margin(0.1));
  CHECK(info.guides[1].value == Approx(2.6).margin(0.1));
  const auto text = task.encode("Plateau's");
  CHECK(text.size() == 9);
  CHECK(info.vocabulary[static_cast<std::size_t>(text[0])] == "P");
}
