#include "tests/gui/synthetic_run.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/recording/writer.h"
#include "tests/gui/synthetic_numbers.h"

namespace plateau::test {
using training::Event;
using training::MemberView;
using training::Point;
using training::Snapshot;
using training::Tensor;

namespace {

constexpr int layers = 2, heads = 3, tokens = 17, side = 4, samples = 3, classes = 10, bins = 40;
constexpr std::int64_t every = 50;
constexpr std::int64_t fork_step = 1500;

std::int64_t jump_of(int member) {
  return member == 1 ? synthetic_jump + 900 : synthetic_jump;
}

double loss_of(int member, std::int64_t step) {
  const auto s = static_cast<double>(step);
  if (member == 2) return 0.52 + 1.85 * std::exp(-s / 250);
  const double early = 1.03 + 1.27 * std::exp(-s / 120);
  return cliff(s, static_cast<double>(jump_of(member)), 60, early, 0.52);
}

double openness(int member, int layer, std::int64_t step) {
  return cliff(static_cast<double>(step), static_cast<double>(jump_of(member)), 80, 0.97 - 0.05 * layer,
               0.5 + 0.1 * layer);
}

void add_curves(MemberView& m, std::int64_t steps) {
  const auto push = [&](const std::string& metric, std::int64_t step, double value) {
    m.series[metric].push({step, value});
  };
  for (std::int64_t step = 0; step <= steps; step += 10)
    push("loss/train", step, loss_of(m.id, step) + 0.03 * noise(step, m.id));
  for (std::int64_t step = 0; step <= steps; step += every) {
    const double loss = loss_of(m.id, step);
    const double solved = std::clamp((1.03 - loss) / 0.5, 0.0, 1.0);
    push("loss/validation", step, std::max(0.1, loss - 0.4) + 0.01 * noise(step, m.id + 10));
    push("accuracy/validation", step,
         0.1 + 0.44 * (1 - std::exp(-static_cast<double>(step) / 150)) + 0.38 * solved);
    push("accuracy/intermediate", step, 0.5 + 0.5 * solved);
    push("accuracy/either-target", step, 1 - 0.8 * std::exp(-static_cast<double>(step) / 150));
    push("optimizer/learning-rate", step, 1e-3 * std::min(1.0, static_cast<double>(step) / 200));
    const bool attends = m.tokens.rows > 0;
    if (attends) push("attention/temperature", step, m.settings.attention.temperature);
    for (int layer = 1; layer <= layers; ++layer) {
      const double open = openness(m.id, layer, step);
      const double scale =
          1e-3 * (1 + 20 * std::exp(-std::pow((static_cast<double>(step - jump_of(m.id))) / 150, 2)));
      for (const char* part : {"W_Q", "W_K", "W_V", "W_O", "mlp"}) {
        if (!attends) continue;
        const double share = part[2] == 'Q' ? 0.1 : part[2] == 'K' ? 0.2 : 1;
        const double value = share * scale * layer * (1 + 0.2 * noise(step, layer));
        push(fmt::format("gradient/{}/layer{}", part, layer), step, value);
        push(fmt::format("gradient-mean/{}/layer{}", part, layer), step, value / 50);
        push(fmt::format("weight/{}/layer{}", part, layer), step, 1 + 0.0002 * static_cast<double>(step));
      }
      if (!attends) continue;
      for (int head = 1; head <= heads; ++head) {
        const std::string place = fmt::format("layer{}/head{}", layer, head);
        push("saturation/entropy/" + place, step, std::clamp(open + 0.02 * head, 0.0, 1.0));
        push("saturation/max-probability/" + place, step, 1.05 - open);
        push("saturation/share-below-1e-3/" + place, step, 0.6 * (1 - open));
        push("saturation/share-below-1e-7/" + place, step, 0.2 * (1 - open));
        push("saturation/jacobian-norm/" + place, step, 0.06 + 0.3 * (1 - open));
        push("values/spread/" + place, step, 0.3 + (1 - open) * head);
        push("values/gradient-ratio/" + place, step, 1 + (1 - open) * head);
      }
      push(fmt::format("values/spread/layer{}", layer), step, 0.3 + 2 * (1 - open));
      push(fmt::format("values/gradient-ratio/layer{}", layer), step, 1 + 2 * (1 - open));
      const std::string place = fmt::format("layer{}", layer);
      push("component/weights-norm/" + place, step, 4 + layer + 0.0005 * static_cast<double>(step));
      push("component/context-norm/" + place, step, 1 + 3 * (1 - open) * layer);
      push("component/cosine/" + place, step, 0.2 - 0.3 * (1 - open));
      push("component/context-share/" + place, step, std::clamp(0.1 + (1 - open), 0.0, 1.0));
    }
    const double bend = 2 + 30 * std::exp(-std::pow(static_cast<double>(step - jump_of(m.id)) / 200, 2));
    push("curvature/smoothness", step, (noise(step, m.id + 5) > 0.8 ? -0.2 : 1) * bend);
    push("curvature/gradient-norm", step, std::sqrt(bend) * std::exp(0.3 * noise(step, m.id + 6)));
    push("curvature/largest", step, 4 * bend);
    push("curvature/median", step, 0.02);
    push("curvature/median-live", step, 0.02);
    push("curvature/condition", step, 200 * bend);
    push("curvature/condition-live", step, 200 * bend);
    push("curvature/coordinates", step, 256);
    push("curvature/dead", step, 0);
    push("gradient/embedding", step, 2e-3);
    push("gradient/readout", step, 4e-3);
    push("gradient-mean/embedding", step, 2e-5);
    push("gradient-mean/readout", step, 4e-5);
    push("weight/embedding", step, 3);
    push("weight/readout", step, 2);
  }
  add_noise(m, 0, 0.3);
}

std::shared_ptr<const training::TaskInfo> task_info() {
  auto info = std::make_shared<training::TaskInfo>();
  info->title = "Two-step image task";
  info->data = "synthetic pictures, indicators: stripes";
  for (int c = 0; c < classes; ++c) info->classes.push_back(fmt::format("class {}", c));
  info->guides = {{"loss/train", 1.0246, "plateau 1.0246"}, {"loss/train", 0.5003, "floor 0.5003"}};
  constexpr int size = 28;
  auto inputs = std::make_shared<Tensor>();
  inputs->shape = {samples, 3, size, size};
  for (int sample = 0; sample < samples; ++sample)
    for (int channel = 0; channel < 3; ++channel)
      for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x) {
          const bool indicator = (x < size / 2) == (y < size / 2);
          const double wave = 0.5 + 0.5 * std::sin((x * (sample + 1) + y * (indicator ? 0 : 2)) * 0.9);
          inputs->data.push_back(static_cast<float>(indicator && channel ? wave * 0.2 : wave));
        }
  info->inputs = inputs;
  info->targets = {3, 7, 1};
  info->input_labels = {"same -> top right: class 3", "different -> bottom left: class 7",
                        "same -> top right: class 1"};
  return info;
}

MemberView make_member(int id, std::int64_t steps) {
  MemberView m;
  m.id = id;
  m.name = std::vector<std::string>{"ViT", "ViT (twin)", "CNN"}[static_cast<std::size_t>(id)];
  m.seed = 3;
  m.step = steps;
  m.settings.task.cell_size = 14;
  m.settings.model.patch = 7;
  m.settings.model.width = 48;
  m.settings.model.heads = heads;
  m.settings.model.depth = layers;
  m.settings.training.steps = synthetic_steps;
  m.parameters = 23658 + id;
  if (id == 2)
    m.settings.model.kind = "resnet";
  else
    m.tokens = {side, side, true};
  if (id == 1) {
    m.parent = 0;
    m.forked_at = fork_step;
    m.is_twin = true;
  }
  return m;
}

} // namespace

std::shared_ptr<const training::TensorFrame> synthetic_frame(int member, std::int64_t step) {
  auto frame = std::make_shared<training::TensorFrame>();
  frame->step = step / every * every;
  if (member == 2) return frame;
  const double sharpness = 4 * (1 - openness(member, 1, frame->step));
  auto maps = std::make_shared<Tensor>();
  maps->shape = {samples, layers, heads, tokens, tokens};
  auto mean = std::make_shared<Tensor>();
  mean->shape = {layers, heads, tokens, tokens};
  for (int sample = 0; sample < samples; ++sample)
    for (int map = 0; map < layers * heads; ++map)
      for (int q = 0; q < tokens; ++q) {
        std::vector<double> row(tokens);
        double sum = 0;
        for (int k = 0; k < tokens; ++k) {
          row[static_cast<std::size_t>(k)] =
              std::exp(sharpness * std::cos(0.9 * (q - k) * (map + 1) / heads + sample + map));
          sum += row[static_cast<std::size_t>(k)];
        }
        for (const double value : row) maps->data.push_back(static_cast<float>(value / sum));
      }
  const std::size_t one = maps->data.size() / samples;
  for (std::size_t i = 0; i < one; ++i) {
    float sum = 0;
    for (std::size_t sample = 0; sample < samples; ++sample) sum += maps->data[sample * one + i];
    mean->data.push_back(sum / samples);
  }
  auto predictions = std::make_shared<Tensor>();
  predictions->shape = {samples, classes};
  for (int sample = 0; sample < samples; ++sample)
    for (int c = 0; c < classes; ++c) predictions->data.push_back(c == 3 ? 0.82f : 0.02f);
  auto histogram = std::make_shared<Tensor>();
  histogram->shape = {layers, bins};
  for (int layer = 1; layer <= layers; ++layer)
    for (int bin = 0; bin < bins; ++bin) {
      const double log_a = -10 + 10 * (bin + 0.5) / bins;
      const double center = -1.2 - 3 * (1 - openness(member, layer, frame->step));
      histogram->data.push_back(static_cast<float>(std::exp(-std::pow((log_a - center) / 0.8, 2)) / 5.7));
    }
  frame->tensors = {{"attention/maps", maps},
                    {"attention/mean", mean},
                    {"attention/predictions", predictions},
                    {"saturation/histogram", histogram},
                    {"noise/errors", noise_errors(0.3, 400)}};
  return frame;
}

std::shared_ptr<Snapshot> synthetic_snapshot(std::int64_t steps) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->state = steps >= synthetic_steps ? training::State::Finished : training::State::Running;
  auto study = std::make_shared<study::Study>();
  study->name = "synthetic";
  study->title = "A synthetic run";
  study->description = "Made from formulas.";
  study->settings = make_member(0, steps).settings;
  study->members = {{"ViT", 3, {}}, {"CNN", 3, {{"model.kind", std::string("resnet")}}}};
  snapshot->study = study;
  snapshot->task = task_info();
  snapshot->device = "CPU, 2 threads";
  snapshot->step = steps;
  snapshot->planned_steps = synthetic_steps;
  snapshot->steps_per_second = 123;
  for (int id = 0; id < 3; ++id) {
    if (id == 1 && steps < fork_step) continue;
    MemberView m = make_member(id, steps);
    add_curves(m, steps);
    m.frame = synthetic_frame(id, steps);
    if (id != 2)
      for (std::int64_t step = 0; step <= steps; step += every) {
        auto frame = std::make_shared<training::TensorFrame>();
        frame->step = step;
        frame->tensors["saturation/histogram"] =
            synthetic_frame(id, step)->tensors.at("saturation/histogram");
        m.histograms.push(frame);
      }
    snapshot->members.push_back(std::move(m));
  }
  const auto add = [&](Event event) {
    if (event.step <= steps) snapshot->events.push_back(std::move(event));
  };
  add({Event::Kind::PlateauBegin, 400, 0, "plateau: training loss stays at 1.03 from step 400"});
  add({Event::Kind::Intervention, fork_step, 0, "attention.temperature = 0.5 on ViT, twin kept"});
  add({Event::Kind::PlateauEnd, synthetic_jump - 150, 0, "plateau ends after 1950 steps"});
  add({Event::Kind::EurekaMoment, synthetic_jump, 0,
       "Eureka-moment: accuracy from 0.54 to 0.91 within 250 steps"});
  add({Event::Kind::EurekaMoment, synthetic_jump + 900, 1,
       "Eureka-moment: accuracy from 0.54 to 0.91 within 250 steps"});
  for (std::int64_t step = 0; step <= steps; step += 500) snapshot->checkpoints.push_back(step);
  for (auto& m : snapshot->members)
    for (const auto step : snapshot->checkpoints)
      if (step >= m.forked_at) m.checkpoints.push_back(step);
  return snapshot;
}

void write_synthetic_recording(const std::filesystem::path& path) {
  write_recording(path, *synthetic_snapshot(), synthetic_frame);
}

void write_recording(const std::filesystem::path& path, const Snapshot& run, FrameOf frame_of) {
  const auto* snapshot = &run;
  const auto writer = recording::Writer::create(path, *snapshot->study);
  writer->set_task(*snapshot->task);
  writer->set_planned_steps(snapshot->planned_steps);
  writer->set_summary("device", snapshot->device);
  writer->set_summary("finished", "true");
  for (const MemberView& m : snapshot->members) {
    writer->add_member(
        {m.id, m.name, m.seed, m.parent, m.forked_at, m.is_twin, m.settings, m.parameters, m.tokens});
    for (const auto& [metric, series] : m.series) {
      std::vector<recording::Sample> points;
      for (std::size_t i = 0; i < series.size(); ++i)
        if (m.parent < 0 || series[i].step > m.forked_at) points.push_back({m.id, metric, series[i]});
      writer->add_samples(std::move(points));
    }
    for (std::int64_t step = m.forked_at; step <= snapshot->step; step += every)
      if (const auto frame = frame_of(m.id, step); !frame->tensors.empty()) writer->add_frame(m.id, frame);
  }
  for (const Event& event : snapshot->events) writer->add_event(event);
  writer->flush();
}

SyntheticRun::SyntheticRun(bool live, std::int64_t steps)
    : SyntheticRun(live, synthetic_snapshot(steps), synthetic_frame) {}

SyntheticRun::SyntheticRun(bool live, std::shared_ptr<Snapshot> snapshot, FrameOf frame_of)
    : live_(live), frame_of_(frame_of) {
  snapshot->replay = !live;
  snapshot_ = std::move(snapshot);
}

} // namespace plateau::test
