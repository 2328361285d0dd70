// Python, for tests that let others read what Plateau writes.
#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/catch.h"

namespace plateau::test {

/// A Python that has this module: the one that CMake found or the system's; empty when neither has.
inline std::string python_with(const std::string& module) {
  for (const std::string python : {PLATEAU_PYTHON, "/usr/bin/python3"})
    if (std::system((python + " -c 'import " + module + "' 2>/dev/null").c_str()) == 0) return python;
  return "";
}

/// What the command prints. Its standard error is the test's. Fails the test unless it exits with 0.
inline std::string output_of(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string text;
  std::array<char, 4096> buffer;
  while (const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    text.append(buffer.data(), count);
  INFO(command);
  REQUIRE(pclose(pipe) == 0);
  return text;
}

} // namespace plateau::test
