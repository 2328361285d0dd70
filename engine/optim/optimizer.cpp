#include "engine/optim/optimizer.h"

#include <algorithm>
#include <cmath>

#include "engine/errors.h"
#include "engine/models/upload.h"
#include "engine/optim/schedules.h"

namespace plateau::optim {
namespace {

constexpr std::int64_t block = 1 << 14; // parameters that a thread updates at a time
constexpr double smallest_norm = 1e-30; // keeps 0 / 0 at 0

} // namespace

Optimizer::Optimizer(const ParameterBuffer& parameters)
    : first_moment(torch::zeros_like(parameters.values)),
      second_moment(torch::zeros_like(parameters.values)) {}

fused::AdamWStep Optimizer::next(const study::OptimizerSettings& s, double learning_rate) {
  ++updates;
  const double correction1 = 1 - std::pow(s.beta1, double(updates));
  const double correction2 = 1 - std::pow(s.beta2, double(updates));
  return {float(s.beta1),
          float(s.beta2),
          float(s.epsilon),
          float(learning_rate / correction1),
          float(decay_per_step(s, learning_rate)),
          float(1 / std::sqrt(correction2))};
}

void Optimizer::forget() {
  const torch::NoGradGuard no_grad;
  first_moment.zero_();
  second_moment.zero_();
  updates = 0;
}

void Optimizer::adamw(ParameterBuffer& parameters, const fused::AdamWStep& update,
                      parallel::WorkerPool& pool) {
  if (!parameters.values.device().is_cpu()) {
    adamw_together({update}, parameters.gradients.unsqueeze(0), parameters.decay,
                   parameters.values.unsqueeze(0), first_moment.unsqueeze(0), second_moment.unsqueeze(0));
    return;
  }
  const auto size = parameters.size();
  pool.run(int((size + block - 1) / block), [&](int i) {
    fused::adamw(update, parameters.gradients.data_ptr<float>(), parameters.decay.data_ptr<float>(),
                 i * block, std::min((i + 1) * block, size), parameters.values.data_ptr<float>(),
                 first_moment.data_ptr<float>(), second_moment.data_ptr<float>());
  });
}

void Optimizer::step(ParameterBuffer& parameters, const study::OptimizerSettings& settings,
                     double learning_rate, parallel::WorkerPool& pool) {
  const torch::NoGradGuard no_grad;
  if (settings.kind == "adamw") {
    adamw(parameters, next(settings, learning_rate), pool);
    return;
  }
  ++updates;
  auto& velocity = first_moment;
  velocity.mul_(settings.momentum).add_(parameters.gradients);
  if (settings.weight_decay > 0)
    parameters.values.addcmul_(parameters.values, parameters.decay, -decay_per_step(settings, learning_rate));
  if (settings.kind == "sgd")
    parameters.values.add_(velocity, -learning_rate);
  else if (settings.kind == "sign-momentum")
    parameters.values.add_(velocity.sign(), -learning_rate);
  else if (settings.kind == "normalised-gradient")
    parameters.values.add_(velocity / velocity.norm().clamp_min(smallest_norm), -learning_rate);
  else
    throw InputError("there is no optimizer '" + settings.kind + "'");
}

void clip_gradients(torch::Tensor gradients, double limit) {
  if (limit <= 0) return;
  const torch::NoGradGuard no_grad;
  gradients.mul_((limit / (gradients.norm() + 1e-6)).clamp_max(1));
}

void adamw_together(const std::vector<fused::AdamWStep>& steps, const torch::Tensor& gradients,
                    const torch::Tensor& decay, torch::Tensor values, torch::Tensor first_moments,
                    torch::Tensor second_moments) {
  const torch::NoGradGuard no_grad;
  auto host = torch::empty({6, std::int64_t(steps.size()), 1});
  auto number = host.accessor<float, 3>();
  for (std::int64_t k = 0; k < host.size(1); ++k) {
    const auto& step = steps[std::size_t(k)];
    const float numbers[] = {1 - step.beta1, 1 - step.beta2, step.epsilon,
                             -step.rate,     -step.decay,    step.correction2};
    for (int i = 0; i < 6; ++i) number[i][k][0] = numbers[i];
  }
  const auto numbers = models::upload(host, values.device()).unbind(0); // [K, 1] each
  first_moments.addcmul_(gradients - first_moments, numbers[0]);
  second_moments.addcmul_(gradients * gradients - second_moments, numbers[1]);
  values.addcmul_(values * decay, numbers[4]);
  const auto denominator = second_moments.sqrt().mul_(numbers[5]).add_(numbers[2]);
  auto direction = first_moments / denominator;
  if (std::any_of(steps.begin(), steps.end(), [](const auto& step) { return step.epsilon == 0; }))
    direction.masked_fill_(denominator == 0, 0); // weights that have never had a gradient
  values.addcmul_(direction, numbers[3]);
}

} // namespace plateau::optim
