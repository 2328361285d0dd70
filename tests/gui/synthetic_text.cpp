// Decoders that learn to write: what they write gets nearer to a text the longer they train.
#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "tests/gui/synthetic_numbers.h"
#include "tests/gui/synthetic_run.h"

namespace plateau::test {
using training::MemberView;

namespace {

constexpr int layers = 2, heads = 3, positions = 24, samples = 2, written = 3, length = 160, bins = 40;
constexpr std::int64_t every = 50;
const std::string letters = " \nabcdefghijklmnopqrstuvwxyz.,'";
const std::string prompt = "the best way to learn a ";
const std::string text =
    "thing is to do it twice.\nthe first time one sees what happens, the second time one "
    "sees why.\n\na plateau is where nothing seems to change, and everything does. ";

float index_of(char letter) {
  const auto found = letters.find(letter);
  return static_cast<float>(found == std::string::npos ? 0 : found);
}

double progress(int member, std::int64_t step) {
  return 1 - std::exp(-static_cast<double>(step) / (member == 1 ? 350 : 600));
}

void add_curves(MemberView& m, std::int64_t steps) {
  const auto push = [&](const std::string& metric, std::int64_t step, double value) {
    m.series[metric].push({step, value});
  };
  for (std::int64_t step = 0; step <= steps; step += every) {
    const double loss = 3.4 - 2.1 * progress(m.id, step) + 0.02 * noise(step, m.id);
    push("loss/train", step, loss);
    push("loss/validation", step, loss + 0.05);
    push("loss/bits-per-character", step, (loss + 0.05) / std::log(2.0));
    push("accuracy/validation", step, 0.1 + 0.45 * progress(m.id, step));
    push("optimizer/learning-rate", step, 1e-3);
    for (int layer = 1; layer <= layers; ++layer) {
      const std::string place = fmt::format("layer{}", layer);
      const double spread = 0.4 + 1.5 * progress(m.id, step) * layer;
      for (int head = 0; head <= heads; ++head) {
        const std::string where = head ? fmt::format("{}/head{}", place, head) : place;
        push("values/spread/" + where, step, spread * (1 + 0.15 * head));
        push("values/gradient-ratio/" + where, step, 1 + 0.4 * spread * spread * (1 + 0.1 * head));
        push("saturation/entropy/" + where, step, 0.95 - 0.4 * progress(m.id, step));
      }
      if (m.settings.attention.laser == "off") continue;
      push("values/smallest-sum/" + place, step, std::exp(-6 * spread * layer * spread));
      push("saturation/laser-zeros/" + place, step, layer == 2 && step > 1000 ? 2e-4 : 0);
      push("saturation/laser-not-finite/" + place, step, 0);
    }
  }
}

std::shared_ptr<const training::TaskInfo> task_info() {
  auto info = std::make_shared<training::TaskInfo>();
  info->title = "Text, character by character";
  info->data = "two sentences";
  for (const char letter : letters)
    info->vocabulary.push_back(letter == ' ' ? "␣" : letter == '\n' ? "⏎" : std::string(1, letter));
  info->classes = info->vocabulary;
  auto tokens = make_tensor({samples, positions});
  for (std::size_t i = 0; i < tokens->data.size(); ++i) tokens->data[i] = index_of((prompt + text)[i]);
  info->tokens = tokens;
  info->targets = {static_cast<std::int64_t>(index_of('t')), static_cast<std::int64_t>(index_of('h'))};
  info->input_labels = {"the best way to learn a␣", "thing is to do it twice."};
  return info;
}

} // namespace

std::shared_ptr<const training::TensorFrame> synthetic_text_frame(int member, std::int64_t step) {
  auto frame = std::make_shared<training::TensorFrame>();
  frame->step = step / every * every;
  auto maps = make_tensor({samples, layers, heads, positions, positions});
  auto mean = make_tensor({layers, heads, positions, positions});
  const double sharpness = 0.2 + 3 * progress(member, frame->step);
  std::size_t at = 0;
  for (int sample = 0; sample < samples; ++sample)
    for (int map = 0; map < layers * heads; ++map)
      for (int q = 0; q < positions; ++q) {
        std::vector<double> row(positions, 0.0); // causal: nothing after the query
        double sum = 0;
        for (int k = 0; k <= q; ++k)
          sum += row[static_cast<std::size_t>(k)] =
              std::exp(sharpness * std::cos(1.1 * (q - k) + map + sample));
        for (const double value : row) {
          const auto weight = static_cast<float>(value / sum);
          mean->data[at % mean->data.size()] += weight / samples;
          maps->data[at++] = weight;
        }
      }
  auto given = make_tensor({static_cast<std::int64_t>(prompt.size())});
  std::ranges::transform(prompt, given->data.begin(), index_of);
  auto sampled = make_tensor({written, length});
  const double right = progress(member, frame->step);
  for (int sample = 0; sample < written; ++sample)
    for (int i = 0; i < length; ++i) {
      const auto place = static_cast<std::size_t>(i) + static_cast<std::size_t>(sample) * 25;
      const bool known = noise(i + 1000 * sample, member) < 2.2 * right - 1;
      const double random = (noise(i, sample + 50) + 1) / 2;
      sampled->data[static_cast<std::size_t>(sample * length + i)] =
          known ? index_of(text[place % text.size()])
                : static_cast<float>(std::floor(random * static_cast<double>(letters.size() - 1)));
    }
  auto histogram = make_tensor({layers, bins});
  for (std::size_t i = 0; i < histogram->data.size(); ++i)
    histogram->data[i] = std::exp(-std::pow((static_cast<float>(i % bins) - 33) / 3.f, 2.f)) / 5.3f;
  frame->tensors = {{"attention/maps", maps},
                    {"attention/mean", mean},
                    {"saturation/histogram", histogram},
                    {"text/prompt", given},
                    {"text/samples", sampled}};
  return frame;
}

std::shared_ptr<training::Snapshot> synthetic_text_snapshot(std::int64_t steps) {
  auto snapshot = std::make_shared<training::Snapshot>();
  snapshot->state = steps >= synthetic_text_steps ? training::State::Finished : training::State::Running;
  auto study = std::make_shared<study::Study>();
  study->name = "synthetic-text";
  study->title = "Synthetic decoders";
  auto& settings = study->settings;
  settings.task.kind = "text";
  settings.model.kind = "decoder";
  settings.model.depth = layers;
  settings.model.heads = heads;
  settings.model.width = 48;
  settings.training.steps = synthetic_text_steps;
  settings.probes.text_every = settings.probes.values_every = every;
  snapshot->task = task_info();
  snapshot->device = "CPU, 2 threads";
  snapshot->step = steps;
  snapshot->planned_steps = synthetic_text_steps;
  for (int id = 0; id < 2; ++id) {
    MemberView m;
    m.id = id;
    m.name = id ? "LASER" : "softmax";
    m.seed = 0;
    m.step = steps;
    m.settings = settings;
    if (id) m.settings.attention.laser = "max-shift";
    m.parameters = 61000;
    m.tokens = {1, positions, false};
    add_curves(m, steps);
    m.frame = synthetic_text_frame(id, steps);
    study->members.push_back({.name = m.name, .seed = 0, .overrides = {}});
    if (id) study->members.back().overrides = {{"attention.laser", std::string("max-shift")}};
    snapshot->members.push_back(std::move(m));
  }
  snapshot->study = study;
  return snapshot;
}

} // namespace plateau::test
