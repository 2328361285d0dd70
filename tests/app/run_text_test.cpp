#include "app/commands/run_text.h"

#include <limits>

#include <nlohmann/json.hpp>

#include "app/terminal/live_lines.h"
#include "tests/catch.h"

using namespace plateau;
using nlohmann::json;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

int characters(const std::string& text) {
  int count = 0;
  for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  return count;
}

/// With one space in place of several.
std::string squeezed(const std::string& text) {
  std::string result;
  for (const char c : text)
    if (c != ' ' || result.empty() || result.back() != ' ') result += c;
  return result;
}

/// A run of `members` members that sits on a plateau from 500 to 3 000 and then jumps.
training::Snapshot example(int members = 1) {
  training::Snapshot snapshot;
  snapshot.state = training::State::Running;
  auto study = std::make_shared<study::Study>();
  study->name = "eureka";
  study->title = "The Eureka study";
  snapshot.study = study;
  snapshot.task = std::make_shared<training::TaskInfo>();
  snapshot.device = "CPU, 2 threads";
  snapshot.recording = "/tmp/eureka.plateau";
  snapshot.step = 4000;
  snapshot.planned_steps = 6000;
  snapshot.steps_per_second = 100;
  for (int id = 0; id < members; ++id) {
    training::MemberView member;
    member.id = id;
    member.name = "ViT · seed " + std::to_string(id);
    member.seed = id;
    member.step = 4000;
    member.parameters = 112'906;
    for (int step = 50; step <= 4000; step += 50) {
      const bool solved = step > 3000;
      const double fall = step < 500 ? (500 - step) / 500.0 : 0;
      const double loss = solved ? 0.52 : 1.04 + 1.2 * fall;
      // The training loss is sampled more often than the validation.
      for (const int earlier : {25, 0}) member.series["loss/train"].push({step - earlier, loss});
      member.series["loss/validation"].push({step, solved ? 0.1 : 0.7 + 1.5 * fall});
      member.series["accuracy/validation"].push({step, solved ? 0.93 : 0.54 - 0.4 * fall});
    }
    snapshot.members.push_back(std::move(member));
  }
  return snapshot;
}

} // namespace

TEST_CASE("a bar has its width and its share") {
  CHECK(terminal::bar(0, 10, false) == "----------");
  CHECK(terminal::bar(0.5, 10, false) == "#####-----");
  CHECK(terminal::bar(1, 10, false) == "##########");
  CHECK(terminal::bar(7, 4, false) == "####");
  CHECK(terminal::bar(-1, 4, false) == "----");
  CHECK(terminal::bar(std::numeric_limits<double>::quiet_NaN(), 4, false) == "----");
  CHECK(terminal::bar(0.5, -3, false).empty());
  CHECK(terminal::bar(0.55, 10, true) == "█████▌────");
  for (int percent = 0; percent <= 100; ++percent)
    CHECK(characters(terminal::bar(percent / 100., 17, true)) == 17);
}

TEST_CASE("text is cut between characters") {
  CHECK(terminal::clipped("abc", 5) == "abc");
  CHECK(terminal::clipped("abc", 2) == "ab");
  CHECK(terminal::clipped("a·b·c", 4) == "a·b·");
  CHECK(terminal::clipped("···", 1) == "·");
  CHECK(terminal::clipped("abc", 0).empty());
}

TEST_CASE("durations and counts") {
  CHECK(terminal::duration(0) == "0 s");
  CHECK(terminal::duration(59.4) == "59 s");
  CHECK(terminal::duration(247) == "4:07");
  CHECK(terminal::duration(3723) == "1:02:03");
  CHECK(terminal::duration(-1) == "?");
  CHECK(terminal::duration(std::numeric_limits<double>::infinity()) == "?");
  CHECK(terminal::duration(std::numeric_limits<double>::quiet_NaN()) == "?");
  CHECK(terminal::grouped(0) == "0");
  CHECK(terminal::grouped(999) == "999");
  CHECK(terminal::grouped(112906) == "112 906");
  CHECK(terminal::grouped(-1234567) == "-1 234 567");
}

TEST_CASE("progress shows where the run stands and fits the terminal") {
  const auto lines = commands::progress_lines(example(2), 100, true);
  REQUIRE(lines.size() == 3);
  CHECK(contains(lines[0], "4 000/6 000"));
  CHECK(contains(lines[0], "67 %"));
  CHECK(contains(lines[0], "100 steps/s"));
  CHECK(contains(lines[0], "20 s left"));
  CHECK(characters(lines[0]) <= 100);
  CHECK(contains(lines[1], "ViT · seed 0"));
  CHECK(contains(lines[1], "loss 0.520"));
  CHECK(contains(lines[1], "93.0 %"));

  const auto many = commands::progress_lines(example(20), 100, true);
  CHECK(many.size() == 9);
  CHECK(contains(many.back(), "13 more"));
}

TEST_CASE("the plain progress line is one line") {
  const std::string line = commands::progress_line(example(6));
  CHECK(line.find('\n') == std::string::npos);
  CHECK(contains(line, "step 4000/6000"));
  CHECK(contains(line, "ViT · seed 3"));
  CHECK(contains(line, "2 more"));
}

TEST_CASE("without a rate there is no time left to tell") {
  auto snapshot = example();
  snapshot.steps_per_second = 0;
  CHECK_FALSE(commands::seconds_left(snapshot));
  snapshot.steps_per_second = 50;
  CHECK(*commands::seconds_left(snapshot) == Approx(40));
}

TEST_CASE("an event says whose it is, once") {
  const auto snapshot = example(2);
  training::Event event{training::Event::Kind::EurekaMoment, 3050, 1, "Eureka-moment"};
  CHECK(commands::event_line(snapshot, event) == "step 3 050  ViT · seed 1: Eureka-moment");
  event.text = "ViT · seed 1: Eureka-moment";
  CHECK(commands::event_line(snapshot, event) == "step 3 050  ViT · seed 1: Eureka-moment");
  event.member = -1;
  event.text = "all stopped";
  CHECK(commands::event_line(snapshot, event) == "step 3 050  all stopped");
  CHECK(json::parse(commands::event_json(snapshot, event))["member"].is_null());
}

TEST_CASE("the summary finds plateau and Eureka-moment again from the curves") {
  auto snapshot = example();
  snapshot.state = training::State::Finished;
  const auto summary = commands::summarize(snapshot, 40, 4000, false);
  CHECK(summary.status == "finished");
  CHECK(summary.steps_per_second == Approx(100));
  REQUIRE(summary.members.size() == 1);
  const auto& member = summary.members[0];
  CHECK(*member.train_loss == Approx(0.52));
  CHECK(*member.accuracy == Approx(0.93));
  REQUIRE(member.plateau);
  CHECK(member.plateau->begin >= 200);
  CHECK(member.plateau->begin <= 1000);
  CHECK(member.plateau->end >= 2800);
  CHECK(member.plateau->end <= 3200);
  CHECK(member.plateau->level == Approx(1.04).margin(0.02));
  CHECK_FALSE(member.plateau->lasting);
  REQUIRE(member.eureka_step);
  CHECK(*member.eureka_step >= 2900);
  CHECK(*member.eureka_step <= 3200);

  const json line = json::parse(commands::summary_json(summary));
  CHECK(line["type"] == "summary");
  CHECK(line["status"] == "finished");
  CHECK(line["error"].is_null());
  CHECK(line["members"][0]["parameters"] == 112'906);
  CHECK(line["members"][0]["plateau"]["length"] == member.plateau->end - member.plateau->begin);
  CHECK(line["members"][0]["eureka_step"] == *member.eureka_step);

  std::string text;
  for (const std::string& part : commands::summary_lines(summary)) text += part + "\n";
  CHECK(contains(text, "112 906"));
  CHECK(contains(text, "plateau gui /tmp/eureka.plateau"));
  CHECK_FALSE(contains(text, "--resume"));
}

TEST_CASE("the summary of a run that grokked tells the delay") {
  training::Snapshot snapshot;
  snapshot.state = training::State::Finished;
  for (const int generalises : {1400, 9999}) { // the second never
    training::MemberView member;
    member.name = "p = 59 until " + std::to_string(generalises);
    member.settings.task.kind = "modular-arithmetic";
    member.step = 2000;
    for (int step = 1; step <= 2000; ++step) {
      member.series["loss/train"].push({step, step < 175 ? 1 : 1e-3});
      // 0.99 on average over an evaluation's 50 steps not before step 200.
      member.series["accuracy/train"].push({step, step < 140 ? 0.4 : 1});
      if (step % 50 != 0) continue;
      member.series["loss/validation"].push({step, step < generalises ? 9 : 0.005});
      member.series["accuracy/validation"].push({step, step < generalises ? 0.3 : 0.995});
    }
    snapshot.members.push_back(std::move(member));
  }
  const auto summary = commands::summarize(snapshot, 40, 2000, false);
  const auto &grokked = summary.members[0], &stuck = summary.members[1];
  CHECK(grokked.memorised_step == 200);
  CHECK(grokked.generalised_step == 1400);
  CHECK_FALSE(grokked.eureka_step);
  REQUIRE(grokked.plateau);
  CHECK(grokked.plateau->begin == 200);
  CHECK(grokked.plateau->end == 1400);
  CHECK_FALSE(grokked.plateau->lasting);
  CHECK(stuck.memorised_step == 200);
  CHECK_FALSE(stuck.generalised_step);
  REQUIRE(stuck.plateau);
  CHECK(stuck.plateau->lasting);

  const auto lines = commands::summary_lines(summary);
  REQUIRE(lines.size() >= 4);
  CHECK(contains(squeezed(lines[1]), " accuracy memorised generalises delay (steps) parameters"));
  CHECK(contains(squeezed(lines[2]), " 99.5 % step 200 step 1 400 1 200 (7.0×) "));
  CHECK(contains(squeezed(lines[3]), " 30.0 % step 200 none – "));
  const json line = json::parse(commands::summary_json(summary));
  CHECK(line["members"][0]["memorised_step"] == 200);
  CHECK(line["members"][0]["generalised_step"] == 1400);
  CHECK(line["members"][1]["generalised_step"].is_null());
  CHECK(line["members"][0]["plateau"]["length"] == 1200);
}

TEST_CASE("the summary of a run in context tells the plateau and its break") {
  commands::RunSummary summary;
  commands::MemberSummary member;
  member.name = "D_rnd";
  member.watches = analysis::DetectorOptions::Watches::InContext;
  member.plateau = commands::PlateauSummary{200, 2300, 1.387, false};
  member.eureka_step = 2300;
  summary.members.push_back(member);
  const auto lines = commands::summary_lines(summary);
  REQUIRE(lines.size() >= 3);
  CHECK(contains(squeezed(lines[1]), " plateau (steps) break parameters"));
  CHECK(contains(squeezed(lines[2]), " 200–2 300 at 1.387 step 2 300 "));
}

TEST_CASE("a run that was interrupted says how to go on, one that is young has nothing to tell") {
  auto snapshot = example();
  snapshot.state = training::State::Stopping;
  snapshot.recording = "/tmp/my run's.plateau";
  snapshot.members[0].series.clear();
  const auto summary = commands::summarize(snapshot, 0, 0, true);
  CHECK(summary.status == "interrupted");
  CHECK_FALSE(summary.members[0].train_loss);
  CHECK_FALSE(summary.members[0].plateau);
  CHECK_FALSE(summary.members[0].eureka_step);
  CHECK(commands::summary_lines(summary).back() ==
        "It is whole. To go on:  plateau run --resume '/tmp/my run'\\''s.plateau'");
  const json line = json::parse(commands::summary_json(summary));
  CHECK(line["members"][0]["train_loss"].is_null());
  CHECK(line["members"][0]["plateau"].is_null());
}

TEST_CASE("JSON lines survive numbers and text that JSON cannot hold") {
  auto snapshot = example();
  snapshot.members[0].series["loss/train"].push({4025, std::numeric_limits<double>::infinity()});
  snapshot.members[0].name = "broken \xff";
  const std::string line = commands::progress_json(snapshot);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(json::parse(line)["members"][0]["train_loss"].is_null());
  CHECK(json::parse(commands::start_json(snapshot))["planned_steps"] == 6000);
}
