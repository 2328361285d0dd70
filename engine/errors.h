// The two kinds of failure a person can meet. Both carry one clear line: what, where, what to do.
#pragma once

#include <stdexcept>
#include <string>

namespace plateau {

/// Bad usage or bad input (unknown key, value out of range, missing data, foreign file). Exit code 2.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Something failed while running (disk full, device lost, numerics). Exit code 1.
struct RunError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace plateau
