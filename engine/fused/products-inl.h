// Internal, once per instruction set: products of the small matrices inside attention.
#if defined(PLATEAU_FUSED_PRODUCTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PLATEAU_FUSED_PRODUCTS_INL_H
#undef PLATEAU_FUSED_PRODUCTS_INL_H
#else
#define PLATEAU_FUSED_PRODUCTS_INL_H
#endif

#include "engine/fused/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {

/// A matrix whose element (i, j) stands at data[i * row + j * column].
struct Strided {
  const float* data;
  std::int64_t row, column;
};

/// `kRows` rows and one or two vectors of columns of a b, kept in registers.
template<int kRows, bool kTwo, class Part>
HWY_INLINE void product_block(std::int64_t inner, Strided a, const float* HWY_RESTRICT b, std::int64_t b_row,
                              float* HWY_RESTRICT c, std::int64_t c_row, Part last) {
  const D d;
  const auto lanes = std::int64_t(hn::Lanes(d));
  auto c00 = hn::Zero(d), c10 = c00, c20 = c00, c30 = c00, c01 = c00, c11 = c00, c21 = c00, c31 = c00;
  for (std::int64_t k = 0; k < inner; ++k) {
    const float* p = a.data + k * a.column;
    const auto b0 = hn::LoadU(d, b + k * b_row);
    const auto b1 = kTwo ? hn::LoadU(d, b + k * b_row + lanes) : b0;
    const auto a0 = hn::Set(d, p[0]);
    c00 = hn::MulAdd(a0, b0, c00);
    if (kTwo) c01 = hn::MulAdd(a0, b1, c01);
    if (kRows > 1) {
      const auto a1 = hn::Set(d, p[a.row]);
      c10 = hn::MulAdd(a1, b0, c10);
      if (kTwo) c11 = hn::MulAdd(a1, b1, c11);
    }
    if (kRows > 2) {
      const auto a2 = hn::Set(d, p[2 * a.row]);
      c20 = hn::MulAdd(a2, b0, c20);
      if (kTwo) c21 = hn::MulAdd(a2, b1, c21);
    }
    if (kRows > 3) {
      const auto a3 = hn::Set(d, p[3 * a.row]);
      c30 = hn::MulAdd(a3, b0, c30);
      if (kTwo) c31 = hn::MulAdd(a3, b1, c31);
    }
  }
  const auto store = [&](V first, V second, float* out) HWY_ATTR {
    if (kTwo) {
      hn::StoreU(first, d, out);
      last.store(second, out + lanes);
    } else {
      last.store(first, out);
    }
  };
  store(c00, c01, c);
  if (kRows > 1) store(c10, c11, c + c_row);
  if (kRows > 2) store(c20, c21, c + 2 * c_row);
  if (kRows > 3) store(c30, c31, c + 3 * c_row);
}

template<bool kTwo, class Part>
HWY_INLINE void product_columns(std::int64_t rows, std::int64_t inner, Strided a, const float* b,
                                std::int64_t b_row, float* c, std::int64_t c_row, Part last) {
  std::int64_t i = 0;
  const auto at = [&](std::int64_t row) HWY_ATTR { return Strided{a.data + row * a.row, a.row, a.column}; };
  for (; i + 4 <= rows; i += 4) product_block<4, kTwo>(inner, at(i), b, b_row, c + i * c_row, c_row, last);
  if (rows - i == 3) product_block<3, kTwo>(inner, at(i), b, b_row, c + i * c_row, c_row, last);
  if (rows - i == 2) product_block<2, kTwo>(inner, at(i), b, b_row, c + i * c_row, c_row, last);
  if (rows - i == 1) product_block<1, kTwo>(inner, at(i), b, b_row, c + i * c_row, c_row, last);
}

/// c [rows, columns] = a [rows, inner] b [inner, columns]. Reads b's rows up to a vector past their end.
HWY_INLINE void product(std::int64_t rows, std::int64_t inner, std::int64_t columns, Strided a,
                        const float* b, std::int64_t b_row, float* c, std::int64_t c_row) {
  const auto lanes = std::int64_t(hn::Lanes(D()));
  std::int64_t j = 0;
  for (; j + 2 * lanes <= columns; j += 2 * lanes)
    product_columns<true>(rows, inner, a, b + j, b_row, c + j, c_row, Whole());
  const std::int64_t left = columns - j;
  if (left == 0) return;
  if (left > lanes)
    product_columns<true>(rows, inner, a, b + j, b_row, c + j, c_row, Tail(left - lanes));
  else
    product_columns<false>(rows, inner, a, b + j, b_row, c + j, c_row, Tail(left));
}

/// out [columns, rows] with rows `out_row` apart = transpose of x [rows, columns].
HWY_INLINE void transpose(const float* x, std::int64_t x_row, std::int64_t rows, std::int64_t columns,
                          float* out, std::int64_t out_row) {
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) out[j * out_row + i] = x[i * x_row + j];
}

} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
