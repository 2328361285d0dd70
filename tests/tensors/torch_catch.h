// LibTorch's logging defines CHECK and friends, which Catch2 defines too: LibTorch first, then Catch2's.
#pragma once

#include <torch/torch.h>

#undef CHECK
#undef CHECK_EQ
#undef CHECK_NE
#undef CHECK_LE
#undef CHECK_LT
#undef CHECK_GE
#undef CHECK_GT
#undef INFO
#undef WARN
#undef FAIL
#undef REQUIRE
#include "tests/catch.h"
