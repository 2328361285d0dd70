// Other programs, for tests that let them read what Plateau writes.
#pragma once

#include <array>
#include <cstdio>
#include <string>

#include "tests/catch.h"

namespace plateau::test {

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
