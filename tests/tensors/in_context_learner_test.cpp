// What the in-context probe says of a learner, against loops over what the learner puts out.
#include "tests/tensors/torch_catch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "engine/probes/in_context.h"
#include "engine/probes/spectrum.h"
#include "engine/training/learner.h"
#include "tests/tensors/factor_data.h"
#include "tests/tensors/regression_data.h"

using namespace plateau;
using torch::Tensor;
using Values = std::map<std::string, double>;
using Row = std::vector<double>;

namespace {

/// A learner after some steps, and its in-context probe.
struct Probed {
  explicit Probed(const study::Settings& settings, std::int64_t steps)
      : data(settings.task, 0, torch::kCPU), learner(settings, 5, data, torch::kCPU, pool) {
    for (std::int64_t step = 0; step < steps; ++step) learner.train_step(step, steps, {});
    training::Learner::ProbeSelection selection;
    selection.in_context = true;
    const auto output = learner.probe(selection, steps, steps);
    values = {output.scalars.begin(), output.scalars.end()};
    CHECK(values.size() == output.scalars.size()); // no name twice
    for (const auto& [metric, value] : values) {
      INFO(metric);
      CHECK(std::isfinite(value));
    }
  }

  struct Pass {
    models::Activations seen;
    Tensor logits;
  };
  Pass pass(const Tensor& inputs, models::Mixing mixing = models::Mixing::Attention) {
    Pass result;
    result.logits = learner.forward(inputs, 0, 1, &result.seen, mixing);
    return result;
  }
  double at(const std::string& metric) const {
    INFO(metric);
    REQUIRE(values.contains(metric));
    return values.at(metric);
  }

  parallel::WorkerPool pool{1};
  training::TaskData data;
  training::Learner learner;
  Values values;
};

Row row(const Tensor& tensor) {
  const auto flat = tensor.to(torch::kFloat64).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

std::size_t largest(const Row& values, std::size_t count) {
  return std::size_t(std::max_element(values.begin(), values.begin() + std::ptrdiff_t(count)) -
                     values.begin());
}

double cross_entropy(const Row& logits, std::size_t begin, std::size_t count, std::size_t target) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += std::exp(logits[begin + i]);
  return std::log(sum) - logits[begin + target];
}

/// W layer_norm(x) + b with the model's parameters.
Row read(const training::Learner& learner, const Row& state) {
  std::map<std::string, Row> parameters;
  for (const auto& item : learner.model().named_parameters())
    parameters[item.key()] = row(item.value().detach().flatten());
  double mean = 0, variance = 0;
  for (const double x : state) mean += x / double(state.size());
  for (const double x : state) variance += (x - mean) * (x - mean) / double(state.size());
  auto logits = parameters.at("readout.bias");
  for (std::size_t i = 0; i < state.size(); ++i) {
    const double normalised = (state[i] - mean) / std::sqrt(variance + 1e-6);
    const double x = normalised * parameters.at("norm.weight")[i] + parameters.at("norm.bias")[i];
    for (std::size_t c = 0; c < logits.size(); ++c)
      logits[c] += x * parameters.at("readout.weight")[c * state.size() + i];
  }
  return logits;
}

/// Rows of states and their targets, for a ridge probe.
struct Rows {
  std::vector<Tensor> states;
  std::vector<std::int64_t> targets;
  Tensor features() const { return torch::stack(states); }
  Tensor target_tensor(std::int64_t probes) const { return torch::tensor(targets).view({-1, probes}); }
};

double ridge(const Rows& made_from, const Rows& tested, std::int64_t probes, std::int64_t classes) {
  return probes::RidgeProbe(made_from.features(), made_from.target_tensor(probes), classes)
      .accuracy(tested.features(), tested.target_tensor(probes));
}

} // namespace

TEST_CASE("In context: of factor labels everything is measured, and is what the learner puts out") {
  const auto settings = testing::factor_settings();
  Probed probed(settings, 30);
  const std::int64_t pairs = 5, positions = 10, count = 40, factors = 2, levels = 4;
  const auto& batch = probed.data.validation.batch;
  const auto& task = *probed.data.task;
  REQUIRE(task.classes() == levels);
  REQUIRE(batch.count == count);
  const auto place = [&](std::int64_t sample, std::int64_t position) {
    return std::size_t(sample * positions + position);
  };

  std::set<std::string> expected = {"component/item-score",      "component/answers-weights",
                                    "component/answers-context", "features/effective-rank",
                                    "features/stable-rank",      "features/pairwise-cosine",
                                    "features/logit-deviation"};
  const bool has_extra = probed.pass(probed.data.validation.inputs).logits.size(-1) > levels;
  if (has_extra) expected.insert({"loss/attributes", "loss/rule"});
  for (const auto& [name, set] : probed.data.more) expected.insert("accuracy/" + name);
  for (const char* layer : {"/layer1", "/layer2"}) {
    for (const char* metric : {"component/weights-score", "component/weights-score-self",
                               "component/weights-score-none", "context/rule-score"})
      expected.insert(std::string(metric) + layer);
    for (const char* head : {"/head1", "/head2"})
      for (const char* metric : {"head/previous-token", "head/induction", "head/right-label"})
        expected.insert(std::string(metric) + layer + head);
  }
  for (std::int64_t pair = 1; pair <= pairs; ++pair)
    expected.insert("context/rule-score-by-position/position" + std::to_string(pair));
  std::set<std::string> found;
  for (const auto& [metric, value] : probed.values) found.insert(metric);
  CHECK(found == expected);

  SECTION("further sets") {
    REQUIRE(!probed.data.more.empty());
    for (const auto& [name, set] : probed.data.more) {
      const auto logits = probed.pass(set.inputs).logits;
      double right = 0, asked = 0;
      for (std::int64_t i = 0; i < count; ++i)
        for (std::int64_t position = 0; position < positions; ++position) {
          const auto label = set.batch.labels[place(i, position)];
          if (label < 0) continue;
          right += std::int64_t(largest(row(logits[i][position]), std::size_t(levels))) == label;
          asked += 1;
        }
      CHECK(probed.at("accuracy/" + name) == Approx(right / asked));
    }
  }

  const auto full = probed.pass(probed.data.validation.inputs);
  SECTION("answers of single components, second losses, features") {
    const auto still = probed.pass(probed.data.validation.inputs, models::Mixing::Identity);
    double by_weights = 0, by_context = 0, attributes = 0, rules = 0, deviation = 0, cosine = 0;
    std::vector<Tensor> states;
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t position = 0; position < positions; position += 2) {
        const auto label = std::size_t(batch.labels[place(i, position)]);
        const auto logits = row(full.logits[i][position]);
        by_weights += largest(row(still.logits[i][position]), std::size_t(levels)) == label;
        const auto state = full.seen.hidden[1][i][position];
        const auto context = row(state.to(torch::kFloat64) - still.seen.hidden[1][i][position]);
        by_context += largest(read(probed.learner, context), std::size_t(levels)) == label;
        states.push_back(state);
        for (std::int64_t factor = 0; has_extra && factor < factors; ++factor)
          attributes += cross_entropy(
              logits, std::size_t(levels * (1 + factor)), std::size_t(levels),
              std::size_t(batch.attributes[place(i, position) * std::size_t(factors) + std::size_t(factor)]));
        if (has_extra && position == positions - 2)
          rules += cross_entropy(logits, std::size_t(levels * (1 + factors)), std::size_t(factors),
                                 std::size_t(batch.rules[std::size_t(i)]));
        double mean = 0, variance = 0;
        for (std::size_t c = 0; c < std::size_t(levels); ++c) mean += logits[c] / double(levels);
        for (std::size_t c = 0; c < std::size_t(levels); ++c)
          variance += (logits[c] - mean) * (logits[c] - mean) / double(levels);
        deviation += std::sqrt(variance);
      }
      for (std::int64_t j = 0; j < i; ++j) {
        const auto a = full.seen.hidden[1][i][positions - 2].to(torch::kFloat64),
                   b = full.seen.hidden[1][j][positions - 2].to(torch::kFloat64);
        cosine += (a.dot(b) / a.norm() / b.norm()).item<double>();
      }
    }
    const double places = double(count * pairs);
    CHECK(probed.at("component/answers-weights") == Approx(by_weights / places));
    CHECK(probed.at("component/answers-context") == Approx(by_context / places));
    if (has_extra) {
      CHECK(probed.at("loss/attributes") == Approx(attributes / places / double(factors)));
      CHECK(probed.at("loss/rule") == Approx(rules / double(count)));
    }
    CHECK(probed.at("features/logit-deviation") == Approx(deviation / places));
    CHECK(probed.at("features/pairwise-cosine") == Approx(cosine / double(count * (count - 1) / 2)));
    const auto x = torch::stack(states).to(torch::kFloat64);
    const auto singular = std::get<1>(torch::linalg_svd(x, false)).square();
    const auto share = singular / singular.sum();
    CHECK(probed.at("features/effective-rank") ==
          Approx(std::exp(-(share * share.log()).sum().item<double>())));
    CHECK(probed.at("features/stable-rank") == Approx((singular.norm() / singular.max()).item<double>()));
  }

  // Probes are made from sequences of the training cells that no training step has.
  const auto batch_seed = probed.learner.seed;
  const training::ValidationSet made(task.training_batch(batch_seed, std::int64_t(1) << 41, 256),
                                     task.shape(), torch::kCPU);
  SECTION("linear probes of items") {
    const std::array<std::pair<const char*, models::Mixing>, 3> mixings = {
        {{"component/weights-score", models::Mixing::Identity},
         {"component/weights-score-self", models::Mixing::Self},
         {"component/weights-score-none", models::Mixing::None}}};
    const auto rows = [&](const training::ValidationSet& set, const auto& state_at) {
      Rows result;
      for (std::int64_t i = 0; i < std::min<std::int64_t>(set.batch.count, 64); ++i)
        for (std::int64_t position = 0; position < positions; position += 2) {
          result.states.push_back(state_at(i, position));
          for (std::int64_t factor = 0; factor < factors; ++factor)
            result.targets.push_back(
                set.batch.attributes[place(i, position) * std::size_t(factors) + std::size_t(factor)]);
        }
      return result;
    };
    const auto& held_out = probed.data.validation;
    const auto of_items = [&](const training::ValidationSet& set) {
      return rows(set, [&](std::int64_t i, std::int64_t position) { return set.inputs[i][position]; });
    };
    CHECK(probed.at("component/item-score") ==
          Approx(ridge(of_items(made), of_items(held_out), factors, levels)));
    for (const auto& [metric, mixing] : mixings)
      for (std::size_t layer = 0; layer < 2; ++layer) {
        const auto of_states = [&, mode = mixing](const training::ValidationSet& set) {
          const auto seen = probed.pass(set.inputs, mode).seen;
          return rows(set,
                      [&](std::int64_t i, std::int64_t position) { return seen.hidden[layer][i][position]; });
        };
        CHECK(probed.at(probes::metric_name(metric, int(layer) + 1)) ==
              Approx(ridge(of_states(made), of_states(held_out), factors, levels)));
      }
  }
  SECTION("linear probes of the rule") {
    const auto from = probed.pass(made.inputs);
    const auto rows = [&](const Probed::Pass& pass, const tasks::Batch& of, std::size_t layer,
                          std::int64_t position) {
      Rows result;
      for (std::int64_t i = 0; i < of.count; ++i)
        result.states.push_back(pass.seen.hidden[layer][i][position]);
      result.targets = of.rules;
      return result;
    };
    for (std::size_t layer = 0; layer < 2; ++layer)
      CHECK(probed.at(probes::metric_name("context/rule-score", int(layer) + 1)) ==
            Approx(ridge(rows(from, made.batch, layer, positions - 2),
                         rows(full, batch, layer, positions - 2), 1, factors)));
    for (std::int64_t pair = 0; pair < pairs; ++pair)
      CHECK(probed.at("context/rule-score-by-position/position" + std::to_string(pair + 1)) ==
            Approx(ridge(rows(from, made.batch, 1, 2 * pair), rows(full, batch, 1, 2 * pair), 1, factors)));
    CHECK(probed.at("context/rule-score-by-position/position5") == probed.at("context/rule-score/layer2"));
  }
  SECTION("heads") {
    for (std::size_t layer = 0; layer < 2; ++layer)
      for (std::int64_t head = 0; head < 2; ++head) {
        double previous = 0, labels = 0, induction = 0, right = 0, queries = 0;
        for (std::int64_t i = 0; i < settings.probes.samples; ++i) {
          const auto map = full.seen.attention[layer][i][head];
          const auto rule = std::size_t(batch.rules[std::size_t(i)]);
          for (std::int64_t q = 0; q < positions; q += 2) {
            previous += map[q + 1][q].item<double>();
            labels += 1;
            double mass = 0, agreeing = 0;
            for (std::int64_t k = 0; k < q; k += 2)
              if (batch.attributes[place(i, k) * 2 + rule] == batch.attributes[place(i, q) * 2 + rule]) {
                mass += map[q][k + 1].item<double>();
                agreeing += 1;
              }
            if (agreeing == 0) continue;
            induction += mass / (agreeing / double(q + 1));
            right += mass; // a permutation: equal labels where values are equal
            queries += 1;
          }
        }
        const auto name = [&](const char* metric) {
          return probes::metric_name(metric, int(layer) + 1, int(head) + 1);
        };
        CHECK(probed.at(name("head/previous-token")) == Approx(previous / labels));
        CHECK(probed.at(name("head/induction")) == Approx(induction / queries));
        CHECK(probed.at(name("head/right-label")) == Approx(right / queries));
      }
  }
}

TEST_CASE("In context: of recall what it has, with any form of attention") {
  auto settings = testing::recall_settings();
  for (const char* variant : {"softmax", "linear", "learned-sink"}) {
    INFO(variant);
    settings.attention.variant = variant;
    Probed probed(settings, 5);
    const auto& validation = probed.data.validation;
    const auto full = probed.pass(validation.inputs),
               still = probed.pass(validation.inputs, models::Mixing::Identity);
    double right = 0, mass = 0;
    for (std::int64_t i = 0; i < 32; ++i)
      right += std::int64_t(largest(row(still.logits[i]), 4)) == validation.batch.labels[std::size_t(i)];
    CHECK(probed.at("component/answers-weights") == Approx(right / 32));
    // The value asked for: the last token's key stands at one even place.
    for (std::int64_t i = 0; i < settings.probes.samples; ++i)
      for (std::int64_t k = 0; k < 6; ++k) {
        const auto token = [&](std::int64_t at) { return validation.batch.tokens[std::size_t(i * 7 + at)]; };
        if (token(k) == 4 + validation.batch.labels[std::size_t(i)])
          mass += full.seen.attention[1][i][1][6][k].item<double>();
      }
    CHECK(probed.at("head/right-label/layer2/head2") ==
          Approx(mass / double(settings.probes.samples)).epsilon(1e-5));
    CHECK(!probed.values.contains("loss/rule"));
    CHECK(!probed.values.contains("component/item-score"));
  }
}

TEST_CASE("In context: of Markov chains, what heads look for at every place") {
  auto settings = testing::recall_settings();
  settings.task.kind = "markov-chains";
  settings.task.symbols = 3;
  settings.task.length = 9;
  Probed probed(settings, 20);
  const std::int64_t length = 9, samples = settings.probes.samples;
  const auto& batch = probed.data.validation.batch;
  const auto full = probed.pass(probed.data.validation.inputs);
  const auto token = [&](std::int64_t i, std::int64_t at) {
    return batch.tokens[std::size_t(i * length + at)];
  };
  for (std::size_t layer = 0; layer < 2; ++layer)
    for (std::int64_t head = 0; head < 2; ++head) {
      double previous = 0, induction = 0, matched = 0, right = 0, answered = 0;
      for (std::int64_t i = 0; i < samples; ++i) {
        const auto map = full.seen.attention[layer][i][head];
        const auto weight = [&](std::int64_t q, std::int64_t k) { return map[q][k].item<double>(); };
        for (std::int64_t q = 0; q < length; ++q) {
          if (q > 0) previous += weight(q, q - 1);
          double after = 0, after_count = 0, next = 0, next_count = 0;
          for (std::int64_t j = 0; j < q; ++j)
            if (token(i, j) == token(i, q)) {
              after += weight(q, j + 1);
              after_count += 1;
            }
          for (std::int64_t j = 0; j <= q; ++j)
            if (token(i, j) == batch.labels[std::size_t(i * length + q)]) {
              next += weight(q, j);
              next_count += 1;
            }
          if (after_count > 0) {
            induction += after / after_count * double(q + 1);
            matched += 1;
          }
          if (next_count > 0) {
            right += next;
            answered += 1;
          }
        }
      }
      const auto name = [&](const char* metric) {
        return probes::metric_name(metric, int(layer) + 1, int(head) + 1);
      };
      CHECK(probed.at(name("head/previous-token")) == Approx(previous / double(samples * (length - 1))));
      CHECK(probed.at(name("head/induction")) == Approx(induction / matched));
      CHECK(probed.at(name("head/right-label")) == Approx(right / answered));
    }
  const auto last = full.seen.hidden[1].select(1, length - 1);
  CHECK(probed.at("features/pairwise-cosine") == Approx(probes::pairwise_cosine(last)));
  CHECK(probed.at("features/effective-rank") ==
        Approx(probes::effective_rank(probes::spectrum(full.seen.hidden[1].flatten(0, 1)))));
  CHECK(!probed.values.contains("component/weights-score/layer1")); // states have no attributes
}
