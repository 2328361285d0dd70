#include "engine/fused/linear_closed_form.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fused/linear_closed_form.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/fused/vectors-inl.h"

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace plateau::fused::HWY_NAMESPACE {
namespace {

template<class Real> using Tag = hn::ScalableTag<Real>;

template<class Real> std::int64_t lane_count() {
  return std::int64_t(hn::Lanes(Tag<Real>()));
}

/// One square matrix (or column) per sample of a group: element i is a vector.
template<class Real> struct PerSample {
  using V = hn::Vec<Tag<Real>>;
  Real* data;
  std::int64_t lanes;
  HWY_INLINE V operator[](std::int64_t i) const { return hn::LoadU(Tag<Real>(), data + i * lanes); }
  HWY_INLINE void set(std::int64_t i, V v) const { hn::StoreU(v, Tag<Real>(), data + i * lanes); }
  HWY_INLINE void add(std::int64_t i, V v) const { set(i, hn::Add((*this)[i], v)); }
};

/// store(i, j, sum_k a(i, k) b(k, j)) for d x d matrices, in tiles that stay in registers.
template<class A, class B, class Store>
HWY_INLINE void multiply(std::int64_t d, const A& a, const B& b, const Store& store) {
  using V = decltype(a(d, d));
  const V zero = hn::Zero(hn::DFromV<V>());
  std::int64_t i = 0;
  for (; i + 2 <= d; i += 2) {
    std::int64_t j = 0;
    for (; j + 4 <= d; j += 4) {
      V c00 = zero, c01 = zero, c02 = zero, c03 = zero, c10 = zero, c11 = zero, c12 = zero, c13 = zero;
      for (std::int64_t k = 0; k < d; ++k) {
        const V a0 = a(i, k), a1 = a(i + 1, k);
        const V b0 = b(k, j), b1 = b(k, j + 1), b2 = b(k, j + 2), b3 = b(k, j + 3);
        c00 = hn::MulAdd(a0, b0, c00), c10 = hn::MulAdd(a1, b0, c10);
        c01 = hn::MulAdd(a0, b1, c01), c11 = hn::MulAdd(a1, b1, c11);
        c02 = hn::MulAdd(a0, b2, c02), c12 = hn::MulAdd(a1, b2, c12);
        c03 = hn::MulAdd(a0, b3, c03), c13 = hn::MulAdd(a1, b3, c13);
      }
      store(i, j, c00), store(i, j + 1, c01), store(i, j + 2, c02), store(i, j + 3, c03);
      store(i + 1, j, c10), store(i + 1, j + 1, c11), store(i + 1, j + 2, c12), store(i + 1, j + 3, c13);
    }
    for (; j < d; ++j) {
      V c0 = zero, c1 = zero;
      for (std::int64_t k = 0; k < d; ++k) {
        const V right = b(k, j);
        c0 = hn::MulAdd(a(i, k), right, c0), c1 = hn::MulAdd(a(i + 1, k), right, c1);
      }
      store(i, j, c0), store(i + 1, j, c1);
    }
  }
  for (; i < d; ++i)
    for (std::int64_t j = 0; j < d; ++j) {
      V c = zero;
      for (std::int64_t k = 0; k < d; ++k) c = hn::MulAdd(a(i, k), b(k, j), c);
      store(i, j, c);
    }
}

/// store(i, sum_k a(i, k) x(k)).
template<class A, class X, class Store>
HWY_INLINE void apply(std::int64_t d, const A& a, const X& x, const Store& store) {
  for (std::int64_t i = 0; i < d; ++i) {
    auto sum = hn::Mul(a(i, 0), x(0));
    for (std::int64_t k = 1; k < d; ++k) sum = hn::MulAdd(a(i, k), x(k), sum);
    store(i, sum);
  }
}

/// What a layer keeps for the backward pass.
template<class Real> struct Layer { PerSample<Real> G, h, x, U, T, TG, g, u; };

template<class Real> std::int64_t workspace_size(std::int64_t layers, std::int64_t d) {
  const std::int64_t matrix = d * d, per_layer = 4 * matrix + 4 * d;
  return (per_layer * (layers + 1) + 5 * matrix + 6 * d + 2 * layers * matrix) * lane_count<Real>();
}

/// The loss of groups [begin, end), summed and scaled; their gradient, unless null, summed over samples; each
/// sample's residual, unless null.
template<class Real>
double evaluate(const LinearShape& shape, const Real* parameters, const Real* tokens, std::int64_t begin,
                std::int64_t end, Real scale, Real* workspace, Real* gradient, Real* residuals) {
  using V = hn::Vec<Tag<Real>>;
  const Tag<Real> tag;
  const std::int64_t L = shape.layers, d = shape.width, n = shape.context, lanes = lane_count<Real>();
  Real* next = workspace;
  const auto take = [&](std::int64_t count) {
    const PerSample<Real> part{next, lanes};
    next += count * lanes;
    return part;
  };
  std::vector<Layer<Real>> layers;
  for (std::int64_t l = 0; l <= L; ++l)
    layers.push_back(
        {take(d * d), take(d), take(d), take(d * d), take(d * d), take(d * d), take(d), take(d)});
  const auto dG = take(d * d), dT = take(d * d), M = take(d * d), dU = take(d * d), S = take(d * d);
  const auto dh = take(d), dx = take(d), dg = take(d), du = take(d), v = take(d);
  const auto sums = take(2 * L * d * d); // gradients, lane by lane
  std::fill_n(sums.data, 2 * L * d * d * lanes, Real(0));
  const V inverse_n = hn::Set(tag, 1 / Real(n));
  V loss = hn::Zero(tag);

  for (std::int64_t group = begin; group < end; ++group) {
    const PerSample<Real> prompt{const_cast<Real*>(tokens) + group * (n + 1) * (d + 1) * lanes, lanes};
    const auto token = [&](std::int64_t j, std::int64_t i) HWY_ATTR { return prompt[j * (d + 1) + i]; };
    const auto& first = layers[0];
    for (std::int64_t i = 0; i < d; ++i) {
      for (std::int64_t k = i; k < d; ++k) {
        V sum = hn::Zero(tag);
        for (std::int64_t j = 0; j < n; ++j) sum = hn::MulAdd(token(j, i), token(j, k), sum);
        first.G.set(i * d + k, sum);
        first.G.set(k * d + i, sum);
      }
      V sum = hn::Zero(tag);
      for (std::int64_t j = 0; j < n; ++j) sum = hn::MulAdd(token(j, i), token(j, d), sum);
      first.h.set(i, sum);
      first.x.set(i, token(n, i));
    }

    V s = token(n, d);
    for (std::int64_t l = 0; l < L; ++l) {
      const auto& at = layers[std::size_t(l)];
      const auto& to = layers[std::size_t(l) + 1];
      const Real* p = parameters + 2 * l * d * d;
      const Real* q = p + d * d;
      const auto P = [&](std::int64_t i, std::int64_t k) HWY_ATTR { return hn::Set(tag, p[i * d + k]); };
      const auto Q = [&](std::int64_t i, std::int64_t k) HWY_ATTR { return hn::Set(tag, q[i * d + k]); };
      apply(
          d, Q, [&](std::int64_t k) HWY_ATTR { return at.h[k]; },
          [&](std::int64_t i, V sum) HWY_ATTR { at.g.set(i, hn::Mul(sum, inverse_n)); });
      for (std::int64_t i = 0; i < d; ++i) s = hn::MulAdd(at.g[i], at.x[i], s);
      if (l == L - 1) break; // the rest of the last layer is never read
      const auto G = [&](std::int64_t i, std::int64_t k) HWY_ATTR { return at.G[i * d + k]; };
      const auto T = [&](std::int64_t i, std::int64_t k) HWY_ATTR { return at.T[i * d + k]; };
      multiply(d, P, G,
               [&](std::int64_t i, std::int64_t j, V value) HWY_ATTR { at.U.set(i * d + j, value); });
      multiply(
          d, [&](std::int64_t i, std::int64_t k) HWY_ATTR { return at.U[i * d + k]; },
          [&](std::int64_t k, std::int64_t j) HWY_ATTR { return Q(j, k); },
          [&](std::int64_t i, std::int64_t j, V value)
              HWY_ATTR { at.T.set(i * d + j, hn::MulAdd(value, inverse_n, hn::Set(tag, Real(i == j)))); });
      multiply(d, T, G,
               [&](std::int64_t i, std::int64_t j, V value) HWY_ATTR { at.TG.set(i * d + j, value); });
      multiply(
          d, [&](std::int64_t i, std::int64_t k) HWY_ATTR { return at.TG[i * d + k]; },
          [&](std::int64_t k, std::int64_t j) HWY_ATTR { return T(j, k); },
          [&](std::int64_t i, std::int64_t j, V value) HWY_ATTR { to.G.set(i * d + j, value); });
      apply(
          d, G, [&](std::int64_t k) HWY_ATTR { return at.g[k]; },
          [&](std::int64_t i, V sum) HWY_ATTR { at.u.set(i, hn::Add(at.h[i], sum)); });
      apply(
          d, T, [&](std::int64_t k) HWY_ATTR { return at.u[k]; },
          [&](std::int64_t i, V sum) HWY_ATTR { to.h.set(i, sum); });
      apply(
          d, T, [&](std::int64_t k) HWY_ATTR { return at.x[k]; },
          [&](std::int64_t i, V sum) HWY_ATTR { to.x.set(i, sum); });
    }
    loss = hn::MulAdd(s, s, loss);
    if (residuals) hn::StoreU(s, tag, residuals + group * lanes);
    if (!gradient) continue;

    const V ds = hn::Mul(s, hn::Set(tag, 2 * scale));
    for (std::int64_t l = L - 1; l >= 0; --l) {
      const auto& at = layers[std::size_t(l)];
      const bool last = l == L - 1, wanted = l > 0; // are gradients of this layer's G, h, x wanted?
      const Real* p = parameters + 2 * l * d * d;
      const Real* q = p + d * d;
      const PerSample<Real> d_p{sums.data + 2 * l * d * d * lanes, lanes};
      const PerSample<Real> d_q{sums.data + (2 * l + 1) * d * d * lanes, lanes};
      for (std::int64_t i = 0; i < d; ++i) dg.set(i, hn::Mul(ds, at.x[i]));
      if (last) {
        std::fill_n(dG.data, d * d * lanes, Real(0));
        for (std::int64_t i = 0; i < d; ++i) {
          dx.set(i, hn::Mul(ds, at.g[i]));
          dh.set(i, hn::Zero(tag));
        }
      } else {
        // dG, dh, dx are those of the layer above.
        const auto T = [&](std::int64_t i, std::int64_t k) HWY_ATTR { return at.T[i * d + k]; };
        const auto Tt = [&](std::int64_t i, std::int64_t k) HWY_ATTR { return at.T[k * d + i]; };
        for (std::int64_t i = 0; i < d; ++i)
          for (std::int64_t k = 0; k < d; ++k) S.set(i * d + k, hn::Add(dG[i * d + k], dG[k * d + i]));
        // T G is kept; d(T G T^T) = (dG + dG^T) (T G), as G is symmetric.
        multiply(
            d, [&](std::int64_t i, std::int64_t k) HWY_ATTR { return S[i * d + k]; },
            [&](std::int64_t k, std::int64_t j) HWY_ATTR { return at.TG[k * d + j]; },
            [&](std::int64_t i, std::int64_t j, V value) HWY_ATTR {
              value = hn::MulAdd(dx[i], at.x[j], value);
              dT.set(i * d + j, hn::MulAdd(dh[i], at.u[j], value));
            });
        apply(
            d, Tt, [&](std::int64_t k) HWY_ATTR { return dh[k]; },
            [&](std::int64_t i, V sum) HWY_ATTR { du.set(i, sum); });
        apply(
            d, [&](std::int64_t i, std::int64_t k) HWY_ATTR { return at.G[i * d + k]; },
            [&](std::int64_t k) HWY_ATTR { return du[k]; },
            [&](std::int64_t i, V sum) HWY_ATTR { dg.add(i, sum); });
        if (wanted) {
          apply(
              d, Tt, [&](std::int64_t k) HWY_ATTR { return dx[k]; },
              [&](std::int64_t i, V sum) HWY_ATTR { v.set(i, hn::MulAdd(ds, at.g[i], sum)); });
          for (std::int64_t i = 0; i < d; ++i) {
            dx.set(i, v[i]);
            dh.set(i, du[i]);
          }
          multiply(
              d, Tt, [&](std::int64_t k, std::int64_t j) HWY_ATTR { return dG[k * d + j]; },
              [&](std::int64_t i, std::int64_t j, V value) HWY_ATTR { M.set(i * d + j, value); });
          multiply(
              d, [&](std::int64_t i, std::int64_t k) HWY_ATTR { return M[i * d + k]; }, T,
              [&](std::int64_t i, std::int64_t j, V value)
                  HWY_ATTR { dG.set(i * d + j, hn::MulAdd(du[i], at.g[j], value)); });
        }
        multiply(
            d, [&](std::int64_t i, std::int64_t k) HWY_ATTR { return dT[i * d + k]; },
            [&](std::int64_t k, std::int64_t j) HWY_ATTR { return hn::Set(tag, q[k * d + j]); },
            [&](std::int64_t i, std::int64_t j, V value)
                HWY_ATTR { dU.set(i * d + j, hn::Mul(value, inverse_n)); });
        multiply(
            d, [&](std::int64_t i, std::int64_t k) HWY_ATTR { return dT[k * d + i]; },
            [&](std::int64_t k, std::int64_t j) HWY_ATTR { return at.U[k * d + j]; },
            [&](std::int64_t i, std::int64_t j, V value)
                HWY_ATTR { d_q.set(i * d + j, hn::MulAdd(value, inverse_n, d_q[i * d + j])); });
        multiply(
            d, [&](std::int64_t i, std::int64_t k) HWY_ATTR { return dU[i * d + k]; },
            [&](std::int64_t k, std::int64_t j) HWY_ATTR { return at.G[k * d + j]; },
            [&](std::int64_t i, std::int64_t j, V value) HWY_ATTR { d_p.add(i * d + j, value); });
        if (wanted)
          multiply(
              d, [&](std::int64_t i, std::int64_t k) HWY_ATTR { return hn::Set(tag, p[k * d + i]); },
              [&](std::int64_t k, std::int64_t j) HWY_ATTR { return dU[k * d + j]; },
              [&](std::int64_t i, std::int64_t j, V value) HWY_ATTR { dG.add(i * d + j, value); });
      }
      for (std::int64_t i = 0; i < d; ++i) {
        const V up = hn::Mul(dg[i], inverse_n);
        for (std::int64_t j = 0; j < d; ++j) d_q.set(i * d + j, hn::MulAdd(up, at.h[j], d_q[i * d + j]));
      }
      if (wanted)
        apply(
            d, [&](std::int64_t i, std::int64_t k) HWY_ATTR { return hn::Set(tag, q[k * d + i]); },
            [&](std::int64_t k) HWY_ATTR { return dg[k]; },
            [&](std::int64_t i, V sum) HWY_ATTR { dh.set(i, hn::MulAdd(sum, inverse_n, dh[i])); });
    }
  }
  if (gradient)
    for (std::int64_t i = 0; i < 2 * L * d * d; ++i) gradient[i] = hn::GetLane(hn::SumOfLanes(tag, sums[i]));
  return double(hn::GetLane(hn::SumOfLanes(tag, loss))) * double(scale);
}

// Dispatched functions have names, not template arguments.
std::int64_t LanesFloat() {
  return lane_count<float>();
}
std::int64_t LanesDouble() {
  return lane_count<double>();
}
std::int64_t WorkspaceFloat(std::int64_t layers, std::int64_t d) {
  return workspace_size<float>(layers, d);
}
std::int64_t WorkspaceDouble(std::int64_t layers, std::int64_t d) {
  return workspace_size<double>(layers, d);
}
double EvaluateFloat(const LinearShape& shape, const float* parameters, const float* tokens,
                     std::int64_t begin, std::int64_t end, float scale, float* workspace, float* gradient,
                     float* residuals) {
  return evaluate(shape, parameters, tokens, begin, end, scale, workspace, gradient, residuals);
}
double EvaluateDouble(const LinearShape& shape, const double* parameters, const double* tokens,
                      std::int64_t begin, std::int64_t end, double scale, double* workspace, double* gradient,
                      double* residuals) {
  return evaluate(shape, parameters, tokens, begin, end, scale, workspace, gradient, residuals);
}

} // namespace
} // namespace plateau::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace plateau::fused {

HWY_EXPORT(LanesFloat);
HWY_EXPORT(LanesDouble);
HWY_EXPORT(WorkspaceFloat);
HWY_EXPORT(WorkspaceDouble);
HWY_EXPORT(EvaluateFloat);
HWY_EXPORT(EvaluateDouble);

namespace {

constexpr std::int64_t most_parts = 8; // as many threads can share a batch

template<class Real> struct Dispatch;
template<> struct Dispatch<float> {
  static std::int64_t lanes() { return HWY_DYNAMIC_DISPATCH(LanesFloat)(); }
  static std::int64_t workspace(const LinearShape& shape) {
    return HWY_DYNAMIC_DISPATCH(WorkspaceFloat)(shape.layers, shape.width);
  }
  template<class... Arguments> static double evaluate(Arguments... arguments) {
    return HWY_DYNAMIC_DISPATCH(EvaluateFloat)(arguments...);
  }
};
template<> struct Dispatch<double> {
  static std::int64_t lanes() { return HWY_DYNAMIC_DISPATCH(LanesDouble)(); }
  static std::int64_t workspace(const LinearShape& shape) {
    return HWY_DYNAMIC_DISPATCH(WorkspaceDouble)(shape.layers, shape.width);
  }
  template<class... Arguments> static double evaluate(Arguments... arguments) {
    return HWY_DYNAMIC_DISPATCH(EvaluateDouble)(arguments...);
  }
};

} // namespace

template<class Real>
LinearPrompts<Real>::LinearPrompts(const LinearShape& shape, std::int64_t count, const float* prompts,
                                   const float* targets)
    : count(count) {
  const std::int64_t lanes = Dispatch<Real>::lanes(), row = shape.width + 1, n = shape.context + 1;
  groups = (count + lanes - 1) / lanes;
  tokens.assign(std::size_t(groups * n * row * lanes), Real(0));
  for (std::int64_t sample = 0; sample < count; ++sample) {
    Real* out = tokens.data() + sample / lanes * n * row * lanes + sample % lanes;
    const float* in = prompts + sample * n * row;
    for (std::int64_t i = 0; i < n * row; ++i) out[i * lanes] = Real(in[i]);
    out[(n * row - 1) * lanes] = Real(targets[sample]);
  }
}

template<class Real>
LinearClosedForm<Real>::LinearClosedForm(const LinearShape& shape)
    : shape_(shape), workspaces_(most_parts), gradients_(most_parts) {
  for (auto& workspace : workspaces_) workspace.resize(std::size_t(Dispatch<Real>::workspace(shape)));
  for (auto& gradient : gradients_) gradient.resize(std::size_t(shape.parameters()));
}

template<class Real>
double LinearClosedForm<Real>::run(const Real* parameters, const LinearPrompts<Real>& prompts,
                                   parallel::WorkerPool& pool, bool wants_gradient, Real* residuals) {
  const std::int64_t parts = std::clamp<std::int64_t>(prompts.groups, 1, most_parts);
  const Real scale = 1 / Real(prompts.count);
  std::vector<double> losses(std::size_t(parts), 0.0);
  pool.run(int(parts), [&](int i) {
    const auto part = std::size_t(i);
    losses[part] = Dispatch<Real>::evaluate(
        shape_, parameters, static_cast<const Real*>(prompts.tokens.data()), i * prompts.groups / parts,
        (i + 1) * prompts.groups / parts, scale, workspaces_[part].data(),
        wants_gradient ? gradients_[part].data() : nullptr, residuals);
  });
  double loss = 0;
  for (const double part : losses) loss += part;
  return loss;
}

template<class Real>
double LinearClosedForm<Real>::gradient(const Real* parameters, const LinearPrompts<Real>& prompts,
                                        parallel::WorkerPool& pool, Real* gradient) {
  const double loss = run(parameters, prompts, pool, true, nullptr);
  std::fill_n(gradient, shape_.parameters(), Real(0));
  const auto parts = std::size_t(std::clamp<std::int64_t>(prompts.groups, 1, most_parts));
  for (std::size_t part = 0; part < parts; ++part)
    for (std::size_t i = 0; i < gradients_[part].size(); ++i) gradient[i] += gradients_[part][i];
  return loss;
}

template<class Real>
std::vector<Real> LinearClosedForm<Real>::residuals(const Real* parameters,
                                                    const LinearPrompts<Real>& prompts,
                                                    parallel::WorkerPool& pool) {
  std::vector<Real> all(prompts.tokens.size() / std::size_t((shape_.context + 1) * (shape_.width + 1)));
  run(parameters, prompts, pool, false, all.data());
  all.resize(std::size_t(prompts.count));
  return all;
}

template struct LinearPrompts<float>;
template struct LinearPrompts<double>;
template class LinearClosedForm<float>;
template class LinearClosedForm<double>;

} // namespace plateau::fused
#endif
