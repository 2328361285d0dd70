#include "tests/app/plateau_process.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace plateau::test {
namespace fs = std::filesystem;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void redirect(int descriptor, const char* path, int flags) {
  const int file = open(path, flags, 0644);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(126);
  close(file);
}

} // namespace

Scratch::Scratch() {
  std::string pattern = (fs::temp_directory_path() / "plateau-test-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make a folder for the test");
  path = pattern;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

std::vector<std::string> Outcome::out_lines() const {
  return lines_of(out);
}
std::vector<std::string> Outcome::err_lines() const {
  return lines_of(err);
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

PlateauProcess::PlateauProcess(const Scratch& scratch, const std::vector<std::string>& arguments,
                               const std::map<std::string, std::string>& environment) {
  static int count = 0;
  ++count;
  const fs::path home = scratch / "home";
  fs::create_directories(home);
  out_ = home / fmt::format("out-{}", count);
  err_ = home / fmt::format("err-{}", count);

  std::map<std::string, std::string> variables = {{"HOME", home.string()},
                                                  {"XDG_CONFIG_HOME", (home / "config").string()},
                                                  {"XDG_DATA_HOME", (home / "data").string()},
                                                  {"XDG_STATE_HOME", (home / "state").string()},
                                                  {"DISPLAY", ""},
                                                  {"WAYLAND_DISPLAY", ""}};
  for (const auto& [name, value] : environment) variables[name] = value;

  std::vector<char*> argv{const_cast<char*>(PLATEAU_EXECUTABLE)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  process_ = fork();
  if (process_ < 0) throw std::runtime_error("fork failed");
  if (process_ == 0) {
    for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
    if (chdir(scratch.path.c_str()) != 0) _exit(126);
    redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
    redirect(STDOUT_FILENO, out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
    redirect(STDERR_FILENO, err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
    execv(PLATEAU_EXECUTABLE, argv.data());
    _exit(127);
  }
}

PlateauProcess::~PlateauProcess() {
  if (ended()) return;
  kill(process_, SIGKILL);
  waitpid(process_, &status_, 0);
}

bool PlateauProcess::ended() {
  if (!ended_) ended_ = waitpid(process_, &status_, WNOHANG) == process_;
  return ended_;
}

std::string PlateauProcess::out_so_far() const {
  return read_file(out_);
}

bool PlateauProcess::wait_for_output(const std::string& text, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    const bool over = ended();
    if (out_so_far().find(text) != std::string::npos) return true;
    if (over) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

void PlateauProcess::send(int signal) {
  if (!ended()) kill(process_, signal);
}

Outcome PlateauProcess::wait() {
  if (!ended_) {
    waitpid(process_, &status_, 0);
    ended_ = true;
  }
  const int exit_code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  return {exit_code, read_file(out_), read_file(err_)};
}

Outcome launch(const Scratch& scratch, const std::vector<std::string>& arguments,
               const std::map<std::string, std::string>& environment) {
  return PlateauProcess(scratch, arguments, environment).wait();
}

std::string write_tiny_study(const Scratch& scratch, int steps) {
  const fs::path path = scratch / "tiny.toml";
  std::ofstream(path) << fmt::format(R"(name = "tiny"
title = "A tiny study"

[task]
validation_samples = 64

[model]
width = 16
heads = 2
depth = 1

[training]
steps = {}
batch_size = 8
evaluate_every = 10
checkpoint_every = 20

[probes]
samples = 8
map_samples = 2
attention_every = 10
saturation_every = 10
gradients_every = 10
weights_every = 10
components_every = 10

[[member]]
name = "ViT"
seed = 3
)",
                                     steps);
  return path.string();
}

} // namespace plateau::test
