#include "app/window/display.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <glad/gl.h>
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <fmt/format.h>
#include <imgui.h>
#include <spdlog/spdlog.h>

#include "engine/errors.h"

namespace plateau::window {

void WakeSignal::raise() {
  if (!raised_.exchange(true) && !closed_) glfwPostEmptyEvent();
}

void WakeSignal::close() {
  closed_ = true;
}

namespace {

// Kept for the message when GLFW cannot open a window; GLFW itself is one per process.
std::string last_glfw_error;

void remember_error(int, const char* description) {
  last_glfw_error = description;
}

Display& display_of(GLFWwindow* window) {
  return *static_cast<Display*>(glfwGetWindowUserPointer(window));
}

[[noreturn]] void fail(const std::string& what) {
  const std::string reason = last_glfw_error.empty() ? "" : fmt::format(" ({})", last_glfw_error);
  glfwTerminate();
  throw InputError(what + reason);
}

} // namespace

Display::Display(WindowSize size, bool fits, const std::string& title) : title_(title) {
  glfwSetErrorCallback(remember_error);
  if (!glfwInit())
    fail("no display: start Plateau in a desktop session (or set DISPLAY), or train without a window: "
         "'plateau run STUDY'");
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
  glfwWindowHintString(GLFW_X11_CLASS_NAME, "plateau");
  if (GLFWmonitor* screen = fits ? glfwGetPrimaryMonitor() : nullptr) {
    int x = 0, y = 0, most_wide = 0, most_high = 0;
    glfwGetMonitorWorkarea(screen, &x, &y, &most_wide, &most_high);
    if (most_wide > 0) size.width = std::min(size.width, most_wide);
    if (most_high > 0) size.height = std::min(size.height, most_high);
  }
  window_ = glfwCreateWindow(size.width, size.height, title.c_str(), nullptr, nullptr);
  if (!window_) fail("cannot open a window: Plateau needs OpenGL 3.3 (on Debian: libgl1-mesa-dri)");
  glfwSetWindowSizeLimits(window_, 640, 480, GLFW_DONT_CARE, GLFW_DONT_CARE);
  glfwMakeContextCurrent(window_);
  if (!gladLoadGL(glfwGetProcAddress)) fail("cannot load OpenGL 3.3 (on Debian: libgl1-mesa-dri)");
  // Frames are paced by FramePacer; waiting for the screen as well would only block the thread.
  glfwSwapInterval(0);

  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr; // nothing into the working directory
  connect_callbacks();                  // before ImGui's own, which call these
  ImGui_ImplGlfw_InitForOpenGL(window_, true);
  ImGui_ImplOpenGL3_Init("#version 330 core");
  // Wayland lacks some calls and says so: from here on that is a note.
  glfwSetErrorCallback([](int, const char* description) { spdlog::debug("GLFW: {}", description); });
}

Display::~Display() {
  ImGui_ImplOpenGL3_Shutdown();
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  glfwDestroyWindow(window_);
  glfwTerminate();
}

void Display::connect_callbacks() {
  glfwSetWindowUserPointer(window_, this);
  glfwSetKeyCallback(window_, [](GLFWwindow* w, int key, int scancode, int action, int modifiers) {
    Display& self = display_of(w);
    self.activity_ = true;
    const bool released = action == GLFW_RELEASE;
    if (action == GLFW_PRESS && key >= 0) self.pressed_keys_.push_back(key);
    if (std::string chord = chord_of(key, scancode, released ? 0 : modifiers); !chord.empty())
      self.keys_.push_back({std::move(chord), action == GLFW_REPEAT, released});
  });
  glfwSetCharCallback(window_, [](GLFWwindow* w, unsigned character) {
    display_of(w).activity_ = true;
    // Where "?" is depends on the layout, so it is taken as it is written.
    if (character == '?') display_of(w).keys_.push_back({.chord = "?"});
  });
  glfwSetMouseButtonCallback(window_, [](GLFWwindow* w, int, int, int) { display_of(w).activity_ = true; });
  glfwSetCursorPosCallback(window_, [](GLFWwindow* w, double, double) { display_of(w).activity_ = true; });
  glfwSetCursorEnterCallback(window_, [](GLFWwindow* w, int) { display_of(w).activity_ = true; });
  glfwSetScrollCallback(window_, [](GLFWwindow* w, double, double) { display_of(w).activity_ = true; });
  glfwSetWindowFocusCallback(window_, [](GLFWwindow* w, int) { display_of(w).activity_ = true; });
  glfwSetFramebufferSizeCallback(window_, [](GLFWwindow* w, int, int) { display_of(w).activity_ = true; });
  glfwSetWindowContentScaleCallback(window_,
                                    [](GLFWwindow* w, float, float) { display_of(w).activity_ = true; });
  glfwSetWindowRefreshCallback(window_, [](GLFWwindow* w) { display_of(w).activity_ = true; });
  glfwSetWindowIconifyCallback(window_, [](GLFWwindow* w, int) { display_of(w).activity_ = true; });
  glfwSetDropCallback(window_, [](GLFWwindow* w, int count, const char** paths) {
    Display& self = display_of(w);
    self.activity_ = true;
    self.dropped_files_.assign(paths, paths + count);
  });
}

void Display::wait_events(double seconds) {
  if (seconds > 0)
    glfwWaitEventsTimeout(seconds);
  else
    glfwPollEvents();
}

void Display::begin_frame(const std::function<void()>& between) {
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  if (between) between();
#if IMGUI_VERSION_NUM < 18700
  // It only knows keys that are down at a frame: a tap between two slow frames would be lost.
  for (const int key : pressed_keys_) ImGui::GetIO().KeysDown[key] = true;
#endif
  ImGui::NewFrame();
#if IMGUI_VERSION_NUM < 18700
  for (const int key : pressed_keys_)
    if (glfwGetKey(window_, key) == GLFW_RELEASE) ImGui::GetIO().KeysDown[key] = false;
#endif
  pressed_keys_.clear();
}

std::shared_ptr<const widgets::Image> Display::end_frame(widgets::Color background, bool capture) {
  ImGui::Render();
  int width = 0, height = 0;
  glfwGetFramebufferSize(window_, &width, &height);
  glViewport(0, 0, width, height);
  glClearColor(background.r, background.g, background.b, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());

  std::shared_ptr<const widgets::Image> picture;
  if (capture && width > 0 && height > 0) {
    const std::size_t row = static_cast<std::size_t>(width) * 4;
    std::vector<std::uint8_t> upside_down(row * static_cast<std::size_t>(height));
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, upside_down.data());
    std::vector<std::uint8_t> pixels(upside_down.size());
    for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y)
      std::copy_n(upside_down.end() - static_cast<std::ptrdiff_t>((y + 1) * row), row,
                  pixels.begin() + static_cast<std::ptrdiff_t>(y * row));
    for (std::size_t i = 3; i < pixels.size(); i += 4) pixels[i] = 255;
    picture = std::make_shared<widgets::Image>(width, height, std::move(pixels));
  }
  glfwSwapBuffers(window_);
  return picture;
}

bool Display::close_requested() const {
  return glfwWindowShouldClose(window_);
}
bool Display::is_focused() const {
  return glfwGetWindowAttrib(window_, GLFW_FOCUSED);
}
bool Display::is_iconified() const {
  return glfwGetWindowAttrib(window_, GLFW_ICONIFIED);
}

float Display::content_scale() const {
  int width = 0, height = 0, pixel_width = 0, pixel_height = 0;
  glfwGetWindowSize(window_, &width, &height);
  glfwGetFramebufferSize(window_, &pixel_width, &pixel_height);
  if (pixel_width != width) return 1; // the system scales
  float x = 1, y = 1;
  glfwGetWindowContentScale(window_, &x, &y);
  return std::clamp(x, 0.5f, 4.f);
}

void Display::set_title(const std::string& title) {
  if (title == title_) return;
  title_ = title;
  glfwSetWindowTitle(window_, title.c_str());
}

void Display::set_size(int width, int height) {
  glfwSetWindowSize(window_, width, height);
}

Display::WindowSize Display::size() const {
  int width = 0, height = 0;
  glfwGetWindowSize(window_, &width, &height);
  const float scale = content_scale(); // GLFW_SCALE_TO_MONITOR multiplies by it
  return {static_cast<int>(std::lround(static_cast<float>(width) / scale)),
          static_cast<int>(std::lround(static_cast<float>(height) / scale))};
}

void Display::renew_font_texture() {
#if IMGUI_VERSION_NUM < 19200
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
#endif
}

bool Display::take_activity() {
  return std::exchange(activity_, false);
}
std::vector<KeyPress> Display::take_keys() {
  return std::exchange(keys_, {});
}
std::vector<std::filesystem::path> Display::take_dropped_files() {
  return std::exchange(dropped_files_, {});
}
double Display::now() {
  return glfwGetTime();
}

} // namespace plateau::window
