// The table of members: what the person does there is an annotation, and shows everywhere.
#include "app/figures/looks.h"
#include "app/window/member_looks.h"
#include "app/window/short_names.h"
#include "tests/gui/headless_window.h"

using namespace plateau;
using namespace plateau::window;
using plateau::test::HeadlessWindow;

namespace {

struct Table : HeadlessWindow {
  Table() : HeadlessWindow(test::synthetic_snapshot()) {
    size(1600, 1000);
    frames(4);
  }
  void type(const std::string& text) {
    widgets::simulate::type(text);
    frames(2);
  }
  void press(widgets::Key key) {
    widgets::simulate::key(key, true);
    frames(1);
    widgets::simulate::key(key, false);
    frames(2);
  }
  void select_all() {
    widgets::simulate::modifiers(true, false);
    press(widgets::Key::A);
    widgets::simulate::modifiers(false, false);
    frames(1);
  }
  void right_click(const std::string& item) {
    const auto rect = widgets::test_ids::find(item);
    REQUIRE(rect);
    widgets::simulate::mouse_position(rect->center());
    frames(2);
    widgets::simulate::mouse_button(1, true);
    frames(2);
    widgets::simulate::mouse_button(1, false);
    frames(4);
  }
  void perform(const Action& action) {
    if (!workspace().perform(action)) session().perform(action);
    frames(3);
  }
  bool there(const std::string& item) {
    frames(2); // what is gone is not in the last two frames
    return widgets::test_ids::find(item).has_value();
  }
  std::string name(std::size_t i) { return session().snapshot().members.at(i).name; }
};

} // namespace

TEST_CASE("Members: a member is renamed in its row, and has the name everywhere") {
  Table table;
  table.perform(RenameMember{});
  REQUIRE(table.there("rename-field"));
  table.select_all();
  table.type("softmax");
  table.press(widgets::Key::Enter);
  CHECK_FALSE(table.there("rename-field"));
  CHECK(table.name(0) == "softmax");
  CHECK(table.there("plot-loss/legend/softmax"));
  CHECK_FALSE(table.there("plot-loss/legend/ViT"));
  table.perform(Undo{});
  CHECK(table.name(0) == "ViT");
  table.perform(Redo{});
  CHECK(table.name(0) == "softmax");
}

TEST_CASE("Members: Escape leaves the name, and another member's name is refused") {
  Table table;
  table.perform(RenameMember{});
  table.select_all();
  table.type("lost");
  table.press(widgets::Key::Escape);
  CHECK_FALSE(table.there("rename-field"));
  CHECK(table.name(0) == "ViT");

  table.perform(RenameMember{});
  table.select_all();
  table.type("CNN");
  table.press(widgets::Key::Enter);
  CHECK(table.there("rename-field")); // to be corrected
  CHECK(table.name(0) == "ViT");
}

TEST_CASE("Members: what is posted to the trainer has the recorded name") {
  Table table;
  recording::Annotations annotations;
  annotations.looks[0].name = "softmax";
  table.perform(Annotate{annotations, "rename ViT"});
  table.perform(BranchHere{});
  REQUIRE_FALSE(table.run().posted.empty());
  CHECK(std::get<training::Intervene>(table.run().posted.back()).what.member == "ViT");
}

TEST_CASE("Members: a click hides, with Ctrl all others but the pinned, and the head shows all") {
  Table table;
  const auto visible = [&] {
    std::vector<int> ids;
    for (const auto& m : table.session().snapshot().members)
      if (!figures::hidden_members(table.session().snapshot(), table.session().annotations()).contains(m.id))
        ids.push_back(m.id);
    return ids;
  };
  table.click("visible-0");
  CHECK(visible() == std::vector<int>{1, 2}); // its twin stays
  table.click("visible-0");
  CHECK(table.session().annotations() == recording::Annotations{});
  table.right_click("member-2");
  table.click("menu-pin");
  widgets::simulate::modifiers(true, false);
  table.click("visible-1");
  widgets::simulate::modifiers(false, false);
  CHECK(visible() == std::vector<int>{1, 2});
  table.click("show-all");
  CHECK(visible() == std::vector<int>{0, 1, 2});
  table.click("show-all");
  CHECK(visible() == std::vector<int>{2}); // the pinned one stays
}

TEST_CASE("Members: pinned ones stand on top") {
  Table table;
  const auto top = [&](const std::string& item) { return widgets::test_ids::find(item)->y; };
  CHECK(top("member-0") < top("member-2"));
  table.right_click("member-2");
  table.click("menu-pin");
  CHECK(top("member-2") < top("member-0"));
}

TEST_CASE("Members: a removed one is gone from every list until it is brought back or undone") {
  Table table;
  table.perform(SelectMember{2});
  table.perform(RemoveMember{});
  CHECK_FALSE(table.there("member-2"));
  CHECK_FALSE(table.there("plot-loss/legend/CNN"));
  CHECK(table.session().snapshot().members.size() == 2);
  table.perform(Undo{});
  CHECK(table.there("member-2"));
  table.right_click("member-1");
  table.click("menu-remove");
  CHECK_FALSE(table.there("member-1"));
  table.click("bring-back");
  CHECK(table.there("member-1"));
  CHECK_FALSE(table.there("bring-back"));
  // The last one stays.
  table.perform(SelectMember{0});
  for (int i = 0; i < 4; ++i) table.perform(RemoveMember{});
  CHECK(table.session().snapshot().members.size() == 1);
}

TEST_CASE("Members: a colour of the palette is chosen in the menu") {
  Table table;
  table.right_click("visible-0");
  table.click("color-4");
  const auto& looks = table.session().annotations().looks;
  REQUIRE(looks.contains(0));
  CHECK(looks.at(0).color == figures::to_string(table.context().theme.members[4]));
}

TEST_CASE("Members: the filter finds names, attention and seeds, and says when it finds none") {
  Table table;
  table.click("members-filter");
  table.type("cnn");
  CHECK(table.there("member-2"));
  CHECK_FALSE(table.there("member-0"));
  table.select_all();
  table.type("no such thing");
  CHECK(table.there("members-none"));
  CHECK_FALSE(table.there("member-2"));
  table.select_all();
  table.press(widgets::Key::Backspace);
  CHECK(table.there("member-0"));
}

TEST_CASE("Members: while the key is held all panels show the pinned member or the one selected before") {
  Table table;
  table.perform(FlipMember{true});
  CHECK(table.readings.at("flipped") == "no"); // nothing to compare with yet
  table.perform(SelectMember{1});
  table.perform(FlipMember{true});
  CHECK(table.readings.at("member") == "ViT");
  CHECK(table.readings.at("flipped") == "yes");
  table.perform(FlipMember{false});
  CHECK(table.readings.at("member") == "ViT (twin)");
  table.right_click("member-2");
  table.click("menu-pin");
  table.perform(FlipMember{true});
  CHECK(table.readings.at("member") == "CNN");
}

TEST_CASE("Members: differences are of the selected member, and say when it is the reference") {
  Table table;
  table.click("curves/Difference");
  CHECK_FALSE(table.there("plot-loss-difference")); // the first is the reference
  table.click("member-2");
  CHECK(table.there("plot-loss-difference"));
  CHECK(table.there("plot-accuracy-difference"));
  table.click("difference-reference");
  table.click("difference-reference/CNN");
  CHECK_FALSE(table.there("plot-loss-difference"));
}

TEST_CASE("Members: the summary lists every member's numbers") {
  HeadlessWindow window(test::synthetic_grokking_snapshot(), true, test::synthetic_grokking_frame);
  window.size(1600, 1000);
  window.frames(4);
  window.click("tab-summary");
  CHECK(widgets::test_ids::find("summary-member-0"));
  CHECK(std::stod(window.readings.at("summary-0-memorised_step")) ==
        Approx(test::synthetic_memorisation).margin(150));
  window.click("summary-rows/Over seeds");
  CHECK(widgets::test_ids::find("summary-seeds-1"));
  CHECK_THAT(window.readings.at("summary-seeds-0-generalised_step"), ContainsSubstring("["));
  window.click("summary-copy");
  CHECK_THAT(std::string(ImGui::GetClipboardText()), ContainsSubstring("generalised_step_median"));
}

TEST_CASE("Members: names that hardly fit keep what tells them apart") {
  const auto characters = [](std::string_view text) {
    return static_cast<float>(
        std::ranges::count_if(text, [](unsigned char c) { return (c & 0xC0) != 0x80; }));
  };
  const std::vector<std::string> names = {"extra weights loss · seed 0", "extra weights loss · seed 1", "ViT",
                                          "fixed labels only"};
  const auto shortened = [&](std::size_t i, float width) {
    return short_name(names[i], names, width, characters);
  };
  CHECK(shortened(1, 40) == names[1]);
  CHECK(shortened(1, 22) == "extra weights loss · 1");
  CHECK(shortened(1, 16) == "extra weight…· 1");
  CHECK(shortened(1, 4) == "…· 1");
  CHECK(shortened(1, 2) == "…1");
  CHECK(shortened(1, 0) == "…");
  CHECK(shortened(3, 10) == "fixed lab…");
  CHECK(shortened(0, 16) != shortened(1, 16));
}
