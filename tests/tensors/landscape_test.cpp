// Curvature by central differences against automatic differentiation, twice, and against whole Hessians.
#include "tests/tensors/torch_catch.h"

#include "engine/analysis/statistics.h"
#include "engine/probes/probe.h"
#include "engine/training/landscape.h"
#include "engine/training/loss.h"
#include "tests/engine/tiny_study.h"
#include "tests/tensors/regression_data.h"

using namespace plateau;
using torch::Tensor;

namespace {

/// Hessian times `direction` by differentiating the gradient.
Tensor exact_product(models::Model& model, const models::ForwardOptions& options, const Tensor& inputs,
                     const Tensor& labels, const Tensor& direction) {
  const auto weights = model.parameters();
  const auto loss = training::mean_losses(model.forward(inputs, options), {labels, {}, {}}, {}).labels;
  const auto gradients = torch::autograd::grad({loss}, weights, {}, true, true, true);
  auto along = torch::zeros({}, torch::kFloat64);
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto count = weights[i].numel();
    if (gradients[i].defined()) along = along + gradients[i].flatten().dot(direction.narrow(0, begin, count));
    begin += count;
  }
  const auto products = torch::autograd::grad({along}, weights, {}, {}, false, true);
  std::vector<Tensor> flat;
  for (std::size_t i = 0; i < weights.size(); ++i)
    flat.push_back(products[i].defined() ? products[i].flatten() : torch::zeros_like(weights[i]).flatten());
  return torch::cat(flat);
}

void check(const study::Settings& settings, const training::TaskData& data) {
  INFO(settings.model.kind << ' ' << settings.training.path << ' ' << settings.attention.laser);
  const std::int64_t samples = 12;
  auto generator = at::detail::createCPUGenerator(3);
  const auto model = models::make_model(settings, data.task->shape(), data.task->classes(), generator);
  const optim::ParameterBuffer buffer(*model, torch::kCPU);
  parallel::WorkerPool pool(1);
  models::ForwardOptions options;
  options.variant = &attention::find_variant(settings.attention.variant);
  options.attention = &settings.attention;
  const auto landscape = training::make_landscape(settings, *model, buffer, data, samples, pool);

  const auto values = buffer.values.to(torch::kFloat64);
  torch::manual_seed(1);
  auto direction = torch::randn({values.numel()}, torch::kFloat64);
  direction /= direction.norm();
  const auto found = landscape->hessian_times(values, direction, options);

  model->to(torch::kFloat64);
  auto inputs = data.validation.inputs.slice(0, 0, samples);
  auto labels = data.validation.labels.slice(0, 0, samples);
  if (inputs.is_floating_point()) inputs = inputs.to(torch::kFloat64);
  if (labels.is_floating_point()) labels = labels.to(torch::kFloat64);
  const auto exact = exact_product(*model, options, inputs, labels, direction);
  CHECK((found - exact).norm().item<double>() < 2e-6 * exact.norm().item<double>());

  const auto coordinates = torch::tensor({std::int64_t(0), values.numel() / 2, values.numel() - 1});
  const auto diagonal = landscape->hessian_diagonal(values, coordinates, options);
  for (std::int64_t k = 0; k < 3; ++k) {
    auto unit = torch::zeros_like(direction);
    unit[coordinates[k]] = 1;
    const auto column = exact_product(*model, options, inputs, labels, unit);
    const auto entry = column[coordinates[k]].item<double>();
    CHECK(diagonal[k].item<double>() ==
          Approx(entry).epsilon(1e-5).margin(1e-8 * exact.norm().item<double>()));
  }
}

} // namespace

TEST_CASE("Curvature: Hessian-vector products are those of automatic differentiation") {
  const training::TaskData regression(testing::regression_settings().task, 0, torch::kCPU);
  auto settings = testing::regression_settings();
  check(settings, regression); // closed form
  settings.training.path = "autograd";
  check(settings, regression); // tokens
  settings.model.parametrisation = "dense";
  settings.training.path = "fused";
  check(settings, regression); // short form
}

TEST_CASE("Curvature: of decoders, with softmax and with LASER") {
  auto settings = testing::recall_settings();
  const training::TaskData recall(settings.task, 0, torch::kCPU);
  check(settings, recall);
  settings.attention.laser = "exact";
  check(settings, recall);
}

TEST_CASE("Curvature: of a vision transformer, on images") {
  const auto settings = testing::tiny_study().settings;
  const training::TaskData images(settings.task, 0, torch::kCPU);
  check(settings, images);
}

TEST_CASE("Curvature: the condition number with and without dead parameters") {
  const auto value = [](const probes::Output& output, const std::string& name) {
    for (const auto& [metric, number] : output.scalars)
      if (metric == name) return number;
    return std::numeric_limits<double>::quiet_NaN();
  };
  probes::Output output;
  probes::condition_number(std::vector<double>{0, 0, 1, 2, 4, 8}, output);
  CHECK(value(output, "curvature/largest") == 8);
  CHECK(value(output, "curvature/median") == 1); // the lower of the middle two, as torch.median
  CHECK(value(output, "curvature/condition") == 8);
  CHECK(value(output, "curvature/median-live") == 2);
  CHECK(value(output, "curvature/condition-live") == 4);
  CHECK(value(output, "curvature/dead") == 2);
  CHECK(value(output, "curvature/coordinates") == 6);
  probes::Output dead;
  probes::condition_number(std::vector<double>{0, 0, 0}, dead);
  CHECK(std::isnan(value(dead, "curvature/condition")));
  CHECK(std::isnan(value(dead, "curvature/condition-live")));
}
