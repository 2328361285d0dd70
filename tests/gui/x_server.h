// An X server of the test's own (Xvfb), so that plain `ctest` opens real windows.
#pragma once

#include <map>
#include <string>

#include <sys/types.h>

namespace plateau::test {

/// Whether Xvfb is installed; when not, says on standard error that the test is skipped.
bool x_server_available();

class XServer {
public:
  /// Takes a display number that is free. Throws when Xvfb does not start.
  explicit XServer(int width = 1280, int height = 800);
  ~XServer();
  XServer(const XServer&) = delete;
  XServer& operator=(const XServer&) = delete;

  const std::string& display() const { return display_; } // ":7"
  /// What a program needs to draw there with software OpenGL that leaves the cores alone.
  std::map<std::string, std::string> environment() const;

private:
  pid_t process_ = -1;
  std::string display_;
};

/// Runs a program on the search path and returns its standard output; throws when it fails.
std::string run_tool(const std::string& command);
bool on_path(const std::string& program);

} // namespace plateau::test
