#include "app/window/window.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <imgui.h>
#include <spdlog/spdlog.h>

#include "app/figures/looks.h"
#include "app/terminal/interrupt.h"
#include "app/window/display.h"
#include "app/window/folders.h"
#include "app/window/frame_pacer.h"
#include "app/window/frame_statistics.h"
#include "app/window/preferences.h"
#include "app/window/screenshot.h"
#include "app/window/script.h"
#include "app/window/script_driver.h"
#include "app/window/session.h"
#include "app/window/workspace.h"
#include "app/window/workspace_keeper.h"
#include "engine/errors.h"
#include "widgets/test_ids.h"

namespace plateau::window {
namespace fs = std::filesystem;

namespace {

/// The loop around display, session and workspace; each of them knows nothing of the others.
class Application {
public:
  explicit Application(const WindowOptions& options);
  ~Application();
  int run();

private:
  void open_first();
  void take_input();
  void draw_frame();
  void save_pictures(const std::shared_ptr<const widgets::Image>& picture);
  void save_screenshot(const widgets::Image& picture);
  void perform(const Action& action);
  void apply_look();
  void note_size();
  FrameRates rates() const;
  const widgets::Theme& theme() const;
  bool should_quit() const;

  WindowOptions options_;
  std::optional<ScriptDriver> driver_; // before the display: a bad script needs none
  Preferences preferences_;
  bool a_persons_; // not a script's
  Display display_;
  std::shared_ptr<WakeSignal> wake_ = std::make_shared<WakeSignal>();
  widgets::Context widgets_;
  Session session_;
  Workspace workspace_;
  std::optional<WorkspaceKeeper> keeper_;
  FramePacer pacer_;
  FrameStatistics statistics_;

  Actions actions_;
  std::map<std::string, std::string> readings_;
  SharedPlots plots_;
  std::string remembered_; // the recording that is in the list of recent files already
  std::vector<fs::path> wanted_pictures_;
  bool screenshot_wanted_ = false;           // by the person, into the folder for pictures
  std::optional<widgets::Rect> part_wanted_; // of the window; empty: all of it
  bool quitting_ = false;
  bool look_changed_ = true;
};

std::optional<ScriptDriver> driver_for(const WindowOptions& options) {
  if (!options.script) return std::nullopt;
  return ScriptDriver(load_script(*options.script));
}

Preferences first_preferences(const WindowOptions& options) {
  Preferences p = read_preferences(settings_file());
  if (options.theme) {
    if (*options.theme != "dark" && *options.theme != "light")
      throw InputError(fmt::format("the theme is light or dark, not '{}'", *options.theme));
    p.theme = *options.theme;
  }
  if (options.font_scale) {
    if (!(*options.font_scale >= smallest_font_scale && *options.font_scale <= largest_font_scale))
      throw InputError(fmt::format("the font scale is a number from {} to {}, not {}", smallest_font_scale,
                                   largest_font_scale, *options.font_scale));
    p.font_scale = *options.font_scale;
  }
  if (options.screenshot && options.screenshot->extension() != ".png")
    throw InputError(fmt::format("a screenshot is a .png file, not '{}'", options.screenshot->string()));
  return p;
}

/// A window that a script drives, or that is there for one picture, leaves no trace in what a person had open
/// and is as large at every start; a script says otherwise to test just that.
bool is_a_persons(const WindowOptions& options, const std::optional<ScriptDriver>& driver) {
  return driver ? driver->keeps_workspace() : !options.screenshot && !options.quit_after;
}

Display::WindowSize first_size(const WindowOptions& options, const Preferences& preferences,
                               bool as_last_time) {
  if (options.width > 0) return {options.width, options.height};
  const Preferences last = as_last_time ? preferences : Preferences{};
  return {static_cast<int>(last.window_width), static_cast<int>(last.window_height)};
}

std::optional<WorkspaceKeeper> keeper_for(const WindowOptions& options, bool a_persons) {
  if (!a_persons) return std::nullopt;
  const fs::path file = workspace_file();
  return WorkspaceKeeper(file, find_offers(file, recordings_folder(), options.nothing_asked));
}

Application::Application(const WindowOptions& options)
    : options_(options), driver_(driver_for(options)), preferences_(first_preferences(options)),
      a_persons_(is_a_persons(options_, driver_)),
      display_(first_size(options_, preferences_, a_persons_), options_.width == 0, "Plateau"),
      session_({.device = options.device,
                .threads = options.threads,
                .recordings = recordings_folder(),
                .wake = [wake = wake_] { wake->raise(); }}),
      workspace_(preferences_, recordings_folder(), pictures_folder()),
      keeper_(keeper_for(options_, a_persons_)) {
  open_first();
}

Application::~Application() {
  if (keeper_) keeper_->save();
  write_preferences(preferences_, settings_file());
  wake_->close();
  widgets_.textures.clear();
}

void Application::open_first() {
  if (options_.recording)
    session_.replay(*options_.recording);
  else
    session_.start(options_.study ? *options_.study : study::load_study("eureka"));
  for (const fs::path& recording : options_.beside) session_.add_beside(recording);
}

FrameRates Application::rates() const {
  // A script goes as fast as frames can be drawn; while it waits for the run it draws like a person's window.
  const double active = driver_ ? 120 : preferences_.redraw_rate;
  return {.active = active, .data = std::min(10.0, active), .unfocused = std::min(4.0, active)};
}

const widgets::Theme& Application::theme() const {
  return preferences_.theme == "dark" ? widgets::dark_theme() : widgets::light_theme();
}

void Application::apply_look() {
  look_changed_ = false;
  if (widgets_.apply(theme(), preferences_.font_scale * display_.content_scale())) {
    if (!widgets_.fonts.note.empty()) spdlog::warn("{}", widgets_.fonts.note);
    display_.renew_font_texture();
  }
}

bool Application::should_quit() const {
  return quitting_ || terminal::interrupted() || display_.close_requested() || (driver_ && driver_->over()) ||
         (options_.quit_after && session_.snapshot().step >= *options_.quit_after);
}

int Application::run() {
  while (!should_quit()) {
    const double now = Display::now();
    if (session_.animating()) pacer_.animation(now);
    if (driver_ && driver_->wants_frame()) pacer_.input(now);
    const double wait = pacer_.wait(now, driver_ ? 0.1 : 0.5);
    const double before = Display::now();
    display_.wait_events(wait);
    statistics_.waited(wait, Display::now() - before);
    take_input();
    if (keeper_) keeper_->save_when_due(Display::now());
    if (pacer_.due(Display::now())) draw_frame();
  }
  spdlog::info("window: {}", statistics_.summary());
  // One more for the picture, so that it shows the very end.
  if (options_.screenshot) {
    wanted_pictures_.push_back(*options_.screenshot);
    draw_frame();
  }
  if (driver_ && !driver_->failure().empty()) {
    fmt::print(stderr, "{}\n", driver_->failure());
    return 1;
  }
  return terminal::interrupted() ? terminal::interrupted_exit_code : 0;
}

void Application::take_input() {
  const double now = Display::now();
  pacer_.set_rates(rates());
  pacer_.set_focused(display_.is_focused() || driver_);
  pacer_.set_iconified(display_.is_iconified());
  if (display_.take_activity()) pacer_.input(now);
  if (ImGui::GetIO().WantTextInput) pacer_.animation(now); // the text cursor blinks
  if (wake_->is_raised() || driver_) pacer_.data();

  std::vector<KeyPress> keys = display_.take_keys();
  if (driver_)
    for (KeyPress& key : driver_->take_keys()) keys.push_back(std::move(key));
  for (const KeyPress& key : keys) {
    const Action* action = action_of(key);
    if (!action) continue;
    // What goes up again ends what it began, whatever is open by then.
    if (!key.released) {
      if (ImGui::GetIO().WantTextInput) continue;
      const bool always =
          std::holds_alternative<ToggleHelp>(*action) || std::holds_alternative<SaveScreenshot>(*action);
      if (workspace_.dialog_is_open() && !always) continue;
    }
    perform(*action);
  }
  if (auto files = display_.take_dropped_files(); !files.empty()) perform(OpenFiles{std::move(files)});
}

void Application::draw_frame() {
  if (look_changed_) apply_look();
  const double now = Display::now();
  wake_->lower();
  session_.update(now);
  if (keeper_) keeper_->restore(session_, workspace_, now);
  if (a_persons_) note_size();
  const std::string& recording = session_.recording();
  if (!recording.empty() && recording != remembered_) {
    remembered_ = recording;
    remember(preferences_, recording);
  }
  if (const auto& study = session_.snapshot().study)
    display_.set_title((study->title.empty() ? study->name : study->title) + " - Plateau");

  display_.begin_frame([this] {
    if (driver_) driver_->give_input();
  });
  widgets::test_ids::begin_frame();
  figures::take_colors(widgets_.theme, session_.annotations());
  const std::string wanted = driver_ ? driver_->wanted_item() : "";
  readings_.clear();
  View view = session_.view({widgets_, plots_, readings_, wanted, actions_});
  if (keeper_) view.offer = keeper_->offer();
  workspace_.draw(view, preferences_);
  if (keeper_) keeper_->note(view, session_, workspace_, now);
  if (driver_)
    driver_->after_frame(
        {.snapshot = session_.snapshot(),
         .readings = readings_,
         .dark = preferences_.theme == "dark",
         .resize = [this](int width, int height) { display_.set_size(width, height); },
         .save_screenshot = [this](const std::string& file) { wanted_pictures_.push_back(file); },
         .toggle_theme = [this] { actions_.push_back(ToggleTheme{}); }},
        now);
  const double described = Display::now() - now;
  save_pictures(display_.end_frame(widgets_.theme.panel, !wanted_pictures_.empty() || screenshot_wanted_));
  widgets_.textures.end_frame();
  plots_.end_frame();
  const double cost = Display::now() - now;
  pacer_.drawn(now, cost);
  statistics_.drawn(cost, described);
  for (const Action& action : std::exchange(actions_, {})) perform(action);
}

void Application::note_size() {
  if (display_.is_iconified()) return;
  const auto size = display_.size();
  preferences_.window_width = static_cast<float>(size.width);
  preferences_.window_height = static_cast<float>(size.height);
}

void Application::save_pictures(const std::shared_ptr<const widgets::Image>& picture) {
  if (!picture) return;
  for (const fs::path& file : std::exchange(wanted_pictures_, {})) write_png(*picture, file);
  if (std::exchange(screenshot_wanted_, false)) save_screenshot(*picture);
}

void Application::save_screenshot(const widgets::Image& picture) {
  const fs::path folder = pictures_folder();
  try {
    fs::create_directories(folder);
    const fs::path file = new_picture_path(folder, std::chrono::system_clock::now());
    if (const auto part = std::exchange(part_wanted_, std::nullopt)) {
      const float scale = static_cast<float>(picture.width()) / ImGui::GetIO().DisplaySize.x; // HiDPI
      write_png(picture.part({part->x * scale, part->y * scale, part->width * scale, part->height * scale}),
                file);
      session_.say("Saved a picture of the panel: " + file.string());
    } else {
      write_png(picture, file);
      session_.say("Saved a picture of the window: " + file.string());
    }
  } catch (const std::exception& error) { // the window goes on without it
    session_.say(fmt::format("No picture was saved: {}", error.what()));
  }
  pacer_.input(Display::now());
}

void Application::perform(const Action& action) {
  pacer_.input(Display::now());
  if (std::holds_alternative<Quit>(action)) {
    quitting_ = true;
  } else if (const auto* picture = std::get_if<SaveScreenshot>(&action)) {
    part_wanted_ = picture->of_panel ? workspace_.panel_under_mouse() : std::nullopt;
    if (picture->of_panel && !part_wanted_)
      session_.say("no picture: the mouse is over no panel");
    else
      screenshot_wanted_ = true;
  } else if (std::holds_alternative<ToggleTheme>(action)) {
    preferences_.theme = preferences_.theme == "dark" ? "light" : "dark";
    look_changed_ = true;
  } else if (const auto* scale = std::get_if<ScaleFont>(&action)) {
    preferences_.font_scale = scale->factor == 0 ? 1 : preferences_.font_scale * scale->factor;
    preferences_ = in_range(std::move(preferences_));
    look_changed_ = true;
  } else if (const auto* taken = std::get_if<TakeOffer>(&action)) {
    if (keeper_) keeper_->take(taken->train, session_);
  } else if (std::holds_alternative<DeclineOffer>(action)) {
    if (keeper_) keeper_->decline();
  } else if (const auto* attention = std::get_if<SwitchAttention>(&action)) {
    session_.update(Display::now());
    const View view = session_.view({widgets_, plots_, readings_, "", actions_});
    if (!view.following)
      session_.say("switching happens at the newest step: go back to live (L) first");
    else if (auto change = workspace_.attention_switch(view, attention->keep_twin))
      session_.post(training::Intervene{std::move(*change)});
    else
      session_.say("choose another attention or temperature first; then switch to it");
  } else if (!workspace_.perform(action)) {
    session_.perform(action);
  }
}

} // namespace

int run_window(const WindowOptions& options) {
  terminal::catch_interrupts();
  Application application(options);
  return application.run();
}

} // namespace plateau::window
