// All panels together, without a display: ImGui builds the frames and hands are simulated.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "app/window/session.h"
#include "app/window/workspace.h"
#include "tests/app/plateau_process.h"
#include "tests/catch.h"
#include "tests/gui/synthetic_run.h"
#include "tests/widgets/headless.h"

namespace plateau::test {

class HeadlessWindow {
public:
  explicit HeadlessWindow(std::shared_ptr<const training::Snapshot> snapshot, bool live = true,
                          FrameOf frame_of = synthetic_frame)
      : run_(new SyntheticRun(live, std::make_shared<training::Snapshot>(), frame_of)) {
    map_keys();
    run_->publish(std::move(snapshot));
    session_.show(std::unique_ptr<window::RunSource>(run_), study::Study{});
  }

  void size(float width, float height) { ImGui::GetIO().DisplaySize = {width, height}; }

  /// Draws `count` frames; what panels asked for in them is kept, and carried out by the session or the
  /// workspace.
  void frames(int count) {
    for (int i = 0; i < count; ++i) {
      session_.update(now_ += 0.1);
      ImGui::NewFrame();
      widgets::test_ids::begin_frame();
      readings.clear();
      window::Actions actions;
      workspace_.draw(session_.view({headless_.context, plots_, readings, "", actions}), preferences);
      ImGui::Render();
      for (window::Action& action : actions) {
        if (!workspace_.perform(action)) session_.perform(action);
        asked.push_back(std::move(action));
      }
    }
  }

  void click(const std::string& item) {
    const auto rect = widgets::test_ids::find(item);
    INFO(item);
    REQUIRE(rect);
    widgets::simulate::mouse_position(rect->center());
    frames(2);
    widgets::simulate::mouse_button(0, true);
    frames(2);
    widgets::simulate::mouse_button(0, false);
    frames(3);
  }

  template<class T> bool was_asked() const {
    return std::ranges::any_of(asked, [](const window::Action& a) { return std::holds_alternative<T>(a); });
  }

  SyntheticRun& run() { return *run_; }
  const window::SharedPlots& plots() const { return plots_; }
  std::filesystem::path pictures() const { return scratch_ / "pictures"; }
  window::Session& session() { return session_; }
  window::Workspace& workspace() { return workspace_; }
  widgets::Context& context() { return headless_.context; }
  std::map<std::string, std::string> readings;
  window::Preferences preferences;
  window::Actions asked;

private:
  /// As the GLFW back end of an old ImGui does it, by GLFW's numbers: for what text fields do with keys.
  static void map_keys() {
#if IMGUI_VERSION_NUM < 18700
    auto& map = ImGui::GetIO().KeyMap;
    map[ImGuiKey_Escape] = 256, map[ImGuiKey_Enter] = 257, map[ImGuiKey_Tab] = 258;
    map[ImGuiKey_Backspace] = 259, map[ImGuiKey_Delete] = 261, map[ImGuiKey_End] = 269, map[ImGuiKey_A] = 65;
#endif
  }

  Headless headless_;
  Scratch scratch_;
  SyntheticRun* run_; // the session owns it
  window::Session session_{
      {.device = "cpu", .threads = 1, .recordings = scratch_ / "recordings", .wake = [] {}}};
  window::Workspace workspace_{window::Preferences{}, scratch_ / "recordings", scratch_ / "pictures"};
  window::SharedPlots plots_;
  double now_ = 0;
};

} // namespace plateau::test
