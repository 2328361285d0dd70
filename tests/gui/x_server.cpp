#include "tests/gui/x_server.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace plateau::test {

bool on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((std::filesystem::path(folder) / program).c_str(), X_OK) == 0) return true;
  return false;
}

bool x_server_available() {
  if (on_path("Xvfb")) return true;
  fmt::print(stderr, "SKIPPED: Xvfb is not installed (Debian: apt install xvfb)\n");
  return false;
}

XServer::XServer(int width, int height) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("pipe failed");
  const std::string screen = fmt::format("{}x{}x24", width, height);
  const std::string descriptor = std::to_string(ends[1]);
  process_ = fork();
  if (process_ == 0) {
    close(ends[0]);
    if (const int nowhere = open("/dev/null", O_WRONLY); nowhere >= 0) {
      dup2(nowhere, STDOUT_FILENO);
      dup2(nowhere, STDERR_FILENO);
    }
    execlp("Xvfb", "Xvfb", "-displayfd", descriptor.c_str(), "-screen", "0", screen.c_str(), "-nolisten",
           "tcp", "-noreset", nullptr);
    _exit(127);
  }
  close(ends[1]);
  // Xvfb writes the number of its display when it is ready.
  std::string number;
  pollfd ready{ends[0], POLLIN, 0};
  while (number.find('\n') == std::string::npos && poll(&ready, 1, 30'000) > 0) {
    std::array<char, 16> text{};
    const ssize_t count = read(ends[0], text.data(), text.size());
    if (count <= 0) break;
    number.append(text.data(), static_cast<std::size_t>(count));
  }
  close(ends[0]);
  if (number.find('\n') == std::string::npos) throw std::runtime_error("Xvfb did not start");
  display_ = ":" + number.substr(0, number.find('\n'));
}

XServer::~XServer() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
}

std::map<std::string, std::string> XServer::environment() const {
  return {{"DISPLAY", display_},
          {"LIBGL_ALWAYS_SOFTWARE", "1"},
          {"LP_NUM_THREADS", "1"},
          {"WAYLAND_DISPLAY", ""}};
}

std::string run_tool(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string output;
  std::array<char, 256> text{};
  while (std::fgets(text.data(), text.size(), pipe)) output += text.data();
  const int status = pclose(pipe);
  if (status != 0) throw std::runtime_error(fmt::format("'{}' failed: {}", command, output));
  return output;
}

} // namespace plateau::test
