#include "engine/tasks/linear_regression.h"

#include <fmt/format.h>

#include "engine/errors.h"

namespace plateau::tasks {
namespace {

constexpr std::int64_t validation_seed = 99; // the paper's

} // namespace

LinearRegression::LinearRegression(const study::TaskSettings& settings)
    : dimension_(settings.dimension), context_(settings.context), covariates_(settings) {
  if (settings.targets == "random-mlp")
    network_.emplace(dimension_);
  else if (settings.targets != "linear")
    throw InputError(fmt::format("task.targets = {}: there are no such targets; there are linear, random-mlp",
                                 settings.targets));
}

Batch LinearRegression::training_batch(std::int64_t seed, std::int64_t step, std::int64_t count, double) const {
  return make_batch(Purpose::TrainingBatch, seed, step, count);
}

Batch LinearRegression::validation_set(std::int64_t count) const {
  return make_batch(Purpose::ValidationSet, validation_seed, 0, count);
}

Batch LinearRegression::make_batch(Purpose purpose, std::int64_t seed, std::int64_t step,
                                   std::int64_t count) const {
  const Normal& normal = Normal::tables();
  Batch batch;
  batch.count = count;
  batch.prompts.resize(static_cast<std::size_t>(count * (context_ + 1) * (dimension_ + 1)));
  batch.targets.resize(static_cast<std::size_t>(count));
  std::vector<double> w(static_cast<std::size_t>(dimension_)), read_out(2 * w.size() + 1);
  float* token = batch.prompts.data();
  for (std::size_t sample = 0; sample < batch.targets.size(); ++sample) {
    Random random(static_cast<std::uint64_t>(seed), purpose, static_cast<std::uint64_t>(step), sample);
    for (double& value : w) value = normal(random);
    if (network_) network_->read_out(w.data(), read_out.data());
    for (std::int64_t i = 0; i <= context_; ++i, token += dimension_ + 1) {
      covariates_.draw(random, token);
      double y = 0; // of the covariate as the model gets it, rounded to float
      if (network_)
        y = network_->respond(read_out.data(), token);
      else
        for (std::int64_t k = 0; k < dimension_; ++k) y += w[static_cast<std::size_t>(k)] * token[k];
      (i < context_ ? token[dimension_] : batch.targets[sample]) = static_cast<float>(y);
    }
  }
  return batch;
}

double LinearRegression::mean_squared_response() const {
  if (!network_) return covariates_.mean_squared_length();
  constexpr std::uint64_t draws = 1 << 17;
  std::vector<float> x(static_cast<std::size_t>(dimension_));
  std::vector<double> f(x.size());
  double sum = 0;
  for (std::uint64_t i = 0; i < draws; ++i) {
    Random random(0, Purpose::Estimate, 0, i);
    covariates_.draw(random, x.data());
    network_->features(x.data(), f.data());
    for (const double value : f) sum += value * value; // E over w of ⟨w, f⟩² is |f|²
  }
  return sum / static_cast<double>(draws);
}

training::TaskInfo LinearRegression::info(std::int64_t samples, double) const {
  training::TaskInfo info;
  info.title = "Linear regression in context";
  info.data =
      fmt::format("prompts of {} example{} in {} dimension{}, {}, {}", context_, context_ == 1 ? "" : "s",
                  dimension_, dimension_ == 1 ? "" : "s", covariates_.description(),
                  network_ ? "targets through a fixed random network" : "linear targets");
  const double level = mean_squared_response();
  info.guides.push_back({"loss/validation", level, fmt::format("predicting 0: {:.3f}", level)});
  for (const float target : validation_set(samples).targets)
    info.input_labels.push_back(fmt::format("y = {:.3f}", target));
  return info;
}

} // namespace plateau::tasks
