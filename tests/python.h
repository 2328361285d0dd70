// Python, for tests that let others read what Plateau writes.
#pragma once

#include <cstdlib>
#include <string>

#include "tests/output_of.h"

namespace plateau::test {

/// A Python that has this module: the one that CMake found or the system's; empty when neither has.
inline std::string python_with(const std::string& module) {
  for (const std::string python : {PLATEAU_PYTHON, "/usr/bin/python3"})
    if (std::system((python + " -c 'import " + module + "' 2>/dev/null").c_str()) == 0) return python;
  return "";
}

} // namespace plateau::test
