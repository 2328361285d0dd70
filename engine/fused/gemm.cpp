#include "engine/fused/gemm.h"

#include <cblas.h>
#ifdef PLATEAU_WITH_ONEDNN
#include <oneapi/dnnl/dnnl.hpp>
#endif

#include <array>

#include "engine/errors.h"
#include "engine/fused/kernels.h"

namespace plateau::fused {
namespace {

using Shape = std::array<std::int64_t, 7>; // m, n, k, is a transposed, is b, c's row, add

/// convert(from, count, to) for the matrix's rows as they are stored; `out` has no gaps between them.
template<class Out, class Convert>
void for_packed_rows(MatrixView matrix, std::int64_t rows, std::int64_t columns, std::vector<Out>& out,
                     const Convert& convert) {
  if (matrix.transposed) std::swap(rows, columns);
  if (out.size() < std::size_t(rows * columns)) out.resize(std::size_t(rows * columns));
  if (matrix.row == columns) return convert(matrix.data, rows * columns, out.data());
  for (std::int64_t i = 0; i < rows; ++i)
    convert(matrix.data + i * matrix.row, columns, out.data() + i * columns);
}

} // namespace

#ifdef PLATEAU_WITH_ONEDNN

namespace {

/// oneDNN's generated kernels beat OpenBLAS by 15-30 % on our widths, except for large weight gradients;
/// outside x86-64 it has none for float32.
bool prefer_onednn([[maybe_unused]] bool a_transposed, [[maybe_unused]] std::int64_t m,
                   [[maybe_unused]] std::int64_t n) {
#if defined(__x86_64__)
  return !a_transposed || m * n < 128 * 384;
#else
  return false;
#endif
}

} // namespace

struct Gemm::Bfloat16 {
  struct Product {
    dnnl::matmul matmul;
    dnnl::memory a, b, c;
  };

  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  std::map<Shape, Product> products;
  std::vector<std::uint16_t> a, b;

  Product& product(const Shape& shape) {
    if (const auto found = products.find(shape); found != products.end()) return found->second;
    using dims = dnnl::memory::dims;
    using type = dnnl::memory::data_type;
    const auto [m, n, k, a_transposed, b_transposed, c_row, add] = shape;
    // Both inputs are packed when they are rounded: their rows have no gaps.
    const dnnl::memory::desc a_desc(dims{m, k}, type::bf16, a_transposed ? dims{1, m} : dims{k, 1});
    const dnnl::memory::desc b_desc(dims{k, n}, type::bf16, b_transposed ? dims{1, k} : dims{n, 1});
    const dnnl::memory::desc c_desc(dims{m, n}, type::f32, dims{c_row, 1});
    dnnl::primitive_attr attributes;
    if (add) {
      dnnl::post_ops sum;
      sum.append_sum(1);
      attributes.set_post_ops(sum);
    }
    const dnnl::matmul::primitive_desc description({a_desc, b_desc, c_desc}, attributes, engine);
    return products
        .emplace(shape, Product{dnnl::matmul(description),
                                {a_desc, engine, nullptr},
                                {b_desc, engine, nullptr},
                                {c_desc, engine, nullptr}})
        .first->second;
  }

  static void round(MatrixView matrix, std::int64_t rows, std::int64_t columns,
                    std::vector<std::uint16_t>& out) {
    for_packed_rows(matrix, rows, columns, out,
                    [](const float* x, std::int64_t count, std::uint16_t* y) { to_bfloat16(x, count, y); });
  }
};

bool has_fast_bfloat16() {
  static const bool has = [] {
    const auto isa = dnnl::get_effective_cpu_isa();
    return isa == dnnl::cpu_isa::avx512_core_bf16 || isa == dnnl::cpu_isa::avx512_core_amx;
  }();
  return has;
}

#else // OpenBLAS alone

struct Gemm::Bfloat16 {};

bool has_fast_bfloat16() {
  return false;
}

#endif

struct Gemm::Rounded {
  std::vector<float> a, b;

  /// The rounded matrix without gaps.
  static MatrixView round(MatrixView matrix, std::int64_t rows, std::int64_t columns,
                          std::vector<float>& out) {
    for_packed_rows(matrix, rows, columns, out,
                    [](const float* x, std::int64_t count, float* y) { round_to_bfloat16(x, count, y); });
    return {out.data(), matrix.transposed ? rows : columns, matrix.transposed};
  }
};

Gemm::Gemm(Precision precision) {
  if (precision == Precision::Float32) return;
  if (has_fast_bfloat16())
    bfloat16_ = std::make_unique<Bfloat16>();
  else
    rounded_ = std::make_unique<Rounded>();
}
Gemm::~Gemm() = default;
Gemm::Gemm(Gemm&&) noexcept = default;

void Gemm::operator()(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, bool add,
                      float* c, std::int64_t c_row) {
#ifdef PLATEAU_WITH_ONEDNN
  if (bfloat16_) {
    auto& work = *bfloat16_;
    Bfloat16::round(a, m, k, work.a);
    Bfloat16::round(b, k, n, work.b);
    auto& product = work.product({m, n, k, a.transposed, b.transposed, c_row, add});
    product.a.set_data_handle(work.a.data());
    product.b.set_data_handle(work.b.data());
    product.c.set_data_handle(c);
    product.matmul.execute(
        work.stream, {{DNNL_ARG_SRC, product.a}, {DNNL_ARG_WEIGHTS, product.b}, {DNNL_ARG_DST, product.c}});
    work.stream.wait();
    return;
  }
#endif
  if (rounded_) {
    a = Rounded::round(a, m, k, rounded_->a);
    b = Rounded::round(b, k, n, rounded_->b);
  }
#ifdef PLATEAU_WITH_ONEDNN
  if (prefer_onednn(a.transposed, m, n)) {
    if (dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', m, n, k, 1, a.data, a.row, b.data,
                   b.row, add ? 1 : 0, c, c_row) != dnnl_success)
      throw RunError("a matrix product failed in oneDNN");
    return;
  }
#endif
  const auto order = [](const MatrixView& x) { return x.transposed ? CblasTrans : CblasNoTrans; };
  cblas_sgemm(CblasRowMajor, order(a), order(b), int(m), int(n), int(k), 1, a.data, int(a.row), b.data,
              int(b.row), add ? 1 : 0, c, int(c_row));
}

} // namespace plateau::fused
