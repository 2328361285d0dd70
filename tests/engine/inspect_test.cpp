// The numbers of a checkpoint, checked by an implementation of its own: the vision transformer in plain loops
// and float64, from the exported weights alone.
#include <unistd.h>

#include <cmath>
#include <map>

#include "engine/errors.h"
#include "engine/recording/reader.h"
#include "engine/training/inspect.h"
#include "tests/engine/tiny_study.h"

using namespace plateau;
using namespace plateau::testing;

namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>; // [rows][columns]

struct Weights {
  std::map<std::string, recording::NamedTensor> tensors;

  const std::vector<float>& data(const std::string& name) const {
    return std::get<std::vector<float>>(tensors.at(name).data);
  }
  /// y = W x + b; b may be absent.
  Vector linear(const std::string& name, const Vector& x) const {
    const auto& weight = data("weight." + name + ".weight");
    const auto rows = std::size_t(tensors.at("weight." + name + ".weight").shape[0]);
    REQUIRE(weight.size() == rows * x.size());
    Vector y(rows);
    const bool bias = tensors.contains("weight." + name + ".bias");
    for (std::size_t i = 0; i < rows; ++i) {
      y[i] = bias ? data("weight." + name + ".bias")[i] : 0.0;
      for (std::size_t j = 0; j < x.size(); ++j) y[i] += double(weight[i * x.size() + j]) * x[j];
    }
    return y;
  }
  Vector norm(const std::string& name, const Vector& x) const {
    double mean = 0, variance = 0;
    for (double value : x) mean += value / double(x.size());
    for (double value : x) variance += (value - mean) * (value - mean) / double(x.size());
    Vector y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      y[i] = (x[i] - mean) / std::sqrt(variance + 1e-6) * double(data("weight." + name + ".weight")[i]) +
             double(data("weight." + name + ".bias")[i]);
    return y;
  }
};

Vector plus(Vector a, const Vector& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

struct Reference {
  Vector logits;
  std::vector<Matrix> hidden; // per layer [tokens][width]
};

/// One image; `identity`: attention's output is its own input (the weights component).
Reference forward(const Weights& w, const study::Settings& settings, const float* image, bool identity) {
  const auto& model = settings.model;
  const auto size = 2 * settings.task.cell_size, patch = model.patch, side = size / patch;
  const auto width = std::size_t(model.width), head_width = width / std::size_t(model.heads);
  Matrix x;
  Vector first(width);
  for (std::size_t i = 0; i < width; ++i) first[i] = w.data("weight.class_token")[i];
  x.push_back(first);
  for (std::int64_t row = 0; row < side; ++row)
    for (std::int64_t column = 0; column < side; ++column) {
      Vector pixels;
      for (std::int64_t channel = 0; channel < 3; ++channel)
        for (std::int64_t y = 0; y < patch; ++y)
          for (std::int64_t dx = 0; dx < patch; ++dx)
            pixels.push_back(image[(channel * size + row * patch + y) * size + column * patch + dx]);
      x.push_back(w.linear("embedding", pixels));
    }
  for (std::size_t token = 0; token < x.size(); ++token)
    for (std::size_t i = 0; i < width; ++i) x[token][i] += w.data("weight.position")[token * width + i];

  Reference result;
  for (std::int64_t layer = 1; layer <= model.depth; ++layer) {
    const std::string block = "block" + std::to_string(layer) + ".";
    Matrix normalised, qkv;
    for (const auto& token : x) {
      normalised.push_back(w.norm(block + "norm1", token));
      qkv.push_back(w.linear(block + "qkv", normalised.back()));
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      Vector mixed(width, 0.0);
      for (std::size_t head = 0; head < std::size_t(model.heads); ++head) {
        Vector a(x.size());
        double sum = 0;
        for (std::size_t j = 0; j < x.size(); ++j) {
          double score = 0;
          for (std::size_t k = 0; k < head_width; ++k)
            score += qkv[i][head * head_width + k] * qkv[j][width + head * head_width + k];
          sum += a[j] = std::exp(score / (settings.attention.temperature * std::sqrt(double(head_width))));
        }
        for (std::size_t j = 0; j < x.size(); ++j)
          for (std::size_t k = 0; k < head_width; ++k)
            mixed[head * head_width + k] += a[j] / sum * qkv[j][2 * width + head * head_width + k];
      }
      x[i] = plus(x[i], identity ? normalised[i] : w.linear(block + "projection", mixed));
    }
    for (auto& token : x) {
      Vector inner = w.linear(block + "expand", w.norm(block + "norm2", token));
      for (double& value : inner) value = 0.5 * value * (1 + std::erf(value / std::sqrt(2.0)));
      token = plus(token, w.linear(block + "contract", inner));
    }
    result.hidden.push_back(x);
  }
  result.logits = w.linear("readout", w.norm("norm", x[0]));
  return result;
}

double length(const Vector& v) {
  double sum = 0;
  for (double value : v) sum += value * value;
  return std::sqrt(sum);
}

} // namespace

TEST_CASE("Logits and components agree with an independent forward pass in float64") {
  const TemporaryRecording file;
  auto study = tiny_study(30);
  study.settings.attention.temperature = 0.5;
  const auto snapshot = run(study, 1, file.path);
  const recording::Reader reader(file.path);
  Weights weights;
  for (auto& tensor : training::inspect(reader, 0, 30)) weights.tensors[tensor.name] = std::move(tensor);
  const auto settings = reader.checkpoint(0, 30)->settings;
  const auto& images = weights.data("inputs");
  const auto& logits = weights.data("logits");
  const std::size_t samples = 8, pixels = images.size() / samples;
  REQUIRE(weights.tensors.at("inputs").shape[0] == 8);

  // Sums over tokens and samples of the components' norms, per layer; channels' sums for the variances.
  struct Sums {
    double weights = 0, context = 0, cosine = 0, count = 0;
    Matrix h, c;
  };
  std::vector<Sums> layers(2);
  for (std::size_t sample = 0; sample < samples; ++sample) {
    const auto full = forward(weights, settings, &images[sample * pixels], false);
    const auto alone = forward(weights, settings, &images[sample * pixels], true);
    for (std::size_t i = 0; i < 10; ++i)
      CHECK(logits[sample * 10 + i] == Approx(full.logits[i]).margin(2e-5));
    for (std::size_t layer = 0; layer < 2; ++layer)
      for (std::size_t token = 0; token < full.hidden[layer].size(); ++token) {
        const auto &h = full.hidden[layer][token], &w = alone.hidden[layer][token];
        Vector c(h.size());
        double dot = 0;
        for (std::size_t i = 0; i < h.size(); ++i) dot += (c[i] = h[i] - w[i]) * w[i];
        auto& sums = layers[layer];
        sums.weights += length(w);
        sums.context += length(c);
        sums.cosine += dot / (length(w) * length(c));
        sums.count += 1;
        sums.h.push_back(h);
        sums.c.push_back(c);
      }
  }
  const auto spread = [](const Matrix& rows) {
    double total = 0;
    for (std::size_t i = 0; i < rows[0].size(); ++i) {
      double mean = 0;
      for (const auto& row : rows) mean += row[i] / double(rows.size());
      for (const auto& row : rows) total += (row[i] - mean) * (row[i] - mean);
    }
    return total;
  };
  for (std::size_t layer = 0; layer < 2; ++layer) {
    const auto& sums = layers[layer];
    const auto recorded = [&](const char* metric) {
      return snapshot->members[0]
          .series.at("component/" + std::string(metric) + "/layer" + std::to_string(layer + 1))
          .back()
          .value;
    };
    CHECK(recorded("weights-norm") == Approx(sums.weights / sums.count).epsilon(1e-4));
    CHECK(recorded("context-norm") == Approx(sums.context / sums.count).epsilon(1e-4));
    CHECK(recorded("cosine") == Approx(sums.cosine / sums.count).margin(1e-4));
    CHECK(recorded("context-share") == Approx(spread(sums.c) / spread(sums.h)).epsilon(1e-4));
  }
}

TEST_CASE("Saturation, maps and predictions agree with the inspected attention") {
  const TemporaryRecording file;
  const auto snapshot = run(tiny_study(20), 1, file.path);
  const recording::Reader reader(file.path);
  Weights tensors;
  for (auto& tensor : training::inspect(reader, 0, 20)) tensors.tensors[tensor.name] = std::move(tensor);
  const auto& view = snapshot->members[0];
  const auto frame = reader.frame(0, 20);
  REQUIRE(frame->step == 20);
  const auto& maps = *frame->tensors.at("attention/maps");
  REQUIRE(maps.shape == std::vector<std::int64_t>{2, 2, 2, 5, 5});
  for (int layer = 0; layer < 2; ++layer) {
    const auto& a = tensors.data("attention.layer" + std::to_string(layer + 1)); // [8, 2, 5, 5]
    double entropy = 0, largest = 0, below = 0, jacobian = 0;
    std::vector<double> histogram(50);
    for (std::size_t row = 0; row < 8 * 2 * 5; ++row) {
      double sum = 0, h = 0, s2 = 0, s3 = 0, most = 0;
      for (std::size_t j = 0; j < 5; ++j) {
        const double p = a[row * 5 + j];
        sum += p;
        h -= p > 0 ? p * std::log(p) : 0;
        s2 += p * p;
        s3 += p * p * p;
        most = std::max(most, p);
        below += p < 1e-3;
        histogram[std::size_t(std::clamp(std::floor((std::log10(p) + 10) / 0.2), 0.0, 49.0))] += 1.0 / 400;
      }
      CHECK(sum == Approx(1).margin(1e-5));
      entropy += h / std::log(5.0) / 80;
      largest += most / 80;
      jacobian += std::sqrt(s2 - 2 * s3 + s2 * s2) / 80;
    }
    const auto recorded = [&](const char* metric) {
      return view.series.at("saturation/" + std::string(metric) + "/layer" + std::to_string(layer + 1))
          .back()
          .value;
    };
    CHECK(recorded("entropy") == Approx(entropy).epsilon(1e-4));
    CHECK(recorded("max-probability") == Approx(largest).epsilon(1e-4));
    CHECK(recorded("share-below-1e-3") == Approx(below / 400).margin(1e-6));
    CHECK(recorded("jacobian-norm") == Approx(jacobian).epsilon(1e-4));
    const auto& stored = *view.histograms.back()->tensors.at("saturation/histogram");
    double off = 0;
    for (std::size_t bin = 0; bin < 50; ++bin)
      off += std::abs(stored.data[std::size_t(layer) * 50 + bin] - histogram[bin]);
    CHECK(off < 0.01); // an entry on a bin's edge may fall on either side
    for (std::size_t sample = 0; sample < 2; ++sample)
      for (std::size_t i = 0; i < 50; ++i)
        CHECK(maps.data[(sample * 2 + std::size_t(layer)) * 50 + i] == a[sample * 50 + i]);
  }
  const auto& logits = tensors.data("logits");
  const auto& predictions = *frame->tensors.at("attention/predictions");
  double sum = 0;
  for (int i = 0; i < 10; ++i) sum += std::exp(double(logits[i]));
  for (int i = 0; i < 10; ++i)
    CHECK(predictions.data[i] == Approx(std::exp(double(logits[i])) / sum).epsilon(1e-4));
}

TEST_CASE("Inspecting where there is no checkpoint names the steps that have one") {
  const TemporaryRecording file;
  run(tiny_study(20), 1, file.path);
  CHECK_THROWS_WITH(training::inspect(recording::Reader(file.path), 0, 7), ContainsSubstring("0, 10, 20"));
}

TEST_CASE("The CNN's inspection has weights and logits but no attention") {
  const TemporaryRecording file;
  run(tiny_study(20), 1, file.path);
  bool logits = false;
  for (const auto& tensor : training::inspect(recording::Reader(file.path), 1, 20)) {
    CHECK(tensor.name.find("attention") == std::string::npos);
    logits = logits || tensor.name == "logits";
  }
  CHECK(logits);
}
