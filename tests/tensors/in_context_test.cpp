// Probes of in-context learning against independent computations in plain doubles, and on maps made by hand.
#include "tests/tensors/torch_catch.h"

#include <cmath>
#include <map>

#include "engine/probes/cross_entropy.h"
#include "engine/probes/in_context.h"
#include "engine/probes/spectrum.h"
#include "engine/tasks/random.h"

using namespace plateau;
using torch::Tensor;
using Matrix = std::vector<std::vector<double>>;

namespace {

Tensor normals(std::vector<std::int64_t> shape, std::uint64_t seed) {
  auto result = torch::empty(shape, torch::kFloat64);
  tasks::Random random(seed, tasks::Purpose::Estimate, 0, 0);
  double* value = result.data_ptr<double>();
  for (std::int64_t i = 0; i < result.numel(); ++i) value[i] = random.normals()[0];
  return result;
}

Tensor choices(std::vector<std::int64_t> shape, std::uint32_t count, std::uint64_t seed) {
  auto result = torch::empty(shape, torch::kInt64);
  tasks::Random random(seed, tasks::Purpose::Estimate, 1, 0);
  std::int64_t* value = result.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < result.numel(); ++i) value[i] = random.below(count);
  return result;
}

/// Rows whose position along `classes` random directions tells their target, and noise.
Tensor telling(const Tensor& targets, std::int64_t classes, std::int64_t width, double noise,
               std::uint64_t seed) {
  const auto directions = normals({classes, width}, 77);
  return directions.index_select(0, targets.flatten()) + noise * normals({targets.numel(), width}, seed);
}

/// Gaussian elimination with partial pivoting; b becomes the solution of a x = b.
void solve(Matrix a, std::vector<double>& b) {
  const auto n = a.size();
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row)
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    std::swap(a[column], a[pivot]);
    std::swap(b[column], b[pivot]);
    for (std::size_t row = column + 1; row < n; ++row) {
      const double factor = a[row][column] / a[column][column];
      for (std::size_t k = column; k < n; ++k) a[row][k] -= factor * a[column][k];
      b[row] -= factor * b[column];
    }
  }
  for (std::size_t row = n; row-- > 0;) {
    for (std::size_t k = row + 1; k < n; ++k) b[row] -= a[row][k] * b[k];
    b[row] /= a[row][row];
  }
}

/// The ridge scores of one probe, the intercept as one more column without a penalty: n, d, loops.
Matrix plain_scores(const Tensor& made_from, const Tensor& targets, std::int64_t classes, double penalty,
                    const Tensor& asked) {
  const auto n = made_from.size(0), d = made_from.size(1);
  std::vector<double> mean(std::size_t(d), 0), deviation(std::size_t(d), 0);
  for (std::int64_t j = 0; j < d; ++j) {
    for (std::int64_t i = 0; i < n; ++i) mean[std::size_t(j)] += made_from[i][j].item<double>() / double(n);
    for (std::int64_t i = 0; i < n; ++i)
      deviation[std::size_t(j)] +=
          std::pow(made_from[i][j].item<double>() - mean[std::size_t(j)], 2) / double(n);
    deviation[std::size_t(j)] = std::sqrt(deviation[std::size_t(j)]);
  }
  const auto row_of = [&](const Tensor& features, std::int64_t i) {
    std::vector<double> row(std::size_t(d) + 1, 1); // the last is the intercept's
    for (std::int64_t j = 0; j < d; ++j)
      row[std::size_t(j)] =
          (features[i][j].item<double>() - mean[std::size_t(j)]) / deviation[std::size_t(j)];
    return row;
  };
  Matrix products(std::size_t(d) + 1, std::vector<double>(std::size_t(d) + 1, 0)),
      sums(std::size_t(classes), std::vector<double>(std::size_t(d) + 1, 0));
  for (std::int64_t i = 0; i < n; ++i) {
    const auto row = row_of(made_from, i);
    for (std::size_t a = 0; a < row.size(); ++a) {
      for (std::size_t b = 0; b < row.size(); ++b) products[a][b] += row[a] * row[b];
      sums[std::size_t(targets[i].item<std::int64_t>())][a] += row[a];
    }
  }
  for (std::size_t j = 0; j < std::size_t(d); ++j) products[j][j] += penalty * double(n);
  for (auto& sum : sums) solve(products, sum);
  Matrix scores;
  for (std::int64_t i = 0; i < asked.size(0); ++i) {
    const auto row = row_of(asked, i);
    auto& score = scores.emplace_back(std::size_t(classes), 0);
    for (std::size_t c = 0; c < score.size(); ++c)
      for (std::size_t j = 0; j < row.size(); ++j) score[c] += row[j] * sums[c][j];
  }
  return scores;
}

using Values = std::map<std::string, double>;
Values values_of(const probes::Output& output) {
  return {output.scalars.begin(), output.scalars.end()};
}

/// Two sequences of four pairs: two attributes of three levels, the rules 1 and 0, a permutation of labels
/// each. Cells are 3 v0 + v1.
struct HandMadePairs {
  HandMadePairs() {
    shape = {.kind = tasks::InputShape::Kind::Pairs,
             .vocabulary = 3,
             .positions = 8,
             .outputs = 8,
             .item_width = 2};
    batch.count = 2;
    batch.rules = {1, 0};
    add({{0, 2}, {1, 2}, {0, 0}, {2, 2}}, 1, {2, 0, 1}); // values of the rule 2 2 0 2: labels 1 1 2 1
    add({{0, 1}, {1, 1}, {0, 2}, {1, 0}}, 0, {0, 1, 2}); // 0 1 0 1: labels 0 1 0 1
  }

  void add(std::vector<std::array<std::int64_t, 2>> items, std::size_t rule,
           std::vector<std::int64_t> labels) {
    for (const auto& item : items) {
      const auto label = labels[std::size_t(item[rule])];
      batch.tokens.insert(batch.tokens.end(), {3 * item[0] + item[1], 9 + label});
      batch.items.insert(batch.items.end(), {0.5f, float(item[0]), float(label), 0});
      batch.labels.insert(batch.labels.end(), {label, -1});
      batch.attributes.insert(batch.attributes.end(), {item[0], item[1], -1, -1});
    }
  }

  tasks::InputShape shape;
  tasks::Batch batch;
};

void put(Tensor& maps, const probes::Glance& glance, std::int64_t head, std::int64_t key, double weight) {
  maps[glance.sample][head][glance.query][key] = weight;
}

Tensor uniform_maps(std::int64_t samples, std::int64_t heads, std::int64_t tokens) {
  auto map = torch::ones({tokens, tokens}, torch::kFloat64).tril();
  map = map / map.sum(1, true);
  return map.expand({samples, heads, tokens, tokens}).clone();
}

} // namespace

TEST_CASE("In context: ridge probes solve the normal equations, several at once") {
  const std::int64_t n = 60, d = 7, classes = 3;
  const auto features = normals({n, d}, 1) * torch::arange(1, d + 1) + 3;
  const auto targets = choices({n, 2}, classes, 2);
  const auto asked = normals({11, d}, 3) * 4;
  for (const double penalty : {1e-6, 0.01, 0.5}) {
    const probes::RidgeProbe probe(features, targets, classes, penalty);
    const auto scores = probe.scores(asked);
    REQUIRE(scores.sizes() == std::vector<std::int64_t>{11, 2, classes});
    double right = 0;
    for (std::int64_t which = 0; which < 2; ++which) {
      const auto expected = plain_scores(features, targets.select(1, which), classes, penalty, asked);
      for (std::int64_t i = 0; i < asked.size(0); ++i) {
        const auto& row = expected[std::size_t(i)];
        for (std::int64_t c = 0; c < classes; ++c)
          REQUIRE(scores[i][which][c].item<double>() == Approx(row[std::size_t(c)]).margin(1e-9));
        right +=
            std::max_element(row.begin(), row.end()) - row.begin() == targets[i][which].item<std::int64_t>();
      }
    }
    CHECK(probe.accuracy(asked, targets.slice(0, 0, 11)) == Approx(right / 22));
  }
}

TEST_CASE("In context: a ridge probe finds what features tell, and nothing else") {
  const std::int64_t classes = 4, width = 12, made = 400, asked = 800;
  const auto known = choices({made, 1}, classes, 5), fresh = choices({asked, 1}, classes, 6);
  const auto told = telling(known, classes, width, 0.1, 7), tested = telling(fresh, classes, width, 0.1, 8);
  const probes::RidgeProbe probe(told, known, classes);
  CHECK(probe.accuracy(tested, fresh) == 1);
  // Asked for other targets than it was made for.
  CHECK(probe.accuracy(tested, (fresh + 1).remainder(classes)) == 0);
  // Features that have nothing to do with the targets.
  const probes::RidgeProbe blind(normals({made, width}, 9), known, classes);
  CHECK(blind.accuracy(normals({asked, width}, 10), fresh) == Approx(1.0 / classes).margin(0.06));
  // XOR of two signs: no linear probe sees it.
  const auto signs = choices({made, 2}, 2, 11), other_signs = choices({asked, 2}, 2, 12);
  const probes::RidgeProbe straight(signs.to(torch::kFloat64), signs.sum(1, true).remainder(2), 2);
  CHECK(straight.accuracy(other_signs.to(torch::kFloat64), other_signs.sum(1, true).remainder(2)) < 0.8);
  // Made from one set and tested on the other, either way; not the same number by construction.
  const probes::RidgeProbe swapped(tested, fresh, classes);
  CHECK(swapped.accuracy(told, known) == 1);
}

TEST_CASE("In context: a ridge probe depends neither on units nor on what does not vary") {
  const std::int64_t classes = 3, width = 5;
  const auto known = choices({90, 1}, classes, 20), fresh = choices({40, 1}, classes, 21);
  const auto told = telling(known, classes, width, 1, 22), tested = telling(fresh, classes, width, 1, 23);
  const auto with = [](const Tensor& x) {
    return torch::cat({1e3 * x - 7, torch::full({x.size(0), 1}, 5.3), torch::zeros({x.size(0), 1})}, 1);
  };
  const probes::RidgeProbe plain(told, known, classes), other(with(told), known, classes);
  CHECK((plain.scores(tested) - other.scores(with(tested))).abs().max().item<double>() < 1e-9);
  CHECK(plain.accuracy(tested, fresh) > 0.5);
  // What is not finite is said to be unknown.
  auto broken = told.clone();
  broken[3][1] = std::nan("");
  CHECK(std::isnan(probes::RidgeProbe(broken, known, classes).accuracy(tested, fresh)));
  auto broken_test = tested.clone();
  broken_test[0][0] = HUGE_VAL;
  CHECK(std::isnan(plain.accuracy(broken_test, fresh)));
}

TEST_CASE("In context: where heads may look in pairs of items and labels") {
  const HandMadePairs made;
  const auto found = probes::lookups(made.batch, made.shape, 3, 2);
  REQUIRE(found.previous.size() == 8);
  for (const auto& glance : found.previous) {
    CHECK(glance.query % 2 == 1);
    CHECK(glance.keys == std::vector<std::int64_t>{glance.query - 1});
  }
  struct Expected {
    std::int64_t sample, query;
    std::vector<std::int64_t> keys;
  };
  const auto same = [](const std::vector<probes::Glance>& glances, const std::vector<Expected>& expected) {
    REQUIRE(glances.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(glances[i].sample == expected[i].sample);
      CHECK(glances[i].query == expected[i].query);
      CHECK(glances[i].keys == expected[i].keys);
    }
  };
  // By the rule's factor: 2 2 0 2 and 0 1 0 1. A permutation of labels agrees where the factor does.
  const std::vector<Expected> by_rule = {{0, 2, {1}}, {0, 6, {1, 3}}, {1, 4, {1}}, {1, 6, {3}}};
  same(found.induction, by_rule);
  same(found.right_label, by_rule);
  same(probes::lookups(made.batch, made.shape, 3, 1).induction, {by_rule[0], by_rule[1]});

  // Without rules: by the items' own tokens; labels need not follow them. Only the last is asked for.
  auto classified = made.batch;
  classified.rules.clear();
  classified.attributes.clear();
  classified.tokens = {4, 9, 5, 9, 4, 10, 4, 10, 5, 9, 6, 9, 7, 9, 8, 9};
  classified.labels = {-1, -1, -1, -1, -1, -1, 1, -1, -1, -1, -1, -1, -1, -1, 2, -1};
  const auto by_token = probes::lookups(classified, made.shape, 3, 2);
  same(by_token.induction, {{0, 6, {1, 5}}});
  same(by_token.right_label, {{0, 6, {1, 3}}}); // shown labels 1 1 2
}

TEST_CASE("In context: where heads may look in tokens") {
  tasks::Batch batch;
  batch.count = 1;
  batch.tokens = {1, 2, 1, 2, 2};
  batch.labels = {2, 1, 2, 2, -1};
  tasks::InputShape shape{
      .kind = tasks::InputShape::Kind::Tokens, .vocabulary = 3, .positions = 5, .outputs = 5};
  const auto found = probes::lookups(batch, shape, 3, 64);
  CHECK(found.previous.size() == 4);
  CHECK(found.previous[2].query == 3);
  CHECK(found.previous[2].keys == std::vector<std::int64_t>{2});
  REQUIRE(found.induction.size() == 2); // places 2 and 3 come again; nothing is asked at the last
  CHECK(found.induction[0].query == 2);
  CHECK(found.induction[0].keys == std::vector<std::int64_t>{1});
  CHECK(found.induction[1].query == 3);
  CHECK(found.induction[1].keys == std::vector<std::int64_t>{2});
  REQUIRE(found.right_label.size() == 3); // at place 0 there is no 2 yet
  CHECK(found.right_label[0].query == 1);
  CHECK(found.right_label[0].keys == std::vector<std::int64_t>{0});
  CHECK(found.right_label[2].keys == std::vector<std::int64_t>{1, 3});

  // Recall: keys 0 … 2, values 3 … 5, the key 1 comes again and its value is class 2.
  batch.tokens = {0, 4, 1, 5, 1};
  batch.labels = {2};
  shape.vocabulary = 6;
  shape.outputs = 1;
  const auto recall = probes::lookups(batch, shape, 3, 1);
  REQUIRE(recall.induction.size() == 1);
  CHECK(recall.induction[0].query == 4);
  CHECK(recall.induction[0].keys == std::vector<std::int64_t>{3});
  REQUIRE(recall.right_label.size() == 1);
  CHECK(recall.right_label[0].keys == std::vector<std::int64_t>{3});
}

TEST_CASE("In context: scores of heads that are uniform, look back one, or are perfect induction heads") {
  const HandMadePairs made;
  const auto found = probes::lookups(made.batch, made.shape, 3, 2);
  auto maps = uniform_maps(2, 3, 8);
  // Head 2 looks back one; head 3 puts all on what it looks for.
  for (const auto& glance : found.previous) {
    maps[glance.sample][1][glance.query].zero_();
    put(maps, glance, 1, glance.query - 1, 1);
  }
  for (const auto& glance : found.induction) {
    maps[glance.sample][2][glance.query].zero_();
    for (const auto key : glance.keys) put(maps, glance, 2, key, 1 / double(glance.keys.size()));
  }
  probes::Output output;
  probes::head_scores({uniform_maps(2, 3, 8), maps}, found, output);
  const auto value = values_of(output);
  CHECK(value.size() == 2 * 3 * 3);
  double back = 0; // of uniform attention: the mean of 1 / (i + 1) at i = 1, 3, 5, 7
  for (const double i : {1, 3, 5, 7}) back += 0.25 / (i + 1);
  for (const char* layer : {"layer1/head1", "layer1/head3", "layer2/head1"}) {
    CHECK(value.at(std::string("head/induction/") + layer) == Approx(1));
    CHECK(value.at(std::string("head/previous-token/") + layer) == Approx(back));
    // 1/3, 2/7, 1/5, 1/7
    CHECK(value.at(std::string("head/right-label/") + layer) ==
          Approx((1.0 / 3 + 2.0 / 7 + 1.0 / 5 + 1.0 / 7) / 4));
  }
  CHECK(value.at("head/previous-token/layer2/head2") == Approx(1));
  CHECK(value.at("head/right-label/layer2/head3") == Approx(1));
  // All on k of i + 1 visible tokens: (i + 1) / k
  CHECK(value.at("head/induction/layer2/head3") == Approx((3.0 / 1 + 7.0 / 2 + 5.0 / 1 + 7.0 / 1) / 4));
  // A head that looks at nothing it could use.
  auto idle = torch::eye(8, torch::kFloat64).expand({2, 1, 8, 8});
  probes::Output nothing;
  probes::head_scores({idle}, found, nothing);
  for (const auto& [metric, number] : nothing.scalars) CHECK(number == 0);
  // Where no query finds anything there is no score.
  probes::Output empty;
  probes::head_scores({idle}, {}, empty);
  CHECK(empty.scalars.empty());
}

TEST_CASE("In context: ranks, cosines and deviations are those of their definitions") {
  // Orthogonal rows of equal length use all directions alike; copies of one use one.
  CHECK(probes::effective_rank(probes::spectrum(3 * torch::eye(5, torch::kFloat64))) == Approx(5));
  CHECK(probes::stable_rank(probes::spectrum(3 * torch::eye(4, torch::kFloat64))) == Approx(2));
  const auto one = normals({1, 6}, 30).expand({9, 6});
  CHECK(probes::effective_rank(probes::spectrum(one)) == Approx(1));
  CHECK(probes::stable_rank(probes::spectrum(one)) == Approx(1));
  CHECK(probes::effective_rank(probes::spectrum(torch::zeros({3, 2}))) == 0);
  CHECK(probes::stable_rank(probes::spectrum(torch::zeros({3, 2}))) == 0);

  const auto x = normals({20, 6}, 31) * torch::arange(1, 7);
  const auto eigenvalues = probes::spectrum(x);
  REQUIRE(eigenvalues.size() == 6);
  const auto singular = std::get<1>(torch::linalg_svd(x, false)); // descending
  double sum = 0, entropy = 0;
  for (std::int64_t i = 0; i < 6; ++i) {
    const double value = std::pow(singular[i].item<double>(), 2);
    CHECK(eigenvalues[std::size_t(i)] == Approx(value));
    sum += value;
  }
  for (const double value : eigenvalues) entropy -= value / sum * std::log(value / sum);
  CHECK(probes::effective_rank(eigenvalues) == Approx(std::exp(entropy)));
  const auto products = x.t().matmul(x);
  const double frobenius = products.norm().item<double>(),
               largest = std::get<1>(torch::linalg_svd(products, false))[0].item<double>();
  CHECK(probes::stable_rank(eigenvalues) == Approx(frobenius / largest));
  auto broken = x.clone();
  broken[0][0] = std::nan("");
  CHECK(std::isnan(probes::effective_rank(probes::spectrum(broken))));
  CHECK(std::isnan(probes::stable_rank(probes::spectrum(broken))));

  double cosines = 0, deviations = 0;
  for (std::int64_t i = 0; i < 20; ++i) {
    for (std::int64_t j = 0; j < 20; ++j)
      if (i != j) cosines += (x[i].dot(x[j]) / x[i].norm() / x[j].norm()).item<double>() / (20 * 19);
    double mean = 0, variance = 0;
    for (std::int64_t c = 0; c < 6; ++c) mean += x[i][c].item<double>() / 6;
    for (std::int64_t c = 0; c < 6; ++c) variance += std::pow(x[i][c].item<double>() - mean, 2) / 6;
    deviations += std::sqrt(variance) / 20;
  }
  CHECK(probes::pairwise_cosine(x) == Approx(cosines));
  CHECK(probes::logit_deviation(x) == Approx(deviations));
  CHECK(probes::pairwise_cosine(torch::cat({one, 3 * one})) == Approx(1));
  CHECK(probes::pairwise_cosine(torch::eye(4)) == Approx(0).margin(1e-12));
  CHECK(probes::pairwise_cosine(torch::tensor({{1.0, 0.0}, {0.0, 0.0}, {1.0, 0.0}})) == Approx(1.0 / 3));
}

TEST_CASE("In context: shares of answers and cross entropies leave out what is not asked for") {
  const auto logits = normals({4, 3, 5}, 40);
  auto labels = choices({4, 3}, 5, 41) - choices({4, 3}, 2, 42) * 6;
  labels = labels.clamp_min(-1);
  double right = 0, asked = 0, loss = 0;
  for (std::int64_t i = 0; i < 4; ++i)
    for (std::int64_t j = 0; j < 3; ++j) {
      const auto label = labels[i][j].item<std::int64_t>();
      if (label < 0) continue;
      double sum = 0;
      bool largest = true;
      for (std::int64_t c = 0; c < 5; ++c) {
        sum += std::exp(logits[i][j][c].item<double>());
        largest = largest && logits[i][j][c].item<double>() <= logits[i][j][label].item<double>();
      }
      right += largest;
      asked += 1;
      loss += std::log(sum) - logits[i][j][label].item<double>();
    }
  REQUIRE(asked > 2);
  REQUIRE(asked < 12);
  CHECK(probes::answer_share(logits, labels) == Approx(right / asked));
  CHECK(probes::cross_entropy(logits, labels) == Approx(loss / asked));
  CHECK(std::isnan(probes::answer_share(logits, torch::full_like(labels, -1))));
  CHECK(std::isnan(probes::cross_entropy(logits, torch::full_like(labels, -1))));
}
