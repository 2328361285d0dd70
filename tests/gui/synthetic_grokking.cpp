// Transformers of modular addition that memorise first and generalise later.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "tests/gui/synthetic_numbers.h"
#include "tests/gui/synthetic_run.h"

namespace plateau::test {
using training::Event;
using training::MemberView;

namespace {

constexpr std::int64_t p = 31, width = 32, heads = 4, samples = 3, every = 50;
constexpr double ln3 = 1.0986122886681098;

bool has_norm(int member) {
  return member % 2 == 0;
}

/// 0 while all is memorised, 1 when it generalises.
double found(int member, double step) {
  const auto middle = static_cast<double>(synthetic_generalisation(member));
  return cliff(step, middle * 0.95, middle * 0.05, 0, 1);
}

/// Rises while memorising.
double memorised(double step) {
  return cliff(step, 90, 18, 0, 1);
}

std::int64_t strongest(int member) {
  return member % 2 ? 11 : 4;
}

/// Share of the power at the five frequencies that the circuit uses.
double concentration(int member, double step) {
  return 0.34 + 0.6 * found(member, step);
}

double hidden_loss(int member, double step) {
  const double peak = has_norm(member) ? 7 : 26;
  const double rising = std::log(31.0) + (peak - 3.4) * memorised(step);
  return std::exp(cliff(step, 0.96 * static_cast<double>(synthetic_generalisation(member)),
                        0.04 * static_cast<double>(synthetic_generalisation(member)), std::log(rising),
                        std::log(2e-3)));
}

void add_curves(MemberView& m, std::int64_t steps) {
  const auto push = [&](const std::string& metric, std::int64_t step, double value) {
    m.series[metric].push({step, value});
  };
  for (std::int64_t step = 1; step <= steps; step += 9) {
    const double s = static_cast<double>(step);
    push("loss/train", step,
         std::exp(cliff(s, 90, 22, std::log(3.43), -6 - 3 * s / 4000)) * std::exp(0.08 * noise(step, m.id)));
    push("accuracy/train", step, 0.03 + 0.97 * memorised(s));
  }
  for (std::int64_t step = 0; step <= steps; step += every) {
    const auto s = static_cast<double>(step);
    const double done = found(m.id, s), held = memorised(s), spread = 1 + 0.03 * noise(step, m.id + 7);
    push("loss/validation", step, hidden_loss(m.id, s) * spread);
    push("accuracy/validation", step, 0.03 + 0.17 * held * (1 - done) + 0.97 * done);
    push("optimizer/learning-rate", step, 2e-3);
    push("loss/restricted", step,
         std::exp(cliff(s, 0.6 * double(synthetic_generalisation(m.id)), 90, 1.2, -6)));
    push("loss/excluded", step, 3.4 - 3.2 * held * (1 - done) + 4 * done);
    push("loss/shortcut", step, has_norm(m.id) ? 3.4 + 0.9 * held - 1.7 * done : 3.4 + 3 * held - 4.4 * done);
    push("features/entropy", step, has_norm(m.id) ? ln3 - 0.01 * held : ln3 - 0.5 * held + 0.35 * done);
    push("features/entropy-per-head", step,
         has_norm(m.id) ? ln3 - 0.05 * held : ln3 - 0.85 * held + 0.3 * done);
    push("features/effective-rank", step, 1.8 + 24 * held - 16 * done + 0.3 * noise(step, m.id + 1));
    push("features/rank", step, 32 - std::floor(14 * done));
    push("features/stable-rank", step, 1.1 + 5 * held - 2 * done);
    push("features/tail-exponent", step, 3.8 - 2.2 * done);
    push("features/fourier-concentration", step, 0.4 + 1.7 * done);
    push("features/fourier-top5", step, concentration(m.id, s));
    push("features/fourier-participation", step, 13 - 8 * done);
    push("features/fourier-entropy", step, 0.97 - 0.4 * done);
    push("features/frequency", step, static_cast<double>(strongest(m.id)));
    push("features/collapse", step, has_norm(m.id) ? 0.02 * held : 0.3 * held);
    push("features/margin-train", step, -2 + 14 * held - 2 * done);
    push("features/margin-validation", step, -2 - 8 * held + 18 * done);
    push("features/logit-size", step, 0.5 + 9 * held - 2 * done);
    push("features/kernel-drift", step, step == 0 ? 1e-3 : 300 * held + 0.05 + 40 * done);
    push("weight/total", step, 22 + 14 * held - 16 * done);
    push("weight/embedding", step, 5 + 3 * held - 2.5 * done);
    push("weight/readout", step, 6 + 4 * held - 4 * done);
    push("weight/mlp/layer1", step, 14 + 9 * held - 11 * done);
    for (const char* part : {"W_Q", "W_K", "W_V", "W_O"})
      push(fmt::format("weight/{}/layer1", part), step, 4 + held - 1.5 * done);
    push("gradient/mlp/layer1", step, 0.02 * (1.1 - held) + 1e-4);
    push("optimizer/update-norm", step, 0.46 * std::exp(-3 * held) * std::exp(0.1 * noise(step, m.id + 2)));
    push("optimizer/gradient-norm", step, 0.5 * std::exp(-6 * held));
    push("optimizer/decay-share", step, 0.1 + 0.85 * held);
    push("optimizer/scaling-cosine", step, 0.05 + 0.6 * held - 0.3 * done);
    push("saturation/entropy/layer1/head1", step, 0.9 - 0.3 * held);
  }
}

} // namespace

std::int64_t synthetic_generalisation(int member) {
  constexpr std::int64_t steps[] = {700, 2600, 850, 3400};
  return steps[member % 4];
}

std::shared_ptr<const training::TensorFrame> synthetic_grokking_frame(int member, std::int64_t step) {
  auto frame = std::make_shared<training::TensorFrame>();
  frame->step = step / every * every;
  const auto s = static_cast<double>(frame->step);
  const double done = found(member, s);
  const std::int64_t k = strongest(member);

  auto spectrum = make_tensor({width});
  for (std::int64_t i = 0; i < width; ++i)
    spectrum->data[static_cast<std::size_t>(i)] =
        static_cast<float>(4e3 * std::pow(static_cast<double>(i + 1), -0.8 - 1.6 * done) *
                           std::exp(-static_cast<double>(i) * 0.08 * done));
  auto embedding = make_tensor({(p - 1) / 2});
  double sum = 0;
  for (std::int64_t f = 1; f <= (p - 1) / 2; ++f) {
    const bool used = f == k || (f * 7 + member) % 4 == 0;
    const double power =
        0.06 + 0.02 * noise(f, member) + (used ? done * (f == k ? 0.6 : 0.25) : -0.05 * done);
    embedding->data[static_cast<std::size_t>(f - 1)] = static_cast<float>(power);
    sum += power;
  }
  for (float& share : embedding->data) share = static_cast<float>(share / sum);
  // The frequency with the most power decides what the circle shows.
  const auto most =
      static_cast<std::int64_t>(std::ranges::max_element(embedding->data) - embedding->data.begin()) + 1;
  auto circle = make_tensor({p, 2});
  for (std::int64_t j = 0; j < p; ++j) {
    const double angle = 2 * M_PI * static_cast<double>(most * j % p) / p;
    const double radius = 0.4 + 0.6 * done, blur = 0.6 * (1 - done) + 0.04;
    circle->data[static_cast<std::size_t>(2 * j)] =
        static_cast<float>(radius * std::cos(angle) + blur * noise(j, member + 3));
    circle->data[static_cast<std::size_t>(2 * j + 1)] =
        static_cast<float>(radius * std::sin(angle) + blur * noise(j, member + 4));
  }
  auto logits = make_tensor({p, p});
  for (std::int64_t a = 0; a < p; ++a)
    for (std::int64_t b = 0; b < p; ++b) {
      const bool trained = noise(a * p + b, 5) < -0.3;
      const double alone = trained ? 12 * memorised(s) : -4 * memorised(s);
      const double shared = 11 + std::cos(2 * M_PI * static_cast<double>(k * (a - b)) / p);
      logits->data[static_cast<std::size_t>(a * p + b)] =
          static_cast<float>(alone * (1 - done) + shared * done + 0.5 * noise(a * p + b, 6));
    }
  logits->data[5 * p + 7] = std::numeric_limits<float>::quiet_NaN(); // as if there were no such pair
  auto diagonal = make_tensor({p});
  for (std::int64_t d = 0; d < p; ++d)
    diagonal->data[static_cast<std::size_t>(d)] = static_cast<float>(
        (d == 0 ? 3 * memorised(s) : -0.3) + done * 7 * std::cos(2 * M_PI * static_cast<double>(k * d) / p));
  auto attention = make_tensor({heads, 3});
  for (std::int64_t head = 0; head < heads; ++head) {
    const double bias = has_norm(member) ? 0 : 0.3 * memorised(s) * (head % 2 ? 1 : -1) * (1 - 0.5 * done);
    const double equal = has_norm(member) ? 1.0 / 3 : 0.08;
    const double a = (1 - equal) * (0.5 + bias), b = 1 - equal - a;
    const double row[] = {a, b, equal};
    for (std::size_t i = 0; i < 3; ++i)
      attention->data[static_cast<std::size_t>(head) * 3 + i] = static_cast<float>(row[i]);
  }
  auto maps = make_tensor({samples, 1, heads, 3, 3});
  auto mean = make_tensor({1, heads, 3, 3});
  for (std::size_t i = 0; i < mean->data.size(); ++i) mean->data[i] = attention->data[i / 9 * 3 + i % 3];
  for (std::size_t i = 0; i < maps->data.size(); ++i) maps->data[i] = mean->data[i % mean->data.size()];
  // Each seed has its own training pairs, so members are shown different ones.
  auto tokens = make_tensor({samples, 3});
  auto targets = make_tensor({samples});
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::int64_t a = (7 * i + 3 * member + 2) % p, b = (11 * i + member + 5) % p;
    tokens->data[static_cast<std::size_t>(3 * i)] = static_cast<float>(a);
    tokens->data[static_cast<std::size_t>(3 * i + 1)] = static_cast<float>(b);
    tokens->data[static_cast<std::size_t>(3 * i + 2)] = static_cast<float>(p);
    targets->data[static_cast<std::size_t>(i)] = static_cast<float>((a + b) % p);
  }
  frame->tensors = {{"features/spectrum", spectrum}, {"features/embedding-spectrum", embedding},
                    {"features/circle", circle},     {"features/correct-logit", logits},
                    {"features/diagonal", diagonal}, {"features/attention", attention},
                    {"attention/maps", maps},        {"attention/mean", mean},
                    {"inputs/tokens", tokens},       {"inputs/targets", targets}};
  return frame;
}

std::shared_ptr<training::Snapshot> synthetic_grokking_snapshot(std::int64_t steps) {
  auto snapshot = std::make_shared<training::Snapshot>();
  snapshot->state = steps >= synthetic_grokking_steps ? training::State::Finished : training::State::Running;
  auto study = std::make_shared<study::Study>();
  study->name = "synthetic-grokking";
  study->title = "Synthetic grokking";
  auto& settings = study->settings;
  settings.task.kind = "modular-arithmetic";
  settings.task.modulus = p;
  settings.model.kind = "arithmetic-transformer";
  settings.model.width = width;
  settings.model.heads = heads;
  settings.model.depth = 1;
  settings.model.mlp_ratio = 4;
  settings.optimizer.learning_rate = 2e-3;
  settings.optimizer.weight_decay = 1;
  settings.optimizer.warmup_steps = 0;
  settings.training.batch_size = 0;
  settings.training.steps = synthetic_grokking_steps;
  settings.probes.features_every = settings.probes.kernel_every = every;
  auto task = std::make_shared<training::TaskInfo>();
  task->title = "Modular arithmetic";
  task->data = "a + b mod 31, 337 of 961 pairs for training";
  for (std::int64_t i = 0; i < p; ++i) task->classes.push_back(std::to_string(i));
  task->vocabulary = task->classes;
  task->vocabulary.push_back("=");
  snapshot->task = task;
  snapshot->device = "CPU, 2 threads";
  snapshot->step = steps;
  snapshot->planned_steps = synthetic_grokking_steps;
  snapshot->steps_per_second = 180;
  for (int id = 0; id < 4; ++id) {
    MemberView m;
    m.id = id;
    m.seed = 1 + id / 2;
    m.name = fmt::format("{} · seed {}", has_norm(id) ? "norm at the MLP" : "no norms", m.seed);
    m.step = steps;
    m.settings = settings;
    if (has_norm(id)) m.settings.model.norms = "mlp";
    m.parameters = 20864;
    m.tokens = {1, 3, false};
    add_curves(m, steps);
    m.frame = synthetic_grokking_frame(id, steps);
    study->members.push_back({.name = m.name, .seed = m.seed, .overrides = {}});
    if (has_norm(id)) study->members.back().overrides = {{"model.norms", std::string("mlp")}};
    snapshot->members.push_back(std::move(m));
  }
  snapshot->study = study;
  const auto add = [&](Event event) {
    if (event.step <= steps) snapshot->events.push_back(std::move(event));
  };
  for (int id = 0; id < 4; ++id)
    add({Event::Kind::Memorisation, synthetic_memorisation + 10 * id, id,
         "memorised: training accuracy 99 %"});
  for (const int id : {0, 2, 1, 3})
    add({Event::Kind::Generalisation, synthetic_generalisation(id), id,
         fmt::format("generalises: test loss at most 0.01, {} steps after memorising",
                     synthetic_generalisation(id) - synthetic_memorisation)});
  for (std::int64_t step = 0; step <= steps; step += 500) snapshot->checkpoints.push_back(step);
  for (auto& m : snapshot->members) m.checkpoints = snapshot->checkpoints;
  return snapshot;
}

} // namespace plateau::test
