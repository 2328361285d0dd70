// Linear transformers learning to regress: SGD and Adam, two seeds each.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/analysis/normal.h"
#include "tests/gui/synthetic_numbers.h"
#include "tests/gui/synthetic_run.h"

namespace plateau::test {
using training::MemberView;

namespace {

constexpr int layers = 3, width = 5;
constexpr std::int64_t evaluated_every = 10, probed_every = 50;

bool is_adam(int member) {
  return member % 2 == 1;
}

double loss_of(int member, double step) {
  const double start = 5.36 * std::exp(-step / 12);
  const double slow = 0.5 * std::pow(1 + step / 8, -0.6), fast = 0.6 * std::exp(-step / 60) + 0.0013;
  return start + (is_adam(member) ? fast : slow) * (1 + 0.1 * (member / 2));
}

void add_curves(MemberView& m, std::int64_t steps) {
  const auto push = [&](const std::string& metric, std::int64_t step, double value) {
    m.series[metric].push({step, value});
  };
  push("reference/gradient-descent", 0, 1.72);
  push("reference/preconditioned-gradient-descent", 0, 0.21);
  for (std::int64_t step = 0; step <= steps; step += evaluated_every) {
    const auto s = static_cast<double>(step);
    const double loss = loss_of(m.id, s), shaken = std::exp(0.3 * noise(step, m.id));
    if (step > 0) push("loss/train", step, loss * shaken);
    push("loss/validation", step, loss * (noise(step, 7 * m.id) > 0.96 ? 8 : 1.1));
    push("loss/validation-median", step, loss * 0.12);
    push("loss/validation-trimmed", step, loss * 0.6);
    push("optimizer/learning-rate", step, 0.02);
    if (step == 0) continue;
    const double gradient = std::sqrt(loss) * std::exp(0.5 * noise(step, m.id + 20));
    const double smoothness =
        (is_adam(m.id) ? 0.12 : 1.5) * std::pow(gradient, 0.6) * std::exp(noise(step, m.id + 30));
    push("curvature/gradient-norm", step, gradient);
    push("curvature/smoothness", step, noise(step, m.id + 40) > 0.94 ? -0.3 * smoothness : smoothness);
  }
  for (std::int64_t step = 0; step <= steps; step += probed_every) {
    const auto s = static_cast<double>(step);
    const double largest = 3 * std::exp(0.4 * noise(step, m.id + 50)) + 40 * std::exp(-s / 100);
    const double dip = is_adam(m.id) ? 30 * std::exp(-std::pow((s - 250) / 180, 2)) : 4;
    const double median = (0.01 + 0.01 * dip) * std::exp(0.3 * noise(step, m.id + 60));
    push("curvature/largest", step, largest);
    push("curvature/median", step, median);
    push("curvature/median-live", step, median * 1.6);
    push("curvature/condition", step, largest / median);
    push("curvature/condition-live", step, largest / median / 1.6);
    push("curvature/coordinates", step, 150);
    push("curvature/dead", step, 25);
    for (int layer = 1; layer <= layers; ++layer)
      for (const char* matrix : {"P", "Q"}) {
        const std::string place = fmt::format("{}/layer{}", matrix, layer);
        push("gradient/" + place, step, 0.3 * layer * std::sqrt(loss_of(m.id, s)));
        push("gradient-mean/" + place, step, 0.03 * layer * std::sqrt(loss_of(m.id, s)));
        push("weight/" + place, step, 0.25 + layer * (1 - std::exp(-s / 200)));
        push(fmt::format("linear/{}-distance/layer{}", matrix, layer), step,
             0.95 * std::exp(-s / (is_adam(m.id) ? 150 : 600)) + (*matrix == 'P' ? 0.04 : 0.02) * layer);
      }
  }
  add_noise(m, 0, is_adam(m.id) ? 0.45 : 0.2);
  if (steps >= 500) add_noise(m, 500, is_adam(m.id) ? 0.6 : 0.3);
}

} // namespace

std::shared_ptr<const training::Tensor> noise_errors(double tail, std::int64_t draws) {
  auto errors = make_tensor({draws});
  for (std::int64_t i = 0; i < draws; ++i) {
    const double z = analysis::normal_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(draws));
    errors->data[static_cast<std::size_t>(i)] = static_cast<float>(2.1 * std::exp(tail * z));
  }
  return errors;
}

void add_noise(MemberView& member, std::int64_t step, double tail) {
  // Of the logarithmic normal distribution.
  const double e = std::exp(tail * tail);
  member.series["noise/skew"].push({step, (e + 2) * std::sqrt(e - 1)});
  member.series["noise/kurtosis"].push({step, e * e * e * e + 2 * e * e * e + 3 * e * e - 6});
  member.series["noise/median"].push({step, 2.1});
  member.series["noise/p99"].push({step, 2.1 * std::exp(tail * 2.326)});
}

std::shared_ptr<const training::TensorFrame> synthetic_linear_frame(int member, std::int64_t step) {
  auto frame = std::make_shared<training::TensorFrame>();
  frame->step = step / probed_every * probed_every;
  auto matrices = make_tensor({layers, 2, width, width});
  const double done = 1 - std::exp(-static_cast<double>(frame->step) / (is_adam(member) ? 150 : 600));
  std::size_t i = 0;
  for (int layer = 0; layer < layers; ++layer)
    for (int matrix = 0; matrix < 2; ++matrix)
      for (int row = 0; row < width; ++row)
        for (int column = 0; column < width; ++column) {
          const double level = (matrix ? -1.2 : 0.8) * (0.6 + 0.2 * layer) * done;
          const double random = 0.05 * noise(i, member) + 0.06 * done * noise(i + 100, member);
          matrices->data[i++] = static_cast<float>((row == column ? level : 0) + random);
        }
  frame->tensors["linear/matrices"] = matrices;
  frame->tensors["noise/errors"] =
      noise_errors(step >= 500 ? (is_adam(member) ? 0.6 : 0.3) : (is_adam(member) ? 0.45 : 0.2));
  return frame;
}

std::shared_ptr<training::Snapshot> synthetic_linear_snapshot(std::int64_t steps) {
  auto snapshot = std::make_shared<training::Snapshot>();
  snapshot->state = steps >= synthetic_linear_steps ? training::State::Finished : training::State::Running;
  auto study = std::make_shared<study::Study>();
  study->name = "synthetic-linear";
  study->title = "Synthetic linear transformers";
  auto& settings = study->settings;
  settings.task.kind = "linear-regression";
  settings.model.kind = "linear-transformer";
  settings.model.depth = layers;
  settings.optimizer.kind = "sgd";
  settings.optimizer.learning_rate = 0.02;
  settings.training.steps = synthetic_linear_steps;
  settings.probes.curvature_every = settings.probes.smoothness_every = settings.probes.noise_every = 50;
  auto task = std::make_shared<training::TaskInfo>();
  task->title = "Linear regression in context";
  task->data = "prompts drawn anew at each step, d = 5, n = 20";
  snapshot->task = task;
  snapshot->device = "CPU, 2 threads";
  snapshot->step = steps;
  snapshot->planned_steps = synthetic_linear_steps;
  snapshot->steps_per_second = 210;
  snapshot->times = {.data = 0.4, .forward = 1.1, .backward = 1.4, .optimizer = 0.1, .curvature = 0.9};
  for (int id = 0; id < 4; ++id) {
    MemberView m;
    m.id = id;
    m.seed = id / 2;
    m.name = fmt::format("{} · seed {}", is_adam(id) ? "Adam" : "SGD", m.seed);
    m.step = steps;
    m.settings = settings;
    if (is_adam(id)) m.settings.optimizer.kind = "adamw";
    m.parameters = 150;
    add_curves(m, steps);
    m.frame = synthetic_linear_frame(id, steps);
    study::MemberSpec spec{.name = m.name, .seed = m.seed, .overrides = {}, .shown = m.seed == 0};
    if (is_adam(id)) spec.overrides = {{"optimizer.kind", std::string("adamw")}};
    study->members.push_back(std::move(spec));
    snapshot->members.push_back(std::move(m));
  }
  snapshot->study = study;
  for (std::int64_t step = 0; step <= steps; step += 500) snapshot->checkpoints.push_back(step);
  for (auto& m : snapshot->members) m.checkpoints = snapshot->checkpoints;
  return snapshot;
}

} // namespace plateau::test
