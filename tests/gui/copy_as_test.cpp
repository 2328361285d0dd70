// The study on the clipboard, by clicks.
#include "engine/study/fields.h"
#include "tests/gui/headless_window.h"

using namespace plateau;
using namespace plateau::window;

using plateau::test::HeadlessWindow;

namespace {

std::string copied(HeadlessWindow& window, const std::string& form) {
  window.click("copy-as");
  window.click("copy-as/" + form);
  const char* text = ImGui::GetClipboardText();
  return text ? text : "";
}

} // namespace

TEST_CASE("the study panel copies the study in every form and says so") {
  const auto snapshot = test::synthetic_snapshot(2000);
  auto with_intervention = std::make_shared<training::Snapshot>(*snapshot);
  study::Intervention by_hand;
  by_hand.step = 70;
  by_hand.changes = {{"optimizer.learning_rate", 5e-4}};
  with_intervention->interventions = {by_hand};
  HeadlessWindow window(with_intervention);
  window.size(1280, 1000);
  window.frames(5);

  const auto toml = copied(window, "toml");
  CHECK(study::parse_study(toml, "clipboard") == *snapshot->study);
  CHECK_THAT(toml, ContainsSubstring("# step 70: optimizer.learning_rate"));
  CHECK_THAT(window.readings.at("message"), ContainsSubstring("copied the study as TOML"));

  CHECK_THAT(copied(window, "command"), ContainsSubstring("plateau run ./synthetic.toml"));
  CHECK_THAT(window.readings.at("message"), ContainsSubstring("as a command line"));

  CHECK_THAT(copied(window, "pytorch"),
             ContainsSubstring("import torch\n") && ContainsSubstring("# synthetic · ViT, seed 3"));
  CHECK_THAT(window.readings.at("message"), ContainsSubstring("copied ViT as a PyTorch script"));
  window.session().perform(SelectMember{1}); // a fork, which the study does not name
  window.frames(3);
  CHECK_THAT(copied(window, "pytorch"), ContainsSubstring("# synthetic · ViT (twin), seed 3") &&
                                            ContainsSubstring("# In the run a fork of ViT at step"));
  window.session().perform(SelectMember{2});
  window.frames(3);
  CHECK_THAT(copied(window, "pytorch"),
             ContainsSubstring("# synthetic · CNN, seed 3") && ContainsSubstring("nn.Conv2d"));
}

TEST_CASE("what cannot be written in PyTorch is told in the menu, and nothing is copied") {
  const auto snapshot = test::synthetic_snapshot(2000);
  auto other = std::make_shared<training::Snapshot>(*snapshot);
  auto study = std::make_shared<study::Study>(*snapshot->study);
  study->settings.attention.variant = "sinkhorn";
  other->study = study;
  HeadlessWindow window(other);
  window.size(1280, 1000);
  window.frames(5);
  ImGui::SetClipboardText("before");
  window.click("copy-as");
  CHECK(window.readings.at("copy-as/why-not-pytorch") ==
        "attention.variant = sinkhorn is not written in plain PyTorch here");
  window.click("copy-as/pytorch");
  CHECK(std::string(ImGui::GetClipboardText()) == "before");
}
