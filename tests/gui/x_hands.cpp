#include "tests/gui/x_hands.h"

#include <chrono>
#include <cstdio>
#include <stdexcept>

#include <fmt/format.h>

#ifdef PLATEAU_TESTS_HAVE_XLIB
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <poll.h>
#endif

namespace plateau::test {
namespace fs = std::filesystem;

bool hands_available() {
  if (on_path("xdotool")) return true;
  fmt::print(stderr, "SKIPPED: xdotool is not installed (Debian: apt install xdotool)\n");
  return false;
}

XHands::XHands(const XServer& server)
    : display_(server.display()), tool_("DISPLAY=" + server.display() + " xdotool ") {
  window_ = run_tool(tool_ + "search --sync --onlyvisible --class plateau | head -1");
  window_ = window_.substr(0, window_.find('\n'));
}

void XHands::click(const std::string& output, const std::string& item) const {
  const auto at = output.rfind("item " + item + " ");
  int x = 0, y = 0, width = 0, height = 0;
  if (at == std::string::npos ||
      std::sscanf(output.c_str() + at + 6 + item.size(), "%d %d %d %d", &x, &y, &width, &height) != 4)
    throw std::runtime_error("no item " + item + " in " + output);
  run_tool(fmt::format("{} mousemove --window {} {} {} sleep 0.3 click 1 2>&1", tool_, window_, x + width / 2,
                       y + height / 2));
}

void XHands::key(const std::string& chord) const {
  run_tool(fmt::format("{} windowfocus {} sleep 0.3 key {} sleep 0.3 2>&1", tool_, window_, chord));
}

void XHands::type(const std::string& text) const {
  run_tool(fmt::format("{} windowfocus {} sleep 0.3 type --delay 40 '{}' 2>&1", tool_, window_, text));
}

#ifdef PLATEAU_TESTS_HAVE_XLIB

bool XHands::can_drop() {
  return true;
}

bool XHands::drop(const std::vector<fs::path>& files) const {
  std::string list;
  for (const fs::path& file : files) list += "file://" + file.string() + "\r\n";
  Display* const x = XOpenDisplay(display_.c_str());
  if (!x) throw std::runtime_error("cannot open display " + display_);
  const auto atom = [&](const char* name) { return XInternAtom(x, name, False); };
  const Window source = XCreateSimpleWindow(x, DefaultRootWindow(x), 0, 0, 1, 1, 0, 0, 0);
  const Window target = std::stoul(window_);
  const auto say = [&](const char* message, long second, long third, long fourth, long fifth) {
    XEvent event{};
    event.xclient.type = ClientMessage;
    event.xclient.window = target;
    event.xclient.message_type = atom(message);
    event.xclient.format = 32;
    const long data[] = {static_cast<long>(source), second, third, fourth, fifth};
    for (int i = 0; i < 5; ++i) event.xclient.data.l[i] = data[i];
    XSendEvent(x, target, False, NoEventMask, &event);
    XFlush(x);
  };
  XSetSelectionOwner(x, atom("XdndSelection"), source, CurrentTime);
  say("XdndEnter", 5L << 24, static_cast<long>(atom("text/uri-list")), 0, 0);
  say("XdndPosition", 0, 300L << 16 | 300L, CurrentTime, static_cast<long>(atom("XdndActionCopy")));
  bool taken = false, over = false;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!over && std::chrono::steady_clock::now() < end) {
    if (!XPending(x)) {
      pollfd ready{ConnectionNumber(x), POLLIN, 0};
      poll(&ready, 1, 200);
      continue;
    }
    XEvent event;
    XNextEvent(x, &event);
    if (event.type == SelectionRequest) {
      const XSelectionRequestEvent& wanted = event.xselectionrequest;
      XChangeProperty(x, wanted.requestor, wanted.property, wanted.target, 8, PropModeReplace,
                      reinterpret_cast<const unsigned char*>(list.data()), static_cast<int>(list.size()));
      XEvent answer{};
      answer.xselection.type = SelectionNotify;
      answer.xselection.requestor = wanted.requestor;
      answer.xselection.selection = wanted.selection;
      answer.xselection.target = wanted.target;
      answer.xselection.property = wanted.property;
      answer.xselection.time = wanted.time;
      XSendEvent(x, wanted.requestor, False, NoEventMask, &answer);
      XFlush(x);
    } else if (event.type == ClientMessage && event.xclient.message_type == atom("XdndStatus")) {
      if (event.xclient.data.l[1] & 1)
        say("XdndDrop", 0, CurrentTime, 0, 0);
      else
        over = true;
    } else if (event.type == ClientMessage && event.xclient.message_type == atom("XdndFinished")) {
      taken = over = true;
    }
  }
  XCloseDisplay(x);
  return taken;
}

#else

bool XHands::can_drop() {
  fmt::print(stderr, "SKIPPED: built without Xlib (Debian: apt install libx11-dev)\n");
  return false;
}
bool XHands::drop(const std::vector<fs::path>&) const {
  return false;
}

#endif

} // namespace plateau::test
