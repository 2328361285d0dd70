#include "engine/fused/arena.h"

#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace plateau::fused {
namespace {

constexpr std::size_t huge_page = std::size_t(2) << 20;

std::size_t rounded_up(std::size_t size, std::size_t multiple) {
  return (size + multiple - 1) / multiple * multiple;
}

} // namespace

void Arena::Free::operator()(float* memory) const {
  std::free(memory);
}

void Arena::request(float*& pointer, std::int64_t count) {
  requests_.emplace_back(&pointer, count);
}

void Arena::allocate() {
  constexpr std::size_t line = 64;
  std::size_t total = 0;
  for (const auto& [pointer, count] : requests_)
    total += rounded_up(std::size_t(count) * sizeof(float) + line, line);
  total = rounded_up(total, huge_page);
  memory_.reset(static_cast<float*>(std::aligned_alloc(huge_page, total)));
  if (!memory_) throw std::bad_alloc();
#if defined(__linux__)
  madvise(memory_.get(), total, MADV_HUGEPAGE); // fewer page faults and table walks; may be refused
#endif
  std::memset(memory_.get(), 0, total);
  auto* next = reinterpret_cast<std::byte*>(memory_.get());
  for (const auto& [pointer, count] : requests_) {
    *pointer = reinterpret_cast<float*>(next);
    next += rounded_up(std::size_t(count) * sizeof(float) + line, line);
  }
}

} // namespace plateau::fused
