// Internal: matrix products by the fastest library for each shape, on one thread: the caller's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace plateau::fused {

enum class Precision {
  Float32,
  Bfloat16, // products read their inputs rounded to bfloat16 and add up in float32; all else is float32
};

/// Row-major; element (i, j) at data[i * row + j], or of its transpose.
struct MatrixView {
  const float* data;
  std::int64_t row;
  bool transposed = false;
};

/// Has this processor instructions for bfloat16 products? Without, inputs are rounded and the products done
/// in float32: the same numbers up to the order of sums, and no faster than float32.
bool has_fast_bfloat16();

/// Not for two threads at once: it keeps scratch memory.
class Gemm {
public:
  explicit Gemm(Precision precision);
  ~Gemm();
  Gemm(Gemm&&) noexcept;

  /// c [m, n] = a [m, k] b [k, n], added to c with `add`.
  void operator()(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, bool add,
                  float* c, std::int64_t c_row);

private:
  struct Bfloat16; // products by oneDNN
  struct Rounded;  // their emulation
  std::unique_ptr<Bfloat16> bfloat16_;
  std::unique_ptr<Rounded> rounded_;
};

} // namespace plateau::fused
