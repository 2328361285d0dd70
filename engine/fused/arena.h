// Internal: one block of memory for all activations of a step, allocated once and reused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace plateau::fused {

class Arena {
public:
  /// `pointer` gets room for `count` floats when the arena is allocated; it must stay where it is until then.
  void request(float*& pointer, std::int64_t count);
  /// Zeroed, each part on its own cache lines, with a vector's room behind it.
  void allocate();

private:
  struct Free {
    void operator()(float* memory) const;
  };
  std::vector<std::pair<float**, std::int64_t>> requests_;
  std::unique_ptr<float, Free> memory_;
};

} // namespace plateau::fused
