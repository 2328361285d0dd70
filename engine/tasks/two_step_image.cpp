#include "engine/tasks/two_step_image.h"

#include <algorithm>

#include <fmt/format.h>

namespace plateau::tasks {
namespace {

constexpr std::int64_t validation_seed = 0; // the same set for every member and study

std::vector<training::Guide> guides(const TwoStepVariant& variant, double label_smoothing) {
  // Training loss with the study's label smoothing; validation is logged without, of a model trained with it
  // (eureka.md 1.5). All are levels of a perfect classifier: a real one lies above the losses.
  const TwoCandidates training = variant.candidates(Split::Training);
  const TwoCandidates held_out = variant.candidates(Split::HeldOut);
  std::vector<training::Guide> result;
  const auto add_losses = [&](const char* metric, double plateau, double floor) {
    result.push_back({metric, plateau, fmt::format("plateau, perfect classes: {:.3f}", plateau)});
    result.push_back({metric, floor, fmt::format("floor, perfect classes: {:.3f}", floor)});
  };
  add_losses("loss/train", plateau_loss(training, label_smoothing),
             floor_loss(training.classes, label_smoothing));
  add_losses("loss/validation", unsmoothed_plateau_loss(held_out, label_smoothing),
             unsmoothed_floor_loss(held_out.classes, label_smoothing));
  const double accuracy = plateau_accuracy(held_out);
  result.push_back(
      {"accuracy/validation", accuracy, fmt::format("plateau, perfect classes: {:.3g}", accuracy)});
  return result;
}

} // namespace

TwoStepImage::TwoStepImage(std::string title, std::unique_ptr<TwoStepVariant> variant,
                           const study::TaskSettings& settings)
    : title_(std::move(title)), variant_(std::move(variant)), cell_(settings.cell_size),
      color_noise_(settings.color_noise), same_probability_(settings.same_probability),
      black_(static_cast<std::size_t>(cell_ * cell_), 0.0F) {}

Batch TwoStepImage::training_batch(std::int64_t seed, std::int64_t step, std::int64_t count, double) const {
  return make_batch(Split::Training, Purpose::TrainingBatch, seed, step, count);
}

Batch TwoStepImage::validation_set(std::int64_t count) const {
  return make_batch(Split::HeldOut, Purpose::ValidationSet, validation_seed, 0, count);
}

Batch TwoStepImage::make_batch(Split split, Purpose purpose, std::int64_t seed, std::int64_t step,
                               std::int64_t count) const {
  const std::int64_t canvas = 3 * 4 * cell_ * cell_;
  const auto size = static_cast<std::size_t>(count);
  Batch batch;
  batch.count = count;
  batch.images.resize(size * static_cast<std::size_t>(canvas));
  batch.labels.resize(size);
  batch.alternatives.resize(size);
  batch.decisions.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    Random random(static_cast<std::uint64_t>(seed), purpose, static_cast<std::uint64_t>(step), i);
    Scene scene = variant_->draw(split, random);
    batch.labels[i] = scene.label();
    batch.alternatives[i] = scene.alternative();
    batch.decisions[i] = scene.same ? 1 : 0;
    paint(scene, random, batch.images.data() + i * static_cast<std::size_t>(canvas));
  }
  return batch;
}

void TwoStepImage::paint(Scene& scene, Random& random, float* canvas) const {
  for (std::size_t i = 0; i < 4; i += 2) // two cells use three pairs of normals
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const auto noise = random.normals();
      scene.cells[i].colour[channel] += static_cast<float>(color_noise_ * noise[0]);
      scene.cells[i + 1].colour[channel] += static_cast<float>(color_noise_ * noise[1]);
    }
  for (Cell& cell : scene.cells)
    if (!cell.pixels) cell.pixels = black_.data();

  for (std::size_t channel = 0; channel < 3; ++channel)
    for (std::size_t row = 0; row < 4; row += 2) {
      const float *left = scene.cells[row].pixels, *right = scene.cells[row + 1].pixels;
      const float left_colour = scene.cells[row].colour[channel];
      const float right_colour = scene.cells[row + 1].colour[channel];
      for (std::int64_t y = 0; y < cell_; ++y) {
        for (std::int64_t x = 0; x < cell_; ++x) *canvas++ = left_colour * *left++;
        for (std::int64_t x = 0; x < cell_; ++x) *canvas++ = right_colour * *right++;
      }
    }
}

Metrics TwoStepImage::measure(const Batch& validation, const Answers& given) const {
  const auto answers = given.classes;
  double either = 0, right = 0, telling = 0; // telling: answers that say which of two candidates was meant
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto label = validation.labels[i], other = validation.alternatives[i];
    if (answers[i] != label && answers[i] != other) continue;
    ++either;
    if (label == other) continue;
    ++telling;
    right += answers[i] == label;
  }
  Metrics metrics{{"accuracy/either-target", either / static_cast<double>(answers.size())}};
  if (telling > 0) metrics.emplace_back("accuracy/intermediate", right / telling);
  return metrics;
}

training::TaskInfo TwoStepImage::info(std::int64_t samples, double label_smoothing) const {
  training::TaskInfo info;
  info.title = title_;
  info.data = variant_->data();
  if (same_probability_ != 0.5)
    info.data += fmt::format("; P(same) = {:.3f}", variant_->candidates(Split::Training).same);
  info.classes = variant_->classes();
  info.guides = guides(*variant_, label_smoothing);
  Batch batch = validation_set(samples);
  for (std::size_t i = 0; i < batch.labels.size(); ++i)
    info.input_labels.push_back(variant_->explain(batch.decisions[i] == 1, batch.labels[i]));
  info.targets = std::move(batch.labels);
  for (float& value : batch.images) value = std::clamp(value, 0.0F, 1.0F); // for display only
  auto inputs = std::make_shared<training::Tensor>();
  inputs->shape = {samples, 3, 2 * cell_, 2 * cell_};
  inputs->data = std::move(batch.images);
  info.inputs = std::move(inputs);
  return info;
}

} // namespace plateau::tasks
