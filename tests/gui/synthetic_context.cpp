// Decoders that learn to read labels from the context: a plateau at chance, then a break.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tests/gui/synthetic_numbers.h"
#include "tests/gui/synthetic_run.h"

namespace plateau::test {
using training::Event;
using training::MemberView;

namespace {

constexpr int layers = 2, heads = 4, pairs = 12, positions = 2 * pairs, samples = 2, levels = 4;
constexpr std::int64_t every = 50;

bool has_extra(int member) {
  return member % 2 == 1;
}

double broken(int member, double step) {
  return cliff(step, static_cast<double>(synthetic_break(member)) + 150, 120, 0, 1);
}

/// Later places know more.
double accuracy_at(int member, double step, int place) {
  const double most = 0.95 * (1 - std::exp(-(place - 1) / 4.0));
  return 0.25 + (most > 0.25 ? most - 0.25 : 0) * broken(member, step);
}

void add_curves(MemberView& m, std::int64_t steps) {
  const auto push = [&](const std::string& metric, std::int64_t step, double value) {
    m.series[metric].push({step, value});
  };
  for (std::int64_t step = 0; step <= steps; step += every) {
    const auto s = static_cast<double>(step);
    const double done = broken(m.id, s), wave = 0.01 * noise(step, m.id);
    double whole = 0, late = 0;
    for (int place = 1; place <= pairs; ++place) {
      const double accuracy =
          std::clamp(accuracy_at(m.id, s, place) + 0.02 * noise(step, 20 * m.id + place), 0.0, 1.0);
      push(fmt::format("context/accuracy/position{}", place), step, accuracy);
      push(fmt::format("context/loss/position{}", place), step,
           1.386 * (1 - 0.85 * (accuracy_at(m.id, s, place) - 0.25) / 0.7) + wave);
      push(fmt::format("context/rule-score-by-position/position{}", place), step,
           1.0 / 3 + 0.6 * done * (1 - std::exp(-place / 4.0)));
      whole += accuracy / pairs;
      if (place > pairs * 3 / 4) late += accuracy / (pairs / 4);
    }
    const double loss = 1.39 - 0.7 * done;
    push("loss/train", step, loss + wave);
    push("loss/validation", step, loss + 0.01);
    push("accuracy/validation", step, whole);
    push("accuracy/late", step, late);
    push("optimizer/learning-rate", step, 5e-4);
    push("accuracy/in-context", step, late);
    push("accuracy/in-weights", step, 0.25 + wave);
    push("accuracy/fixed-mapping", step, std::min(1.0, late + 0.02));
    push("accuracy/swapped-labels", step, 0.25 + 0.9 * (late - 0.25));
    push("loss/attributes", step, has_extra(m.id) ? 0.3 + std::exp(-s / 400) : 1.4 + 0.1 * wave);
    push("loss/rule", step, std::log(3.0));
    for (int layer = 1; layer <= layers; ++layer) {
      const std::string place = fmt::format("/layer{}", layer);
      const double early = has_extra(m.id) ? 0.1 * (1 - std::exp(-s / 400)) : 0.09 * done;
      push("component/weights-score" + place, step, 0.83 + 0.02 * layer + early + wave);
      push("component/weights-score-self" + place, step, 0.8 + 0.02 * layer + early + wave);
      push("component/weights-score-none" + place, step, 0.78 + 0.02 * layer + 0.8 * early + wave);
      push("context/rule-score" + place, step, 1.0 / 3 + (layer == 2 ? 0.55 : 0.2) * done);
      push("component/weights-norm" + place, step, 6 + layer + done);
      push("component/context-norm" + place, step, 1 + 4 * done * layer);
      push("component/cosine" + place, step, 0.1 - 0.2 * done);
      push("component/context-share" + place, step, 0.1 + 0.5 * done);
      for (int head = 1; head <= heads; ++head) {
        const std::string where = fmt::format("/layer{}/head{}", layer, head);
        const bool previous = layer == 1 && head == 2, induces = layer == 2 && head == 3;
        push("head/previous-token" + where, step, previous ? 0.1 + 0.8 * done : 0.1 + 0.05 * head);
        push("head/induction" + where, step, induces ? 1 + 2.6 * done : 1 + 0.1 * noise(step, head) * done);
        push("head/right-label" + where, step, induces ? 0.12 + 0.6 * done : 0.12);
        push("saturation/entropy" + where, step, 0.95 - 0.3 * done);
      }
    }
    push("component/item-score", step, 0.85);
    push("component/answers-weights", step, 0.25 + wave);
    push("component/answers-context", step, 0.25 + 0.5 * done);
    push("features/pairwise-cosine", step, 0.97 - 0.7 * done);
    push("features/effective-rank", step, 2 + 9 * done);
    push("features/stable-rank", step, 1.2 + 3 * done);
    push("features/logit-deviation", step, 0.02 + 1.8 * done);
  }
}

} // namespace

std::int64_t synthetic_break(int member) {
  constexpr std::int64_t steps[] = {2400, 900, 2600, 1000};
  return steps[member % 4];
}

std::shared_ptr<const training::TensorFrame> synthetic_context_frame(int member, std::int64_t step) {
  auto frame = std::make_shared<training::TensorFrame>();
  frame->step = step / every * every;
  const double done = broken(member, static_cast<double>(frame->step));
  auto maps = make_tensor({samples, layers, heads, positions, positions});
  std::size_t at = 0;
  for (int sample = 0; sample < samples; ++sample)
    for (int map = 0; map < layers * heads; ++map)
      for (int q = 0; q < positions; ++q, at += positions) {
        double sum = 0;
        std::vector<double> row(static_cast<std::size_t>(q + 1), 1);
        for (int k = 0; k <= q; ++k) {
          auto& weight = row[static_cast<std::size_t>(k)];
          if (map == 1 && k == q - 1) weight += 12 * done;
          if (map == heads + 2 && k % 2 == 1 && (q - k + sample) % 5 == 0) weight += 8 * done;
          sum += weight;
        }
        for (int k = 0; k <= q; ++k)
          maps->data[at + static_cast<std::size_t>(k)] =
              static_cast<float>(row[static_cast<std::size_t>(k)] / sum);
      }
  auto mean = make_tensor({layers, heads, positions, positions});
  for (std::size_t i = 0; i < mean->data.size(); ++i)
    mean->data[i] = (maps->data[i] + maps->data[i + mean->data.size()]) / 2;
  // Items differ between members: each seed draws its own.
  auto tokens = make_tensor({samples, positions});
  auto targets = make_tensor({samples});
  for (int sample = 0; sample < samples; ++sample) {
    for (int i = 0; i < positions; ++i)
      tokens->data[static_cast<std::size_t>(sample * positions + i)] = static_cast<float>(
          i % 2 ? 64 + (i * 7 + member + sample) % levels : (i * 13 + 5 * member + 29 * sample) % 64);
    targets->data[static_cast<std::size_t>(sample)] = static_cast<float>((member + sample) % levels);
  }
  frame->tensors = {{"attention/maps", maps},
                    {"attention/mean", mean},
                    {"inputs/tokens", tokens},
                    {"inputs/targets", targets}};
  return frame;
}

std::shared_ptr<training::Snapshot> synthetic_context_snapshot(std::int64_t steps) {
  auto snapshot = std::make_shared<training::Snapshot>();
  snapshot->state = steps >= synthetic_context_steps ? training::State::Finished : training::State::Running;
  auto study = std::make_shared<study::Study>();
  study->name = "synthetic-context";
  study->title = "Synthetic learning in context";
  auto& settings = study->settings;
  settings.task.kind = "factor-labels";
  settings.task.pairs = pairs;
  settings.model.kind = "decoder";
  settings.model.depth = layers;
  settings.model.heads = heads;
  settings.optimizer.learning_rate = 5e-4;
  settings.optimizer.warmup_steps = 0;
  settings.training.steps = synthetic_context_steps;
  settings.probes.in_context_every = every;
  auto task = std::make_shared<training::TaskInfo>();
  task->title = "Factor labels";
  task->data = "3 factors of 4 levels, 2000 mappings";
  for (int label = 0; label < levels; ++label)
    task->classes.push_back(std::string(1, static_cast<char>('A' + label)));
  for (int cell = 0; cell < 64; ++cell)
    task->vocabulary.push_back(fmt::format("{}{}{}", cell / 16, cell / 4 % 4, cell % 4));
  task->vocabulary.insert(task->vocabulary.end(), task->classes.begin(), task->classes.end());
  task->guides = {{"loss/validation", std::log(4.0), "marginal ln 4 = 1.386"},
                  {"accuracy/validation", 0.25, "chance 25 %"}};
  snapshot->task = task;
  snapshot->device = "CPU, 2 threads";
  snapshot->step = steps;
  snapshot->planned_steps = synthetic_context_steps;
  snapshot->steps_per_second = 35;
  for (int id = 0; id < 4; ++id) {
    MemberView m;
    m.id = id;
    m.seed = id / 2;
    m.name = fmt::format("{} · seed {}", has_extra(id) ? "extra loss" : "baseline", m.seed);
    m.step = steps;
    m.settings = settings;
    if (has_extra(id)) m.settings.strategy.extra_loss = 0.1;
    m.parameters = 104000;
    m.tokens = {1, positions, false};
    add_curves(m, steps);
    m.frame = synthetic_context_frame(id, steps);
    study->members.push_back({.name = m.name, .seed = m.seed, .overrides = {}});
    if (has_extra(id)) study->members.back().overrides = {{"strategy.extra_loss", 0.1}};
    snapshot->members.push_back(std::move(m));
  }
  snapshot->study = study;
  const auto add = [&](Event event) {
    if (event.step <= steps) snapshot->events.push_back(std::move(event));
  };
  for (int id = 0; id < 4; ++id)
    add({Event::Kind::PlateauBegin, 100, id, "plateau: loss stays at ln 4 from step 100"});
  for (const int id : {1, 3, 0, 2}) {
    add({Event::Kind::PlateauEnd, synthetic_break(id), id, "plateau ends"});
    add({Event::Kind::EurekaMoment, synthetic_break(id), id, "break: last quarter 10 % above chance"});
  }
  for (std::int64_t step = 0; step <= steps; step += 500) snapshot->checkpoints.push_back(step);
  for (auto& m : snapshot->members) m.checkpoints = snapshot->checkpoints;
  return snapshot;
}

} // namespace plateau::test
