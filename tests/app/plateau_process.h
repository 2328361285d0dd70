// Launches the `plateau` executable as a shell would, in a folder and a home of its own.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace plateau::test {

/// A fresh folder, removed at the end.
class Scratch {
public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path / name; }

  std::filesystem::path path;
};

struct Outcome {
  int exit_code = -1; // 128 + signal when a signal ended it
  std::string out, err;
  std::vector<std::string> out_lines() const;
  std::vector<std::string> err_lines() const;
};

/// A running `plateau`, with its working directory and all XDG folders inside `scratch` and no display.
/// `environment` is added to that.
class PlateauProcess {
public:
  PlateauProcess(const Scratch& scratch, const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment = {});
  ~PlateauProcess();
  PlateauProcess(const PlateauProcess&) = delete;
  PlateauProcess& operator=(const PlateauProcess&) = delete;

  std::string out_so_far() const;
  /// Waits until standard output contains `text`; false when the process ended or `limit` passed first.
  bool wait_for_output(const std::string& text, std::chrono::seconds limit = std::chrono::seconds(120));
  void send(int signal);
  Outcome wait();

private:
  bool ended();

  pid_t process_ = -1;
  int status_ = 0;
  bool ended_ = false;
  std::filesystem::path out_, err_;
};

/// Starts it and waits for its end.
Outcome launch(const Scratch& scratch, const std::vector<std::string>& arguments,
               const std::map<std::string, std::string>& environment = {});

/// Writes a study that trains in a blink, "tiny.toml", and returns its path.
std::string write_tiny_study(const Scratch& scratch, int steps = 40);

std::string read_file(const std::filesystem::path& path);

} // namespace plateau::test
