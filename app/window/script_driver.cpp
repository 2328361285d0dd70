#include "app/window/script_driver.h"
#include "app/window/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "engine/study/fields.h"
#include "widgets/test_ids.h"

namespace plateau::window {
using training::Snapshot;

namespace {

constexpr double item_timeout = 10; // seconds until an item that is to be used must be there

double number(const ScriptCommand& command, std::size_t i) {
  return std::stod(command.arguments[i]);
}

std::string reading(const DrivenWindow& window, const std::string& name) {
  const auto found = window.readings.find(name);
  return found == window.readings.end() ? "" : found->second;
}

bool has_event(const Snapshot& snapshot, const std::string& kind) {
  return std::ranges::any_of(snapshot.events, [&](const training::Event& event) {
    return std::string(training::to_string(event.kind)).starts_with(kind);
  });
}

std::string similar_items(const std::string& wanted) {
  std::vector<std::string> names;
  for (const auto& [name, rect] : widgets::test_ids::all()) names.push_back(name);
  return study::did_you_mean(wanted, names);
}

} // namespace

// --- input as ImGui gets it

void ScriptDriver::give_input() {
  namespace simulate = widgets::simulate;
  // Until the script uses the mouse it is the person's.
  if (mouse_.x >= 0) {
    simulate::mouse_position(mouse_);
    simulate::mouse_button(0, button_ && !right_);
    simulate::mouse_button(1, button_ && right_);
    if (hands_control_) simulate::modifiers(*hands_control_, false);
  }
  if (wheel_ != 0) simulate::mouse_wheel(wheel_);
  if (const auto up = std::exchange(key_to_release_, std::nullopt)) {
    simulate::key(*up, false);
    simulate::modifiers(false, false);
  }
  if (key_) {
    simulate::modifiers(control_, false);
    simulate::key(*key_, true);
    key_to_release_ = key_;
  }
  if (!typed_.empty()) simulate::type(typed_);
}

std::vector<KeyPress> ScriptDriver::take_keys() {
  return std::exchange(keys_, {});
}

// --- steps

void ScriptDriver::fail(const std::string& why) {
  failure_ = fmt::format("{}:{}: {}", script_.source, line_, why);
  over_ = true;
  steps_.clear();
}

void ScriptDriver::then_frames(int count) {
  for (int i = 0; i < count; ++i) then([](const DrivenWindow&, double) { return true; });
}

void ScriptDriver::then_do(std::function<void()> what) {
  then([what = std::move(what)](const DrivenWindow&, double) {
    what();
    return true;
  });
}

void ScriptDriver::then_point_at(const std::string& item, float x, float y) {
  struct Place {
    widgets::Rect rect;
    int frames = 0; // for which it has not moved
  };
  auto place = std::make_shared<Place>();
  then([=, this](const DrivenWindow&, double now) {
    wanted_item_ = item;
    const auto rect = widgets::test_ids::find(item);
    if (!rect) {
      if (now - step_since_ > item_timeout)
        fail(fmt::format("there is no item '{}'{}", item, similar_items(item)));
      return false;
    }
    // It may be scrolled into sight, which takes two frames to begin: used when it has come to rest.
    place->frames = place->rect == *rect ? place->frames + 1 : 0;
    place->rect = *rect;
    if (place->frames < 3) return false;
    mouse_ = {rect->x + rect->width * x, rect->y + rect->height * y};
    return true;
  });
  then_frames(2);
  then_do([this] { wanted_item_.clear(); });
}

void ScriptDriver::then_press_and_release() {
  then_do([this] { button_ = true; });
  then_frames(1);
  then_do([this] { button_ = false; });
  then_frames(2);
}

void ScriptDriver::then_key(const std::string& chord) {
  static const std::map<std::string, widgets::Key> imgui_keys = {
      {"enter", widgets::Key::Enter},       {"escape", widgets::Key::Escape},
      {"tab", widgets::Key::Tab},           {"backspace", widgets::Key::Backspace},
      {"delete", widgets::Key::Delete},     {"left", widgets::Key::Left},
      {"right", widgets::Key::Right},       {"up", widgets::Key::Up},
      {"down", widgets::Key::Down},         {"pageup", widgets::Key::PageUp},
      {"pagedown", widgets::Key::PageDown}, {"home", widgets::Key::Home},
      {"end", widgets::Key::End},           {"ctrl+a", widgets::Key::A}};
  then_do([=, this] {
    keys_.push_back({.chord = chord});
    control_ = chord.starts_with("ctrl+");
    if (const auto found = imgui_keys.find(chord); found != imgui_keys.end()) key_ = found->second;
  });
  then_do([this, chord] {
    key_.reset();
    control_ = false;
    keys_.push_back({.chord = chord, .released = true});
  });
  then_frames(2);
}

void ScriptDriver::then_wait(const std::string& for_what,
                             std::function<bool(const DrivenWindow&)> condition) {
  then([=, this](const DrivenWindow& window, double now) {
    waiting_ = true;
    const bool fulfilled = condition(window);
    if (!fulfilled && window.snapshot.state == training::State::Failed && for_what != "state failed")
      fail(fmt::format("waited for {}, but the run failed: {}", for_what, window.snapshot.error));
    else if (!fulfilled && now - step_since_ > timeout_)
      fail(fmt::format("waited {:.0f} s for {} in vain: state {}, step {}, {} members", timeout_, for_what,
                       reading(window, "state"), window.snapshot.step, window.snapshot.members.size()));
    if (fulfilled) waiting_ = false;
    return fulfilled;
  });
}

// --- commands

void ScriptDriver::begin(const ScriptCommand& command, const DrivenWindow& window) {
  line_ = command.line;
  const std::string& name = command.name;
  if (begin_mouse(command) || begin_keyboard(command) || begin_wait(command) ||
      begin_expectation(command, window))
    return;
  if (name == "theme") {
    if ((command.arguments[0] == "dark") != window.dark) window.toggle_theme();
    then_frames(3);
  } else if (name == "resize") {
    window.resize(static_cast<int>(number(command, 0)), static_cast<int>(number(command, 1)));
    then_frames(5);
  } else if (name == "timeout") {
    timeout_ = number(command, 0);
  } else if (name == "frames") {
    then_frames(static_cast<int>(number(command, 0)));
  } else if (name == "sleep") {
    const double seconds = number(command, 0);
    then([=, this](const DrivenWindow&, double now) { return now - step_since_ >= seconds; });
  } else if (name == "screenshot") {
    then_frames(3);
    then([file = command.arguments[0]](const DrivenWindow& w, double) {
      w.save_screenshot(file);
      return true;
    });
    then_frames(1);
  } else if (name == "list-items") {
    for (const auto& [item, rect] : widgets::test_ids::all())
      fmt::print("item {} {:.0f} {:.0f} {:.0f} {:.0f}\n", item, rect.x, rect.y, rect.width, rect.height);
    for (const auto& [text, value] : window.readings) fmt::print("reading {} {}\n", text, value);
    std::fflush(stdout);
  } else if (name == "quit") {
    over_ = true;
  }
}

bool ScriptDriver::begin_mouse(const ScriptCommand& command) {
  const std::string& name = command.name;
  const auto& arguments = command.arguments;
  if (name == "click" || name == "tab") {
    then_point_at(name == "tab" ? "tab-" + lower(arguments[0]) : arguments[0], 0.5f, 0.5f);
    then_press_and_release();
  } else if (name == "double-click") {
    then_point_at(arguments[0], 0.5f, 0.5f);
    // A person does not click slower because frames are slow.
    then_do([] { ImGui::GetIO().MouseDoubleClickTime = 5; });
    then_press_and_release();
    then_press_and_release();
    then_do([] { ImGui::GetIO().MouseDoubleClickTime = 0.3f; });
  } else if (name == "right-click") {
    then_point_at(arguments[0], 0.5f, 0.5f);
    then_do([this] { right_ = true; });
    then_press_and_release();
    then_do([this] { right_ = false; });
  } else if (name == "ctrl-click") {
    then_point_at(arguments[0], 0.5f, 0.5f);
    then_do([this] { hands_control_ = true; });
    then_press_and_release();
    then_do([this] { hands_control_ = false; });
    then_frames(1);
    then_do([this] { hands_control_.reset(); });
  } else if (name == "click-at") {
    then_point_at(arguments[0], static_cast<float>(number(command, 1)),
                  static_cast<float>(number(command, 2)));
    then_press_and_release();
  } else if (name == "hover") {
    then_point_at(arguments[0], 0.5f, 0.5f);
    // Tooltips come after a short rest of the mouse.
    then([this](const DrivenWindow&, double now) { return now - step_since_ > 1; });
  } else if (name == "wheel") {
    then_point_at(arguments[0], 0.5f, 0.5f);
    then_do([this, notches = static_cast<float>(number(command, 1))] { wheel_ = notches; });
    then_do([this] { wheel_ = 0; });
    then_frames(2);
  } else if (name == "drag" || name == "drag-by") {
    then_point_at(arguments[0], 0.5f, 0.5f);
    then_do([this] { button_ = true; });
    then_frames(1);
    constexpr int stages = 6;
    auto from = std::make_shared<widgets::Point>();
    auto by = std::make_shared<widgets::Point>();
    then([=, this, item = arguments[0], absolute = name == "drag", x = static_cast<float>(number(command, 1)),
          y = name == "drag" ? 0.f : static_cast<float>(number(command, 2))](const DrivenWindow&, double) {
      *from = mouse_;
      const auto rect = widgets::test_ids::find(item);
      *by = absolute && rect ? widgets::Point{rect->x + rect->width * x - mouse_.x, 0} : widgets::Point{x, y};
      return true;
    });
    for (int i = 1; i <= stages; ++i)
      then_do([=, this] {
        const float share = static_cast<float>(i) / stages;
        mouse_ = {from->x + by->x * share, from->y + by->y * share};
      });
    then_frames(1);
    then_do([this] { button_ = false; });
    then_frames(3);
  } else if (name == "select") {
    const std::string entry = arguments[0] + "/" + arguments[1];
    // A row of buttons shows its entries at once, a combo when it is open.
    then([=, this](const DrivenWindow&, double) {
      if (widgets::test_ids::find(entry)) return true;
      std::deque<Step> later;
      later.swap(steps_);
      then_frames(1); // stands for this step, which is removed when it is done
      then_point_at(arguments[0], 0.5f, 0.5f);
      then_press_and_release();
      steps_.insert(steps_.end(), later.begin() + 1, later.end());
      return true;
    });
    then_point_at(entry, 0.5f, 0.5f);
    then_press_and_release();
  } else {
    return false;
  }
  return true;
}

bool ScriptDriver::begin_keyboard(const ScriptCommand& command) {
  if (command.name == "key") {
    then_key(command.arguments[0]);
  } else if (command.name == "hold" || command.name == "release") {
    then_do([this, chord = command.arguments[0], released = command.name == "release"] {
      keys_.push_back({.chord = chord, .released = released});
    });
    then_frames(2);
  } else if (command.name == "type") {
    then_point_at(command.arguments[0], 0.3f, 0.5f);
    then_press_and_release();
    then_key("ctrl+a");
    then_do([this, text = command.arguments[1]] { typed_ = text; });
    then_do([this] { typed_.clear(); });
    then_frames(1);
    then_key("enter");
  } else {
    return false;
  }
  return true;
}

bool ScriptDriver::begin_wait(const ScriptCommand& command) {
  const std::string& name = command.name;
  const auto& arguments = command.arguments;
  if (name == "wait-step") {
    const auto step = static_cast<std::int64_t>(number(command, 0));
    then_wait(fmt::format("step {}", step), [=](const DrivenWindow& w) { return w.snapshot.step >= step; });
  } else if (name == "wait-state") {
    then_wait("state " + arguments[0],
              [state = arguments[0]](const DrivenWindow& w) { return reading(w, "state") == state; });
  } else if (name == "wait-event") {
    then_wait("event " + arguments[0],
              [kind = arguments[0]](const DrivenWindow& w) { return has_event(w.snapshot, kind); });
  } else if (name == "wait-members") {
    const auto count = static_cast<std::size_t>(number(command, 0));
    then_wait(fmt::format("{} members", count),
              [=](const DrivenWindow& w) { return w.snapshot.members.size() >= count; });
  } else if (name == "wait-item") {
    then_wait("item " + arguments[0], [item = arguments[0]](const DrivenWindow&) {
      return widgets::test_ids::find(item).has_value();
    });
  } else if (name == "wait-text") {
    then_wait(fmt::format("'{}' in {}", arguments[1], arguments[0]), [arguments](const DrivenWindow& w) {
      return reading(w, arguments[0]).find(arguments[1]) != std::string::npos;
    });
  } else {
    return false;
  }
  return true;
}

bool ScriptDriver::begin_expectation(const ScriptCommand& command, const DrivenWindow& window) {
  const std::string& name = command.name;
  if (!name.starts_with("expect-")) return false;
  const auto& arguments = command.arguments;
  const auto compare = [&](const std::string& what, const std::string& wanted, const std::string& found) {
    if (wanted != found) fail(fmt::format("expected {} {}, found {}", what, wanted, found));
  };
  if (name == "expect-state") {
    compare("state", arguments[0], reading(window, "state"));
  } else if (name == "expect-members") {
    compare("members", fmt::format("{:.0f}", number(command, 0)),
            std::to_string(window.snapshot.members.size()));
  } else if (name == "expect-step") {
    compare("step", fmt::format("{:.0f}", number(command, 0)), reading(window, "step"));
  } else if (name == "expect-item" || name == "expect-no-item") {
    const bool there = widgets::test_ids::find(arguments[0]).has_value();
    if (there != (name == "expect-item"))
      fail(fmt::format("expected {}item '{}'{}", there ? "no " : "", arguments[0],
                       there ? "" : similar_items(arguments[0])));
  } else {
    const std::string found = reading(window, arguments[0]);
    if (found.find(arguments[1]) == std::string::npos)
      fail(fmt::format("expected '{}' in {}, found '{}'", arguments[1], arguments[0], found));
  }
  return true;
}

void ScriptDriver::after_frame(const DrivenWindow& window, double now) {
  if (over_) return;
  if (step_since_ < 0) step_since_ = now;
  if (!steps_.empty()) {
    // A step may end the script (and all steps), or put others before those that follow.
    const Step step = steps_.front();
    if (!step(window, now) || over_) return;
    if (!steps_.empty()) steps_.pop_front();
    step_since_ = now;
    return;
  }
  if (next_ == script_.commands.size()) {
    over_ = true;
    return;
  }
  step_since_ = now;
  begin(script_.commands[next_++], window);
}

} // namespace plateau::window
