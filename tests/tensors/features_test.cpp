// Probes of grokking against plain loops, direct Fourier sums and cases whose answer is known.
#include "tests/tensors/torch_catch.h"

#include <cmath>
#include <complex>
#include <map>
#include <numbers>
#include <set>

#include "engine/probes/features.h"

using namespace plateau;
using torch::Tensor;

namespace {

double value(const probes::Output& output, const std::string& name) {
  for (const auto& [metric, number] : output.scalars)
    if (metric == name) return number;
  FAIL("no " << name);
  return 0;
}

const std::vector<float>& data(const probes::Output& output, const std::string& name,
                               const std::vector<std::int64_t>& shape) {
  INFO(name);
  REQUIRE(output.tensors.contains(name));
  REQUIRE(output.tensors.at(name)->shape == shape);
  return output.tensors.at(name)->data;
}

Tensor randn(std::vector<std::int64_t> shape) {
  return torch::randn(shape, torch::kFloat64);
}

/// [rows, columns] with these singular values and random directions.
Tensor with_singular_values(std::int64_t rows, const std::vector<double>& values) {
  const auto d = std::int64_t(values.size());
  const auto u = std::get<0>(torch::linalg_qr(randn({rows, d}))),
             v = std::get<0>(torch::linalg_qr(randn({d, d})));
  return u.matmul(torch::tensor(values, torch::kFloat64).diag()).matmul(v.t());
}

/// α and the distance, straight from their definition.
double brute_force_exponent(const std::vector<double>& values) {
  double best = NAN, least = HUGE_VAL;
  const double largest = *std::max_element(values.begin(), values.end());
  for (const double minimum : std::set<double>(values.begin(), values.end())) {
    if (minimum == largest) continue;
    double n = 0, logarithms = 0;
    for (const double x : values)
      if (x >= minimum) n += 1, logarithms += std::log(x) - std::log(minimum);
    const double alpha = 1 + n / logarithms;
    double distance = 0;
    for (const double x : values) {
      if (x < minimum) continue;
      double smaller = 0;
      for (const double other : values) smaller += other >= minimum && other < x;
      const double fitted = 1 - std::exp((1 - alpha) * std::log(x / minimum));
      distance = std::max(distance, std::abs(fitted - smaller / n));
    }
    if (distance < least) least = distance, best = alpha;
  }
  return best;
}

/// A modular operation on residues with all its pairs, in a random order.
struct Operation {
  std::string name;
  std::int64_t p, order, sign;
  std::vector<std::int64_t> place;
};

Operation operation(const std::string& name, std::int64_t p) {
  const bool additive = name == "add" || name == "subtract";
  Operation result{name, p, additive ? p : p - 1, name == "add" || name == "multiply" ? 1 : -1, {}};
  result.place.assign(std::size_t(p), -1);
  if (additive) {
    for (std::int64_t a = 0; a < p; ++a) result.place[std::size_t(a)] = a;
    return result;
  }
  for (std::int64_t generator = 2;; ++generator) { // the first whose powers are all residues
    std::fill(result.place.begin(), result.place.end(), -1);
    std::int64_t power = 1, exponent = 0;
    for (; result.place[std::size_t(power)] < 0; power = power * generator % p)
      result.place[std::size_t(power)] = exponent++;
    if (exponent == p - 1) return result;
  }
}

std::int64_t apply(const Operation& op, std::int64_t a, std::int64_t b) {
  if (op.name == "add") return (a + b) % op.p;
  if (op.name == "subtract") return (a - b + op.p) % op.p;
  if (op.name == "multiply") return a * b % op.p;
  for (std::int64_t c = 0;; ++c)
    if (c * b % op.p == a) return c; // divide
}

probes::PairTable all_pairs(const Operation& op, double trained_share) {
  std::vector<std::int64_t> a, b, c;
  const auto order = torch::randperm(op.p * op.p, torch::kInt64);
  for (std::int64_t i = 0; i < op.p * op.p; ++i) {
    const auto pair = order[i].item<std::int64_t>();
    if (op.name == "divide" && pair % op.p == 0) continue;
    a.push_back(pair / op.p);
    b.push_back(pair % op.p);
    c.push_back(apply(op, a.back(), b.back()));
  }
  probes::PairTable table;
  table.modulus = op.p;
  table.trained = std::int64_t(trained_share * double(a.size()));
  table.a = torch::tensor(a, torch::kInt64);
  table.b = torch::tensor(b, torch::kInt64);
  table.labels = torch::tensor(c, torch::kInt64);
  return table;
}

double cross_entropy(const std::vector<double>& z, std::int64_t label) {
  double sum = 0;
  for (const double value : z) sum += std::exp(value - z[std::size_t(label)]);
  return std::log(sum);
}

} // namespace

TEST_CASE("Features: effective, numerical and stable rank of known spectra") {
  torch::manual_seed(1);
  probes::Output one, equal;
  probes::feature_rank(randn({40, 1}).matmul(randn({1, 6})), one);
  CHECK(value(one, "features/effective-rank") == Approx(1).epsilon(1e-9));
  CHECK(value(one, "features/rank") == 1);
  CHECK(value(one, "features/stable-rank") == Approx(1).epsilon(1e-12));
  probes::feature_rank(with_singular_values(40, {3, 3, 3, 3, 3, 3}), equal);
  CHECK(value(equal, "features/effective-rank") == Approx(6).epsilon(1e-12));
  CHECK(value(equal, "features/rank") == 6);
  CHECK(value(equal, "features/stable-rank") == Approx(std::sqrt(6)).epsilon(1e-12));

  // Eigenvalues are the squares; float32's tolerance is 6 · 2⁻²³ = 7.15e-7 of the largest.
  const std::vector<double> lambda = {4, 2, 1, 4 * 1e-6, 4 * 6e-7, 4 * 1e-8};
  std::vector<double> roots;
  double total = 0, entropy = 0, squares = 0;
  for (const double l : lambda) roots.push_back(std::sqrt(l)), total += l, squares += l * l;
  for (const double l : lambda) entropy -= l / total * std::log(l / total);
  probes::Output mixed;
  probes::feature_rank(with_singular_values(50, roots), mixed);
  CHECK(value(mixed, "features/effective-rank") == Approx(std::exp(entropy)).epsilon(1e-9));
  CHECK(value(mixed, "features/rank") == 4);
  CHECK(value(mixed, "features/stable-rank") == Approx(std::sqrt(squares) / 4).epsilon(1e-9));
  const auto& spectrum = data(mixed, "features/spectrum", {6});
  for (std::size_t i = 0; i < 6; ++i) CHECK(spectrum[i] == Approx(lambda[i]).epsilon(1e-4));

  probes::Output nothing;
  probes::feature_rank(torch::full({3, 2}, NAN), nothing);
  CHECK(nothing.scalars.empty());
  probes::feature_rank(torch::zeros({3, 2}), nothing);
  CHECK(value(nothing, "features/effective-rank") == 0);
  CHECK(value(nothing, "features/rank") == 0);
}

TEST_CASE("Features: the exponent of a power law's tail") {
  // By hand: from 1 on α = 1 + 3 / ln 8 with distance |(1 − 1/e) − 1/3| = 0.299; from 2 on distance 0.365.
  CHECK(probes::tail_exponent(std::vector<double>{4, 2, 1}) == Approx(1 + 1 / std::log(2)).epsilon(1e-12));
  CHECK(std::isnan(probes::tail_exponent(std::vector<double>{2, 2, 0})));
  for (const double alpha : {1.4, 2.0, 3.5}) {
    std::vector<double> values;
    for (int i = 0; i < 600; ++i)
      values.push_back(std::pow(1 - (i + 0.5) / 600, -1 / (alpha - 1))); // from 1 on
    for (int i = 0; i < 200; ++i) values.push_back((i + 0.5) / 200);     // the body
    CHECK(probes::tail_exponent(values) == Approx(alpha).epsilon(0.02));
  }
  torch::manual_seed(2);
  for (int trial = 0; trial < 20; ++trial) {
    const auto drawn = randn({40}).mul(2).exp();
    std::vector<double> values(drawn.data_ptr<double>(), drawn.data_ptr<double>() + 40);
    values[7] = values[3] = values[20]; // the same one thrice
    CHECK(probes::tail_exponent(values) == Approx(brute_force_exponent(values)).epsilon(1e-9));
  }
}

TEST_CASE("Features: the Fourier basis is orthonormal and orders its frequencies") {
  for (const std::int64_t n : {5, 8, 11, 12}) {
    const auto basis = probes::fourier_basis(n);
    CHECK((basis.t().matmul(basis) - torch::eye(n, torch::kFloat64)).abs().max().item<double>() < 1e-13);
    CHECK(basis[2][1].item<double>() ==
          Approx(std::sqrt(2.0 / double(n)) * std::cos(4 * std::numbers::pi / double(n))));
    CHECK(basis[2][4].item<double>() ==
          Approx(std::sqrt(2.0 / double(n)) * std::sin(8 * std::numbers::pi / double(n))));
  }
  CHECK(probes::frequencies(113) == 56);
  CHECK(probes::frequencies(112) == 56);
}

TEST_CASE("Features: the embedding's spectrum is that of direct Fourier sums") {
  torch::manual_seed(3);
  for (const std::int64_t n : {13, 12}) {
    const std::int64_t d = 5, count = n / 2;
    const auto w = randn({n, d}) + 1;
    const auto entry = w.accessor<double, 2>();
    std::vector<std::vector<double>> f; // |DFT_k| [count + 1][d]
    for (std::int64_t k = 0; k <= count; ++k) {
      f.emplace_back();
      for (std::int64_t c = 0; c < d; ++c) {
        std::complex<double> sum = 0;
        for (std::int64_t t = 0; t < n; ++t)
          sum += entry[t][c] * std::polar(1.0, -2 * std::numbers::pi * double(k) * double(t) / double(n));
        f.back().push_back(std::abs(sum));
      }
    }
    std::vector<double> means, power;
    double within = 0, grand = 0, between = 0, total = 0;
    for (const auto& row : f) {
      double mean = 0, squares = 0;
      for (const double x : row) mean += x / double(d), squares += x * x;
      for (const double x : row) within += (x - mean) * (x - mean) / double(d * (count + 1));
      means.push_back(mean);
      grand += mean / double(count + 1);
      power.push_back(squares);
    }
    for (const double m : means) between += (m - grand) * (m - grand) / double(count + 1);
    power.erase(power.begin());
    for (const double x : power) total += x;
    double entropy = 0, participation = 0;
    for (const double x : power)
      entropy -= x / total * std::log(x / total), participation += x * x / total / total;

    probes::Output output;
    probes::embedding_spectrum(w, output);
    CHECK(value(output, "features/fourier-concentration") ==
          Approx(between / (within + 1e-8)).epsilon(1e-10));
    CHECK(value(output, "features/fourier-entropy") ==
          Approx(entropy / std::log(double(count))).epsilon(1e-10));
    CHECK(value(output, "features/fourier-participation") == Approx(1 / participation).epsilon(1e-10));
    const auto& shares = data(output, "features/embedding-spectrum", {count});
    for (std::int64_t k = 0; k < count; ++k)
      CHECK(shares[std::size_t(k)] == Approx(power[std::size_t(k)] / total).epsilon(1e-5));
    const auto strongest = std::max_element(power.begin(), power.end()) - power.begin() + 1;
    CHECK(value(output, "features/frequency") == double(strongest));
    std::sort(power.begin(), power.end());
    double weakest = 0;
    for (std::size_t i = 0; i + 5 < power.size(); ++i) weakest += power[i];
    CHECK(value(output, "features/fourier-top5") == Approx(1 - weakest / total).epsilon(1e-10));
  }
}

TEST_CASE("Features: tokens on a circle are shown on it, at angles that go on by the frequency") {
  torch::manual_seed(4);
  const std::int64_t n = 11, d = 6;
  const auto directions = std::get<0>(torch::linalg_qr(randn({d, 4})));
  const auto wave = [&](std::int64_t k, bool sine) {
    const auto angle = torch::arange(n, torch::kFloat64) * (2 * std::numbers::pi * double(k) / double(n));
    return (sine ? angle.sin() : angle.cos()).unsqueeze(1);
  };
  const auto along = [&](std::int64_t i) { return directions.select(1, i).unsqueeze(0); };
  // Frequency 3 on a circle of radius 2, frequency 1 elsewhere, and all shifted.
  const auto w = 2 * wave(3, false).matmul(along(0)) + 2 * wave(3, true).matmul(along(1)) +
                 wave(1, false).matmul(along(2)) + 0.5 * along(3) + 0.2 * along(0);
  probes::Output output;
  probes::embedding_spectrum(w, output);
  CHECK(value(output, "features/frequency") == 3);
  // 2 cos and 2 sin have power 4 + 4 against 1.
  CHECK(value(output, "features/fourier-participation") == Approx(1 / (64.0 / 81 + 1.0 / 81)).epsilon(1e-10));
  const auto& points = data(output, "features/circle", {n, 2});
  for (std::int64_t t = 0; t < n; ++t) {
    const double angle = 2 * std::numbers::pi * 3 * double(t) / double(n);
    CHECK(points[std::size_t(2 * t)] == Approx(std::cos(angle)).margin(1e-6));
    CHECK(points[std::size_t(2 * t + 1)] == Approx(std::sin(angle)).margin(1e-6));
  }

  // Cosine and sine along the same direction: a line; 1 and −1 in turn: no sine at all.
  probes::Output line, alternating;
  probes::embedding_spectrum((wave(2, false) + wave(2, true)).matmul(along(0)), line);
  const auto& on_line = data(line, "features/circle", {n, 2});
  for (std::int64_t t = 0; t < n; ++t)
    CHECK(on_line[std::size_t(2 * t)] == Approx(on_line[std::size_t(2 * t + 1)]).margin(1e-5));
  const auto turns = (torch::arange(10, torch::kFloat64).remainder(2) * 2 - 1).unsqueeze(1);
  probes::embedding_spectrum(turns.matmul(along(0)), alternating);
  CHECK(value(alternating, "features/frequency") == 5);
  const auto& flat = data(alternating, "features/circle", {10, 2});
  for (std::size_t t = 0; t < 10; ++t) {
    CHECK(std::abs(flat[2 * t]) == Approx(1).epsilon(1e-6));
    CHECK(flat[2 * t + 1] == 0);
  }
}

TEST_CASE("Features: entropies of attention by plain loops") {
  torch::manual_seed(5);
  const std::int64_t samples = 7, heads = 3, n = 3;
  const std::vector<Tensor> layers = {(randn({samples, heads, n, n}) * 3).softmax(-1),
                                      (randn({samples, heads, n, n}) * 3).softmax(-1)};
  const auto entropy = [](const std::vector<double>& weights) {
    double h = 0;
    for (const double w : weights) h -= w > 0 ? w * std::log(w) : 0;
    return h;
  };
  double joint = 0, per_head = 0;
  for (const auto& layer : layers) {
    const auto a = layer.accessor<double, 4>();
    for (std::int64_t s = 0; s < samples; ++s)
      for (std::int64_t i = 0; i < n; ++i) {
        std::vector<double> mean(std::size_t(n), 0.0);
        for (std::int64_t h = 0; h < heads; ++h) {
          std::vector<double> row;
          for (std::int64_t j = 0; j < n; ++j) {
            row.push_back(a[s][h][i][j]);
            mean[std::size_t(j)] += a[s][h][i][j] / double(heads);
          }
          if (i == n - 1) per_head += entropy(row) / double(samples * heads * 2);
        }
        joint += entropy(mean) / double(samples * n * 2);
      }
  }
  probes::Output output;
  probes::operand_attention(layers, output);
  CHECK(value(output, "features/entropy") == Approx(joint).epsilon(1e-12));
  CHECK(value(output, "features/entropy-per-head") == Approx(per_head).epsilon(1e-12));
  const auto& shown = data(output, "features/attention", {2 * heads, n});
  for (std::int64_t h = 0; h < 2 * heads; ++h)
    for (std::int64_t j = 0; j < n; ++j)
      CHECK(shown[std::size_t(h * n + j)] == Approx(layers[std::size_t(h / heads)]
                                                        .select(1, h % heads)
                                                        .select(1, n - 1)
                                                        .select(1, j)
                                                        .mean()
                                                        .item<double>())
                                                 .epsilon(1e-6));

  // One-hot heads that look at different tokens: each has no entropy, their mean has ln 2.
  probes::Output split;
  const auto one_hot = torch::zeros({1, 2, 3, 3});
  for (std::int64_t i = 0; i < 3; ++i) one_hot[0][0][i][0] = one_hot[0][1][i][1] = 1;
  probes::operand_attention({one_hot}, split);
  CHECK(value(split, "features/entropy") == Approx(std::log(2)).epsilon(1e-12));
  CHECK(value(split, "features/entropy-per-head") == Approx(0).margin(1e-12));
}

TEST_CASE("Features: collapse, margins and diagonals of all pairs by plain loops") {
  torch::manual_seed(6);
  for (const char* name : {"add", "divide"}) {
    const auto op = operation(name, 7);
    auto table = all_pairs(op, 0.4);
    const auto count = table.labels.size(0), classes = op.p + 1;
    table.logits = (randn({count, classes}) * 30).to(torch::kFloat32);
    const auto z = table.logits.accessor<float, 2>();
    double collapse = 0, margins[2] = {0, 0}, size = 0;
    std::vector<double> diagonal(std::size_t(op.p), 0.0);
    std::map<std::pair<std::int64_t, std::int64_t>, double> correct;
    for (std::int64_t i = 0; i < count; ++i) {
      const auto a = table.a[i].item<std::int64_t>(), b = table.b[i].item<std::int64_t>(),
                 y = apply(op, a, b);
      const bool trained = i < table.trained;
      double others = -HUGE_VAL, sum = 0;
      for (std::int64_t c = 0; c < classes; ++c) {
        if (c != y) others = std::max(others, double(z[i][c]));
        sum += std::exp(double(z[i][c]) - double(z[i][y]));
        size += std::abs(double(z[i][c])) / double(count * classes);
        if (c < op.p) diagonal[std::size_t((c - y + op.p) % op.p)] += z[i][c] / double(count);
      }
      if (trained) collapse += (1 - 1 / float(sum) == 0) / double(table.trained);
      margins[trained ? 0 : 1] +=
          (z[i][y] - others) / double(trained ? table.trained : count - table.trained);
      correct[{a, b}] = z[i][y];
    }
    probes::Output output;
    probes::pair_answers(table, output);
    CHECK(value(output, "features/collapse") == Approx(collapse).margin(1e-12));
    CHECK(value(output, "features/margin-train") == Approx(margins[0]).epsilon(1e-9));
    CHECK(value(output, "features/margin-validation") == Approx(margins[1]).epsilon(1e-9));
    CHECK(value(output, "features/logit-size") == Approx(size).epsilon(1e-9));
    const auto& shown = data(output, "features/diagonal", {op.p});
    for (std::int64_t j = 0; j < op.p; ++j)
      CHECK(shown[std::size_t(j)] == Approx(diagonal[std::size_t(j)]).epsilon(1e-5));
    const auto& map = data(output, "features/correct-logit", {op.p, op.p});
    for (std::int64_t i = 0; i < op.p * op.p; ++i)
      if (const auto known = correct.find({i / op.p, i % op.p}); known != correct.end())
        CHECK(map[std::size_t(i)] == float(known->second));
      else
        CHECK(std::isnan(map[std::size_t(i)]));
  }
}

TEST_CASE("Features: softmax collapse is where float32 cannot hold what is left of the gradient") {
  auto table = all_pairs(operation("add", 5), 1);
  // Half a unit in the last place of 1 is 2⁻²⁴: four classes with 2⁻²⁷ each stay below, with 2⁻²⁵ not.
  for (const auto& [exponent, expected] : {std::pair{-27, 1.0}, {-25, 0.0}}) {
    table.logits = torch::full({25, 5}, exponent * std::log(2.0), torch::kFloat64)
                       .scatter(1, table.labels.unsqueeze(1), 0.0);
    probes::Output output;
    probes::pair_answers(table, output);
    CHECK(value(output, "features/collapse") == expected);
  }
}

TEST_CASE("Features: restricted and excluded loss by direct sums over all pairs") {
  torch::manual_seed(7);
  for (const char* name : {"add", "subtract", "multiply", "divide"}) {
    INFO(name);
    const auto op = operation(name, 13);
    auto table = all_pairs(op, 0.4);
    const auto count = table.labels.size(0), classes = op.p + 1;
    table.logits = randn({count, classes}) * 2;
    const auto z = table.logits.accessor<double, 2>();
    const auto place = [&](std::int64_t residue) { return op.place[std::size_t(residue)]; };
    // [pair] its place s, or −1.
    std::vector<std::int64_t> s;
    double pairs = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const auto a = place(table.a[i].item<std::int64_t>()), b = place(table.b[i].item<std::int64_t>());
      s.push_back(a < 0 || b < 0 ? -1 : ((a + op.sign * b) % op.order + op.order) % op.order);
      pairs += s.back() >= 0;
      if (s.back() >= 0) CHECK(s.back() == place(table.labels[i].item<std::int64_t>()));
    }
    REQUIRE(pairs == double(op.order * op.order));
    const auto wave = [&](std::int64_t k, std::int64_t i) {
      return std::polar(1.0, 2 * std::numbers::pi * double(k) * double(s[std::size_t(i)]) / double(op.order));
    };
    // Projection of each class on e^{iws}: z ~ Re(conj(c) e^{iws}), c = 2 Σ z e^{iws} / pairs; where the sine
    // is 0 everywhere, without the 2.
    std::map<std::int64_t, std::vector<std::complex<double>>> coefficients;
    std::vector<std::pair<double, std::int64_t>> power;
    for (std::int64_t k = 0; 2 * k <= op.order; ++k) {
      auto& of_class = coefficients[k];
      const bool whole = k == 0 || 2 * k == op.order;
      double sum = 0;
      for (std::int64_t c = 0; c < classes; ++c) {
        std::complex<double> projection = 0;
        for (std::int64_t i = 0; i < count; ++i)
          if (s[std::size_t(i)] >= 0) projection += z[i][c] * wave(k, i) / pairs;
        of_class.push_back((whole ? 1.0 : 2.0) * projection);
        sum += std::norm(of_class.back()) * (whole ? 1 : 0.5);
      }
      if (k > 0) power.emplace_back(-sum, k);
    }
    std::sort(power.begin(), power.end());
    double restricted = 0, excluded = 0, tested = 0, trained = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      if (s[std::size_t(i)] < 0) continue;
      std::vector<double> kept, left;
      for (std::int64_t c = 0; c < classes; ++c) {
        double key = 0;
        for (std::size_t rank = 0; rank < 3; ++rank) {
          const auto k = power[rank].second;
          key += (std::conj(coefficients[k][std::size_t(c)]) * wave(k, i)).real();
        }
        kept.push_back(coefficients[0][std::size_t(c)].real() + key);
        left.push_back(z[i][c] - key);
      }
      const auto y = table.labels[i].item<std::int64_t>();
      if (i < table.trained)
        excluded += cross_entropy(left, y), ++trained;
      else
        restricted += cross_entropy(kept, y), ++tested;
    }
    const auto losses = probes::frequency_losses(table, {op.order, op.place, int(op.sign)}, 3);
    REQUIRE(losses.frequencies.size() == 3);
    for (std::size_t rank = 0; rank < 3; ++rank) CHECK(losses.frequencies[rank] == power[rank].second);
    CHECK(losses.restricted == Approx(restricted / tested).epsilon(1e-10));
    CHECK(losses.excluded == Approx(excluded / trained).epsilon(1e-10));
  }
}

TEST_CASE("Features: a network that adds by five frequencies owes all to them, one that memorised nothing") {
  torch::manual_seed(8);
  const auto op = operation("add", 53);
  auto table = all_pairs(op, 0.4);
  const std::vector<std::int64_t> key = {2, 3, 5, 7, 11};
  const auto off = (table.labels.unsqueeze(1) - torch::arange(op.p, torch::kInt64)).to(torch::kFloat64);
  table.logits = torch::full_like(off, 0.7);
  double strength = 20;
  for (const auto k : key)
    table.logits += (strength += 1) * (off * (2 * std::numbers::pi * double(k) / double(op.p))).cos();
  auto losses = probes::frequency_losses(table, {op.order, op.place, int(op.sign)});
  CHECK(losses.frequencies == std::vector<std::int64_t>{11, 7, 5, 3, 2}); // by strength
  CHECK(losses.restricted < 1e-6);
  CHECK(losses.excluded == Approx(std::log(53)).epsilon(1e-9)); // chance: all logits are equal

  table.logits = torch::zeros_like(off); // the training pairs by heart
  for (std::int64_t i = 0; i < table.trained; ++i) table.logits[i][table.labels[i]] = 20;
  losses = probes::frequency_losses(table, {op.order, op.place, int(op.sign)});
  CHECK(losses.restricted > 2); // of ln 53 = 3.97
  CHECK(losses.excluded < 1e-3);
}
