// Catch2 v2 and v3 under one name. Asks for v2's header: LibTorch's own archives hold v3's, whatever is
// linked.
#pragma once
#if __has_include(<catch2/catch.hpp>)
#include <catch2/catch.hpp>
inline auto ContainsSubstring(const std::string& text) {
  return Catch::Matchers::Contains(text);
}
#else
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
#endif
