// One learner with what grokking and in-context learning ask of it: masked labels, a second loss, other
// losses, the whole training set at once, modifiers, the untrained model taken off.
#include "tests/tensors/torch_catch.h"

#include <cmath>
#include <random>

#include "engine/errors.h"
#include "engine/training/device.h"
#include "engine/training/generator.h"
#include "engine/training/learner.h"
#include "tests/tensors/regression_data.h"

using namespace plateau;
using torch::Tensor;

namespace {

/// Six letters; every other one is asked (letter + first letter) mod 3. Attributes are the letter mod 3 and
/// div 2, the rule is the first letter mod 2.
class Letters : public tasks::Task {
public:
  static constexpr std::int64_t positions = 6, different = 6, known = 20;
  tasks::InputShape shape() const override {
    tasks::InputShape shape;
    shape.kind = tasks::InputShape::Kind::Tokens;
    shape.vocabulary = different;
    shape.positions = shape.outputs = positions;
    return shape;
  }
  std::int64_t classes() const override { return 3; }
  tasks::ExtraOutputs extra_outputs() const override { return {2, 3, 2}; }
  std::int64_t training_set_size() const override { return known; }
  tasks::Batch training_batch(std::int64_t seed, std::int64_t step, std::int64_t count,
                              double) const override {
    return count == known ? make(1, count) : make(unsigned(100 * seed + step + 7), count);
  }
  tasks::Batch validation_set(std::int64_t count) const override { return make(2, count); }
  training::TaskInfo info(std::int64_t, double) const override { return {}; }

private:
  static tasks::Batch make(unsigned seed, std::int64_t count) {
    std::mt19937 engine(seed);
    tasks::Batch batch;
    batch.count = count;
    for (std::int64_t sample = 0; sample < count; ++sample) {
      std::int64_t first = 0;
      for (std::int64_t i = 0; i < positions; ++i) {
        const auto letter = std::int64_t(engine() % different);
        if (i == 0) first = letter;
        batch.tokens.push_back(letter);
        batch.labels.push_back(i % 2 == 0 ? (letter + first) % 3 : -1);
        batch.attributes.push_back(letter % 3);
        batch.attributes.push_back(letter == 5 ? -1 : letter / 2);
      }
      batch.rules.push_back(first % 2);
    }
    return batch;
  }
};

struct LettersData {
  LettersData() : data(testing::recall_settings().task, 0, torch::kCPU) {
    training::use_one_thread_here();
    data.task = std::make_unique<Letters>();
    const auto shape = data.task->shape();
    data.validation = training::ValidationSet(data.task->validation_set(30), shape, torch::kCPU);
    data.training.emplace(data.task->training_batch(0, 0, Letters::known), shape, torch::kCPU);
  }
  std::unique_ptr<training::Learner> learner(const study::Settings& settings) {
    return std::make_unique<training::Learner>(settings, 5, data, torch::kCPU, pool);
  }
  training::TaskData data;
  parallel::WorkerPool pool{2};
};

study::Settings letters_settings() {
  auto s = testing::recall_settings();
  s.optimizer.learning_rate = 3e-3;
  return s;
}

constexpr std::int64_t planned = 100;

void train(training::Learner& learner, std::int64_t from, std::int64_t to) {
  for (std::int64_t step = from; step < to; ++step) learner.train_step(step, planned, {});
}

double distance(const Tensor& a, const Tensor& b) {
  return (a - b).abs().max().item<double>();
}

double value(const probes::Output& output, const std::string& name) {
  for (const auto& [metric, number] : output.scalars)
    if (metric == name) return number;
  return std::numeric_limits<double>::quiet_NaN();
}

} // namespace

TEST_CASE("Learner: the fused path and autograd train the same, with every loss") {
  LettersData letters;
  int number = 0;
  for (const char* kind : {"cross-entropy", "stablemax", "squared"})
    for (const char* precision : {"float32", "float64"})
      for (const char* extra : {"none", "attributes", "rule"}) {
        INFO(kind << ' ' << precision << ' ' << extra);
        auto settings = letters_settings();
        settings.training.loss = kind;
        settings.training.loss_precision = precision;
        settings.training.label_smoothing = number % 2 ? 0.1 : 0;
        settings.training.batch_size = number % 3 ? 8 : 0;
        settings.model.subtract_initial = number % 4 == 1;
        if (std::string(extra) != "none") {
          settings.strategy.extra_loss = 0.5;
          settings.strategy.extra_target = extra;
        }
        ++number;
        const auto fused = letters.learner(settings);
        settings.training.path = "autograd";
        const auto autograd = letters.learner(settings);
        REQUIRE(fused->model().transformer_shape()->classes == 3 + 2 * 3 + 2);
        const auto start = fused->parameters().values.clone();
        train(*fused, 0, 5);
        train(*autograd, 0, 5);
        // AdamW makes much of gradients that are rounding alone, such as those of keys' biases.
        CHECK((fused->parameters().values - autograd->parameters().values).norm().item<double>() <
              2e-3 * (fused->parameters().values - start).norm().item<double>());
        const auto a = fused->take_step_metrics(), b = autograd->take_step_metrics();
        REQUIRE(a.size() == 5);
        REQUIRE(b.size() == 5);
        for (std::size_t i = 0; i < 5; ++i) {
          CHECK(a[i].loss == Approx(b[i].loss).epsilon(1e-4));
          CHECK(a[i].accuracy == Approx(b[i].accuracy).margin(1e-9));
        }
        const auto evaluation = fused->evaluate(5, planned);
        CHECK(evaluation.loss == Approx(autograd->evaluate(5, planned).loss).epsilon(1e-3));
        // By hand: the first three logits at the even positions.
        const auto& validation = letters.data.validation;
        const auto logits =
            fused->forward(validation.inputs, 5, planned, nullptr).to(torch::kFloat64).narrow(-1, 0, 3);
        const auto log_p = logits.log_softmax(-1);
        double loss = 0, right = 0, asked = 0;
        for (std::int64_t sample = 0; sample < 30; ++sample)
          for (std::int64_t i = 0; i < Letters::positions; i += 2, ++asked) {
            const auto label = validation.labels[sample][i].item<std::int64_t>();
            if (std::string(kind) == "squared")
              for (std::int64_t c = 0; c < 3; ++c)
                loss += std::pow(logits[sample][i][c].item<double>() - double(c == label), 2) / 3;
            else
              loss -= log_p[sample][i][label].item<double>();
            right += logits[sample][i].argmax().item<std::int64_t>() == label;
          }
        CHECK(evaluation.loss == Approx(loss / asked).epsilon(1e-6));
        CHECK(evaluation.accuracy == Approx(right / asked).margin(1e-9));
      }
}

TEST_CASE("Learner: a second loss teaches what it asks for") {
  LettersData letters;
  auto settings = letters_settings();
  settings.training.batch_size = 32;
  settings.optimizer.learning_rate = 1e-2;
  settings.optimizer.weight_decay = 0;
  settings.strategy.extra_loss = 1;
  const auto taught = letters.learner(settings);
  settings.strategy.extra_loss = 0;
  const auto plain = letters.learner(settings);
  train(*taught, 0, 60);
  train(*plain, 0, 60);
  const auto& inputs = letters.data.validation.inputs;
  const auto found = [&](training::Learner& learner) { // the first attribute, letter mod 3
    const auto answers = learner.forward(inputs, 60, planned, nullptr).narrow(-1, 3, 3).argmax(-1);
    // Only asked where there is a label.
    const auto right =
        (answers == inputs.remainder(3)).to(torch::kFloat64).slice(1, 0, Letters::positions, 2);
    return right.mean().item<double>();
  };
  CHECK(found(*taught) > 0.95);
  CHECK(found(*plain) < 0.8);
}

TEST_CASE("Learner: with the untrained model taken off, training starts from logits of zero") {
  LettersData letters;
  for (const char* path : {"fused", "autograd"})
    for (const std::int64_t batch_size : {0, 8}) {
      INFO(path << ' ' << batch_size);
      auto settings = letters_settings();
      settings.training.path = path;
      settings.training.batch_size = batch_size;
      settings.probes.attention_every = 1;
      auto plain_settings = settings;
      settings.model.subtract_initial = true;
      const auto learner = letters.learner(settings), plain = letters.learner(plain_settings);
      const auto& inputs = letters.data.validation.inputs;
      CHECK(learner->forward(inputs, 0, planned, nullptr).abs().max().item<float>() == 0);
      CHECK(learner->evaluate(0, planned).loss == Approx(std::log(3.0)).epsilon(1e-14));
      const auto before = plain->forward(inputs, 0, planned, nullptr);
      train(*learner, 0, 4);
      CHECK(learner->take_step_metrics()[0].loss == Approx(std::log(3.0)).epsilon(1e-7));
      // The same weights without the offset.
      plain->load(learner->state());
      const auto expected = plain->forward(inputs, 4, planned, nullptr) - before;
      CHECK(distance(learner->forward(inputs, 4, planned, nullptr), expected) < 1e-6);
      CHECK(expected.abs().max().item<float>() > 1e-3);
      // Another temperature is another function, also of the untrained weights.
      for (auto* each : {learner.get(), plain.get()})
        each->change({"attention.temperature", 0.25}, 4, planned);
      const auto cold = plain->evaluate(4, planned).loss;
      plain->load(letters.learner(plain_settings)->state());
      const auto cold_before = plain->forward(inputs, 4, planned, nullptr);
      plain->load(learner->state());
      const auto cold_expected = plain->forward(inputs, 4, planned, nullptr) - cold_before;
      CHECK(distance(learner->forward(inputs, 4, planned, nullptr), cold_expected) < 1e-6);
      namespace F = torch::nn::functional;
      const auto by_hand = F::cross_entropy(
          cold_expected.narrow(-1, 0, 3).to(torch::kFloat64).reshape({-1, 3}),
          letters.data.validation.labels.flatten(), F::CrossEntropyFuncOptions().ignore_index(-1));
      CHECK(learner->evaluate(4, planned).loss == Approx(by_hand.item<double>()).epsilon(1e-6));
      CHECK(learner->evaluate(4, planned).loss != Approx(cold).epsilon(1e-4));
    }
}

TEST_CASE("Learner: what a step depends on survives a checkpoint bit for bit") {
  LettersData letters;
  for (const char* modifier : {"none", "perpendicular", "grokfast"})
    for (const char* kind : {"adamw", "sgd"}) {
      INFO(modifier << ' ' << kind);
      auto settings = letters_settings();
      settings.optimizer.kind = kind;
      settings.optimizer.modifier = modifier;
      settings.optimizer.constant_norm = true;
      settings.optimizer.clip_norm = 0.5;
      settings.model.subtract_initial = true;
      settings.training.batch_size = 0;
      const auto whole = letters.learner(settings);
      train(*whole, 0, 4);
      const auto bytes = training::pack(whole->state());
      train(*whole, 4, 8);
      const auto resumed = letters.learner(settings);
      train(*resumed, 0, 1); // something to forget
      resumed->load(training::unpack(bytes));
      train(*resumed, 4, 8);
      CHECK(torch::equal(whole->parameters().values, resumed->parameters().values));
      const bool slow = whole->state().slow_gradient.defined();
      CHECK(slow == (std::string(modifier) == "grokfast"));
      if (slow) CHECK(torch::equal(whole->state().slow_gradient, resumed->state().slow_gradient));
      CHECK(training::unpack(bytes).slow_gradient.defined() == slow);
    }
}

TEST_CASE("Learner: Grokfast starts anew wherever it is switched on") {
  LettersData letters;
  auto settings = letters_settings();
  const auto learner = letters.learner(settings);
  train(*learner, 0, 3);
  learner->change({"optimizer.modifier", std::string("grokfast")}, 3, planned);
  train(*learner, 3, 5);
  settings.optimizer.modifier = "grokfast";
  const auto other = letters.learner(settings);
  auto none = letters_settings();
  const auto plain = letters.learner(none);
  train(*plain, 0, 3);
  train(*other, 0, 3);
  other->load(plain->state()); // a checkpoint without Grokfast's memory
  train(*other, 3, 5);
  CHECK(torch::equal(learner->parameters().values, other->parameters().values));
  train(*plain, 3, 5);
  CHECK_FALSE(torch::equal(learner->parameters().values, plain->parameters().values));
  CHECK(learner->state().slow_gradient.defined());
  learner->change({"optimizer.modifier", std::string("none")}, 5, planned);
  CHECK_FALSE(learner->state().slow_gradient.defined());
}

TEST_CASE("Learner: weights keep their norm with every optimizer") {
  LettersData letters;
  for (const char* kind : {"adamw", "sgd", "sign-momentum", "normalised-gradient"}) {
    INFO(kind);
    auto settings = letters_settings();
    settings.optimizer.kind = kind;
    settings.optimizer.modifier = "perpendicular";
    settings.optimizer.learning_rate = 0.05;
    const auto free = letters.learner(settings);
    settings.optimizer.constant_norm = true;
    const auto kept = letters.learner(settings);
    const auto norm = [](const training::Learner& learner) {
      return learner.parameters().values.to(torch::kFloat64).norm().item<double>();
    };
    const double start = norm(*kept);
    train(*kept, 0, 10);
    train(*free, 0, 10);
    CHECK(norm(*kept) == Approx(start).epsilon(1e-6));
    CHECK(norm(*free) != Approx(start).epsilon(1e-3));
  }
}

TEST_CASE("Learner: updates of an arithmetic transformer are measured") {
  LettersData letters;
  auto settings = letters_settings();
  settings.optimizer.weight_decay = 0.3;
  settings.optimizer.constant_norm = true;
  settings.optimizer.modifier = "grokfast";
  settings.optimizer.clip_norm = 1e-3;
  const auto learner = letters.learner(settings);
  train(*learner, 0, 3);
  learner->train_step(3, planned, {true, false});
  CHECK(std::isnan(value(learner->step_output(), "optimizer/update-norm"))); // only of this kind of model:
  learner->settings.model.kind = "arithmetic-transformer";
  const auto state = learner->state();
  const auto before = learner->parameters().values.to(torch::kFloat64).clone();
  learner->train_step(4, planned, {true, false});
  const auto after = learner->parameters().values.to(torch::kFloat64);
  auto raw_settings = settings; // the gradient before anything is done to it
  raw_settings.optimizer.modifier = "none";
  raw_settings.optimizer.clip_norm = 0;
  const auto raw = letters.learner(raw_settings);
  raw->load(state);
  raw->train_step(4, planned, {});
  const auto g = raw->parameters().gradients.to(torch::kFloat64);
  const auto decay = before * learner->parameters().decay * (settings.optimizer.learning_rate * 0.3);
  const auto length = [](const Tensor& t) { return t.norm().item<double>(); };
  const auto& output = learner->step_output();
  CHECK(value(output, "optimizer/update-norm") == Approx(length(after - before)).epsilon(1e-9));
  CHECK(value(output, "optimizer/gradient-norm") == Approx(length(g)).epsilon(1e-9));
  CHECK(value(output, "optimizer/decay-share") ==
        Approx(length(decay) / length(after - before + decay)).epsilon(1e-6));
  CHECK(value(output, "optimizer/scaling-cosine") ==
        Approx(-g.dot(before).item<double>() / (length(g) * length(before))).epsilon(1e-9));
  training::Learner::ProbeSelection weights;
  weights.weights = true;
  CHECK(value(learner->probe(weights, 5, planned), "weight/total") == Approx(length(after)).epsilon(1e-9));
}

TEST_CASE("Learner: the whole training set has no gradient noise, smaller batches have") {
  LettersData letters;
  auto settings = letters_settings();
  settings.training.batch_size = 0;
  settings.probes.noise_draws = 10;
  settings.strategy.extra_loss = 0.1;
  settings.model.subtract_initial = true;
  const auto learner = letters.learner(settings);
  train(*learner, 0, 2);
  probes::Output output;
  CHECK_THROWS_AS(learner->measure_noise(2, planned, output), InputError);
  learner->settings.probes.noise_batch = 4;
  learner->measure_noise(2, planned, output);
  CHECK(value(output, "noise/median") > 0);
  training::Learner::ProbeSelection inside;
  inside.attention = inside.values = inside.text = inside.saturation = inside.components = true;
  const auto seen = learner->probe(inside, 2, planned);
  CHECK(seen.tensors.at("attention/predictions")->shape == std::vector<std::int64_t>{4, 3});
}

TEST_CASE("Learner: curvature is that of the labels' loss, of the kind that is trained") {
  LettersData letters;
  for (const char* kind : {"cross-entropy", "stablemax", "squared"})
    for (const bool subtract : {false, true}) {
      INFO(kind << ' ' << subtract);
      auto settings = letters_settings();
      settings.training.loss = kind;
      settings.training.label_smoothing = 0.2;
      settings.strategy.extra_loss = 0.5;
      settings.model.subtract_initial = subtract;
      const auto learner = letters.learner(settings);
      const auto initial = learner->parameters().values.clone();
      train(*learner, 0, 3);
      const auto values = learner->parameters().values.to(torch::kFloat64);
      const auto landscape =
          training::make_landscape(settings, learner->model(), learner->parameters(), letters.data, 12,
                                   letters.pool, subtract ? initial : Tensor());
      models::ForwardOptions options;
      options.attention = &settings.attention;
      const auto gradient = landscape->gradient(values, options);
      // Along a direction, by differences of the loss itself.
      auto model = [&] {
        auto generator = training::make_generator(5, training::Purpose::Initialisation, 0);
        auto made = models::make_model(settings, letters.data.task->shape(), 11, generator);
        made->to(torch::kFloat64);
        return made;
      }();
      const torch::NoGradGuard no_grad;
      const auto logits_at = [&](const Tensor& weights) {
        for (const auto& slice : learner->parameters().slices()) {
          auto parameter = model->named_parameters()[slice.name];
          parameter.copy_(weights.narrow(0, slice.begin, parameter.numel()).view(slice.shape));
        }
        return model->forward(letters.data.validation.inputs.slice(0, 0, 12), options).narrow(-1, 0, 3);
      };
      const auto zero = logits_at(initial.to(torch::kFloat64));
      fused::Loss plain;
      plain.kind = training::label_loss(settings, *letters.data.task).kind;
      const auto loss_at = [&](const Tensor& weights) {
        const auto logits = logits_at(weights);
        return training::mean_losses(subtract ? logits - zero : logits,
                                     {letters.data.validation.labels.slice(0, 0, 12), {}, {}}, plain)
            .labels.item<double>();
      };
      auto generator = at::detail::createCPUGenerator(3);
      const auto direction = torch::randn({values.numel()}, generator, torch::kFloat64);
      const double slope = (loss_at(values + 1e-5 * direction) - loss_at(values - 1e-5 * direction)) / 2e-5;
      CHECK(gradient.dot(direction).item<double>() == Approx(slope).epsilon(1e-6));
      training::Learner::ProbeSelection curvature;
      curvature.curvature = true;
      CHECK(value(learner->probe(curvature, 3, planned), "curvature/largest") > 0);
    }
}
