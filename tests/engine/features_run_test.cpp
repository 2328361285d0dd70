// Probes of grokking in whole runs, against an implementation of their own: the transformer in plain loops
// and float64 on every pair, from the exported weights alone.
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <map>
#include <numbers>

#include "engine/probes/catalogue.h"
#include "engine/recording/reader.h"
#include "engine/tasks/task.h"
#include "engine/training/inspect.h"
#include "tests/engine/tiny_study.h"

using namespace plateau;
using testing::member;

namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

constexpr std::int64_t steps = 30;

study::Study arithmetic_study(const std::string& operation = "add") {
  study::Study study;
  study.name = study.title = "tiny-arithmetic";
  auto& s = study.settings;
  s.task.kind = "modular-arithmetic";
  s.task.operation = operation;
  s.task.modulus = 7;
  s.task.train_share = 0.5;
  s.task.validation_samples = 64;
  s.model.kind = "arithmetic-transformer";
  s.model.width = 8;
  s.model.heads = 2;
  s.model.depth = 1;
  s.model.mlp_ratio = 2;
  s.model.drop_path = 0;
  s.model.readout_scale = 1.5;
  s.optimizer.learning_rate = 0.02;
  s.optimizer.warmup_steps = 0;
  s.optimizer.weight_decay = 0.1;
  s.training.steps = steps;
  s.training.batch_size = 0;
  s.training.label_smoothing = 0;
  s.training.evaluate_every = s.training.checkpoint_every = 10;
  s.probes.samples = 64; // all test pairs
  s.probes.map_samples = 3;
  s.probes.attention_every = s.probes.features_every = s.probes.kernel_every = 10;
  s.probes.saturation_every = s.probes.gradients_every = s.probes.weights_every = s.probes.components_every =
      0;
  s.probes.kernel_samples = 4;
  study.members = {{"plain", 5, {}}, {"normed", 6, {{"model.norms", std::string("qkv+mlp")}}}};
  return study;
}

double last(const training::MemberView& view, const std::string& metric) {
  INFO(metric);
  REQUIRE(view.series.contains(metric));
  REQUIRE(view.series.at(metric).back().step == steps);
  return view.series.at(metric).back().value;
}

const std::vector<float>& tensor(const training::MemberView& view, const std::string& name,
                                 const std::vector<std::int64_t>& shape) {
  INFO(name);
  REQUIRE(view.frame->tensors.contains(name));
  REQUIRE(view.frame->tensors.at(name)->shape == shape);
  return view.frame->tensors.at(name)->data;
}

/// A parameter, row by row.
struct Parameters {
  std::map<std::string, Vector> of;
  /// y = W x, of rows [from, from + size of y).
  Vector times(const std::string& name, const Vector& x, std::size_t from, std::size_t rows) const {
    const auto& w = of.at(name);
    Vector y(rows, 0.0);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < x.size(); ++j) y[i] += w[(from + i) * x.size() + j] * x[j];
    return y;
  }
};

Parameters parameters_at(const recording::Reader& reader, std::int64_t step) {
  Parameters parameters;
  for (const auto& one : training::inspect(reader, 0, step))
    if (one.name.starts_with("weight.")) {
      const auto& values = std::get<std::vector<float>>(one.data);
      parameters.of[one.name.substr(7)] = {values.begin(), values.end()};
    }
  return parameters;
}

struct Answer {
  Vector logits, features;
  std::vector<Matrix> attention; // [heads][query][key]
};

/// Tokens a, b and "=" through one block without norms.
Answer answer(const Parameters& w, const study::Settings& settings, std::int64_t a, std::int64_t b,
              bool unit_mlp_input) {
  const auto d = std::size_t(settings.model.width), heads = std::size_t(settings.model.heads),
             width = d / heads;
  const auto p = settings.task.modulus;
  Matrix x, q, k, v;
  for (const std::int64_t token : {a, b, p}) {
    Vector row(d);
    for (std::size_t i = 0; i < d; ++i)
      row[i] =
          w.of.at("embedding.weight")[std::size_t(token) * d + i] + w.of.at("position")[x.size() * d + i];
    q.push_back(w.times("block1.qkv.weight", row, 0, d));
    k.push_back(w.times("block1.qkv.weight", row, d, d));
    v.push_back(w.times("block1.qkv.weight", row, 2 * d, d));
    x.push_back(row);
  }
  Answer result;
  Vector mixed(d, 0.0);
  for (std::size_t head = 0; head < heads; ++head) {
    result.attention.emplace_back(3, Vector(3));
    for (std::size_t i = 0; i < 3; ++i) {
      auto& row = result.attention.back()[i];
      double sum = 0;
      for (std::size_t j = 0; j < 3; ++j) {
        double score = 0;
        for (std::size_t c = head * width; c < (head + 1) * width; ++c) score += q[i][c] * k[j][c];
        sum += row[j] = std::exp(score / std::sqrt(double(width)));
      }
      for (double& weight : row) weight /= sum;
    }
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t c = head * width; c < (head + 1) * width; ++c)
        mixed[c] += result.attention.back()[2][j] * v[j][c];
  }
  auto state = w.times("block1.projection.weight", mixed, 0, d);
  double squares = 0;
  for (std::size_t i = 0; i < d; ++i) {
    state[i] += x[2][i];
    squares += state[i] * state[i];
  }
  auto input = state;
  if (unit_mlp_input)
    for (double& value : input) value /= std::sqrt(squares);
  const auto& bias = w.of.at("block1.expand.bias");
  auto inner = w.times("block1.expand.weight", input, 0, bias.size());
  for (std::size_t i = 0; i < inner.size(); ++i) inner[i] = std::max(0.0, inner[i] + bias[i]);
  const auto out = w.times("block1.contract.weight", inner, 0, d);
  for (std::size_t i = 0; i < d; ++i) state[i] += out[i] + w.of.at("block1.contract.bias")[i];
  result.features = state;
  result.logits = w.times("readout.weight", state, 0, w.of.at("readout.weight").size() / d);
  for (double& z : result.logits) z *= settings.model.readout_scale;
  return result;
}

double cross_entropy(const Vector& z, std::int64_t label) {
  double sum = 0;
  for (const double value : z) sum += std::exp(value - z[std::size_t(label)]);
  return std::log(sum);
}

double entropy(const Vector& weights) {
  double h = 0;
  for (const double w : weights) h -= w * std::log(w);
  return h;
}

/// Of a symmetric matrix, descending, by Jacobi's rotations.
Vector eigenvalues(Matrix m) {
  const auto d = m.size();
  for (int sweep = 0; sweep < 50; ++sweep)
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = i + 1; j < d; ++j) {
        if (m[i][j] == 0) continue;
        const double angle = 0.5 * std::atan2(2 * m[i][j], m[i][i] - m[j][j]);
        const double c = std::cos(angle), s = std::sin(angle);
        for (std::size_t k = 0; k < d; ++k) {
          const double first = m[k][i], second = m[k][j];
          m[k][i] = c * first + s * second;
          m[k][j] = c * second - s * first;
        }
        for (std::size_t k = 0; k < d; ++k) {
          const double first = m[i][k], second = m[j][k];
          m[i][k] = c * first + s * second;
          m[j][k] = c * second - s * first;
        }
      }
  Vector values;
  for (std::size_t i = 0; i < d; ++i) values.push_back(m[i][i]);
  std::sort(values.rbegin(), values.rend());
  return values;
}

} // namespace

TEST_CASE("Features: everything that the catalogue names is measured, at step 0 and with norms, too") {
  for (const char* operation : {"add", "divide"}) {
    const auto snapshot = testing::run(arithmetic_study(operation), 2);
    for (const auto& view : snapshot->members)
      for (const auto& probe : probes::probes()) {
        if (probe.name != "features" && probe.name != "kernel") continue;
        for (const auto& name : probe.outputs) {
          INFO(view.name << " " << operation << " " << name);
          if (view.frame->tensors.contains(name)) continue;
          REQUIRE(view.series.contains(name));
          const auto& series = view.series.at(name);
          CHECK(series.size() == 4);
          CHECK(series[0].step == 0);
          for (std::size_t i = 0; i < series.size(); ++i) CHECK(std::isfinite(series[i].value));
        }
      }
    const auto& view = member(*snapshot, "plain");
    const bool divides = std::string(operation) == "divide"; // by what is not 0, in a group of 6
    CHECK(tensor(view, "features/circle", {divides ? 6 : 7, 2}).size() > 0);
    CHECK(tensor(view, "features/embedding-spectrum", {3}).size() == 3);
    CHECK(tensor(view, "features/attention", {2, 3}).size() == 6);
    CHECK(tensor(view, "features/spectrum", {8}).size() == 8);
    const auto& map = tensor(view, "features/correct-logit", {7, 7});
    for (std::size_t i = 0; i < 49; ++i) CHECK(std::isnan(map[i]) == (divides && i % 7 == 0));
  }
}

TEST_CASE("Features: an operation without a group has an embedding's spectrum but no key frequencies") {
  auto study = arithmetic_study("quadratic");
  study.members.resize(1);
  const auto snapshot = testing::run(study);
  const auto& view = snapshot->members[0];
  CHECK_FALSE(view.series.contains("loss/restricted"));
  CHECK_FALSE(view.series.contains("loss/excluded"));
  CHECK(last(view, "features/fourier-top5") == Approx(1).epsilon(1e-9)); // of three
  CHECK(tensor(view, "features/circle", {7, 2}).size() == 14);
}

TEST_CASE("Features: values are those of a transformer in plain loops on every pair") {
  const testing::TemporaryRecording file;
  auto study = arithmetic_study();
  study.members.resize(1);
  const auto snapshot = testing::run(study, 1, file.path);
  const auto& view = snapshot->members[0];
  const auto& settings = study.settings;
  const auto weights = parameters_at(recording::Reader(file.path), steps);
  const auto task = tasks::make_task(settings.task, 5);
  const auto training = task->training_batch(0, 0, task->training_set_size()),
             test = task->validation_set(1000);
  const std::int64_t p = 7;
  REQUIRE(training.count + test.count == p * p);

  double shortcut = 0, joint = 0, per_head = 0, margins[2] = {0, 0}, size = 0, collapse = 0;
  Vector diagonal(std::size_t(p), 0.0);
  Matrix z(std::size_t(p * p)), moments(8, Vector(8, 0.0));
  Matrix last_rows(2, Vector(3, 0.0));
  std::vector<bool> trained(std::size_t(p * p));
  for (const auto* batch : {&training, &test})
    for (std::int64_t i = 0; i < batch->count; ++i) {
      const auto a = batch->tokens[std::size_t(3 * i)], b = batch->tokens[std::size_t(3 * i + 1)];
      const auto label = (a + b) % p;
      REQUIRE(batch->labels[std::size_t(i)] == label);
      const auto said = answer(weights, settings, a, b, false);
      double others = -std::numeric_limits<double>::infinity(), sum = 0;
      for (std::int64_t c = 0; c < std::ssize(said.logits); ++c) {
        const double value = said.logits[std::size_t(c)];
        if (c != label) others = std::max(others, value);
        sum += std::exp(value - said.logits[std::size_t(label)]);
        size += std::abs(value) / double(p * p * std::ssize(said.logits));
        if (c < p) diagonal[std::size_t((c - label + p) % p)] += value / double(p * p);
      }
      const bool training_pair = batch == &training;
      const double margin = (said.logits[std::size_t(label)] - others) / double(batch->count);
      margins[training_pair ? 0 : 1] += margin;
      z[std::size_t(a * p + b)] = said.logits;
      trained[std::size_t(a * p + b)] = training_pair;
      if (training_pair) {
        shortcut += cross_entropy(answer(weights, settings, a, b, true).logits, label) / double(batch->count);
        collapse += (float(sum) == 1.0F) / double(batch->count);
        continue;
      }
      for (std::size_t i1 = 0; i1 < 8; ++i1)
        for (std::size_t j = 0; j < 8; ++j) moments[i1][j] += said.features[i1] * said.features[j];
      for (std::size_t row = 0; row < 3; ++row) {
        Vector mean(3);
        for (std::size_t j = 0; j < 3; ++j)
          mean[j] = (said.attention[0][row][j] + said.attention[1][row][j]) / 2;
        joint += entropy(mean) / double(3 * batch->count);
      }
      for (std::size_t head = 0; head < 2; ++head) {
        per_head += entropy(said.attention[head][2]) / double(2 * batch->count);
        for (std::size_t j = 0; j < 3; ++j)
          last_rows[head][j] += said.attention[head][2][j] / double(test.count);
      }
    }
  const auto agrees = [&](const std::string& metric, double expected) {
    INFO(metric);
    CHECK(last(view, metric) == Approx(expected).epsilon(2e-4).margin(1e-6));
  };
  agrees("loss/shortcut", shortcut);
  agrees("features/entropy", joint);
  agrees("features/entropy-per-head", per_head);
  agrees("features/margin-train", margins[0]);
  agrees("features/margin-validation", margins[1]);
  agrees("features/logit-size", size);
  agrees("features/collapse", collapse);
  const auto& shown = tensor(view, "features/diagonal", {p});
  for (std::size_t j = 0; j < std::size_t(p); ++j)
    CHECK(shown[j] == Approx(diagonal[j]).epsilon(1e-3).margin(1e-5));
  const auto& correct = tensor(view, "features/correct-logit", {p, p});
  for (std::size_t i = 0; i < std::size_t(p * p); ++i)
    CHECK(correct[i] == Approx(z[i][(i / 7 + i % 7) % 7]).epsilon(1e-3).margin(1e-5));
  const auto& attention = tensor(view, "features/attention", {2, 3});
  for (std::size_t i = 0; i < 6; ++i) CHECK(attention[i] == Approx(last_rows[i / 3][i % 3]).epsilon(1e-4));

  // The spectrum of the features.
  const auto lambda = eigenvalues(moments);
  double total = 0, products = 0, squares = 0;
  for (const double l : lambda) total += l, squares += l * l;
  for (const double l : lambda) products -= l / total * std::log(l / total);
  agrees("features/effective-rank", std::exp(products));
  agrees("features/stable-rank", std::sqrt(squares) / lambda[0]);
  agrees("features/rank", 8);
  const auto& spectrum = tensor(view, "features/spectrum", {8});
  for (std::size_t i = 0; i < 8; ++i) CHECK(spectrum[i] == Approx(lambda[i]).epsilon(1e-3));

  // Power of the embedding at each frequency.
  Vector power;
  for (std::int64_t k = 1; k <= 3; ++k) {
    power.push_back(0);
    for (std::size_t c = 0; c < 8; ++c) {
      std::complex<double> sum = 0;
      for (std::int64_t t = 0; t < p; ++t)
        sum += weights.of.at("embedding.weight")[std::size_t(t) * 8 + c] *
               std::polar(1.0, 2 * std::numbers::pi * double(k * t) / double(p));
      power.back() += std::norm(sum);
    }
  }
  const double all = power[0] + power[1] + power[2];
  const auto& shares = tensor(view, "features/embedding-spectrum", {3});
  for (std::size_t k = 0; k < 3; ++k) CHECK(shares[k] == Approx(power[k] / all).epsilon(1e-4));
  agrees("features/frequency", double(std::max_element(power.begin(), power.end()) - power.begin() + 1));

  // Of p = 7 all three frequencies are key: what they hold is the mean over the pairs with one sum.
  double restricted = 0, excluded = 0;
  for (std::int64_t i = 0; i < p * p; ++i) {
    const auto s = (i / p + i % p) % p;
    Vector kept(z[0].size(), 0.0), left = z[std::size_t(i)];
    for (std::size_t c = 0; c < kept.size(); ++c) {
      double grand = 0;
      for (std::int64_t j = 0; j < p * p; ++j) {
        grand += z[std::size_t(j)][c] / double(p * p);
        if ((j / p + j % p) % p == s) kept[c] += z[std::size_t(j)][c] / double(p);
      }
      left[c] -= kept[c] - grand;
    }
    if (trained[std::size_t(i)])
      excluded += cross_entropy(left, s) / double(training.count);
    else
      restricted += cross_entropy(kept, s) / double(test.count);
  }
  agrees("loss/restricted", restricted);
  agrees("loss/excluded", excluded);

  // The maps' inputs.
  const auto& tokens = tensor(view, "inputs/tokens", {3, 3});
  for (std::size_t i = 0; i < 9; ++i) CHECK(tokens[i] == float(test.tokens[i]));
  const auto& targets = tensor(view, "inputs/targets", {3});
  for (std::size_t i = 0; i < 3; ++i) CHECK(targets[i] == float(test.labels[i]));
}

TEST_CASE("Features: the kernel's drift by finite differences in plain loops") {
  const testing::TemporaryRecording file;
  auto study = arithmetic_study();
  study.members.resize(1);
  const auto snapshot = testing::run(study, 1, file.path);
  const auto& drift = snapshot->members[0].series.at("features/kernel-drift");
  CHECK(drift[0].value == 0);
  const auto task = tasks::make_task(study.settings.task, 5);
  const auto training = task->training_batch(0, 0, task->training_set_size());
  const auto kernel = [&](std::int64_t step) {
    auto weights = parameters_at(recording::Reader(file.path), step);
    Matrix k(4, Vector(4, 0.0));
    for (auto& [name, values] : weights.of)
      for (double& value : values) {
        const double kept = value, difference = 1e-6;
        Vector gradient;
        for (std::size_t i = 0; i < 4; ++i) {
          double sums[2] = {0, 0};
          for (const int sign : {1, -1}) {
            value = kept + sign * difference;
            for (const double z :
                 answer(weights, study.settings, training.tokens[3 * i], training.tokens[3 * i + 1], false)
                     .logits)
              sums[sign > 0 ? 0 : 1] += z;
          }
          gradient.push_back((sums[0] - sums[1]) / (2 * difference));
        }
        value = kept;
        for (std::size_t i = 0; i < 4; ++i)
          for (std::size_t j = 0; j < 4; ++j) k[i][j] += gradient[i] * gradient[j];
      }
    return k;
  };
  const auto first = kernel(0), now = kernel(steps);
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 4; ++j) {
      difference += (now[i][j] - first[i][j]) * (now[i][j] - first[i][j]);
      norm += first[i][j] * first[i][j];
    }
  CHECK(drift.back().value == Approx(std::sqrt(difference / norm)).epsilon(1e-3));
}

TEST_CASE(
    "Features: a run that was stopped goes on with the same features and the same kernel at the start") {
  const testing::TemporaryRecording file;
  const auto whole = testing::run(arithmetic_study(), 1);
  {
    auto options = testing::cpu_options();
    options.study = arithmetic_study();
    options.recording = file.path;
    options.start_paused = true;
    training::Trainer trainer(options);
    testing::step_to(trainer, 17);
  }
  training::Trainer trainer(testing::resuming(file.path, 2));
  const auto resumed = testing::finish(trainer);
  for (const char* name : {"plain", "normed"})
    testing::check_same_curves(member(*resumed, name), member(*whole, name));
}
