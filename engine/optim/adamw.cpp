#include "engine/optim/adamw.h"

#include <algorithm>
#include <cmath>

#include "engine/fused/kernels.h"

namespace plateau::optim {
namespace {

constexpr std::int64_t block = 1 << 14; // parameters that a thread updates at a time

} // namespace

AdamW::AdamW(const ParameterBuffer& parameters)
    : first_moment(torch::zeros_like(parameters.values)),
      second_moment(torch::zeros_like(parameters.values)) {}

void AdamW::step(ParameterBuffer& parameters, const study::OptimizerSettings& s, double learning_rate,
                 parallel::WorkerPool& pool) {
  const torch::NoGradGuard no_grad;
  ++updates;
  const auto& gradient = parameters.gradients;
  const double correction1 = 1 - std::pow(s.beta1, double(updates));
  const double correction2 = 1 - std::pow(s.beta2, double(updates));
  if (gradient.device().is_cpu()) {
    const fused::AdamWStep update{float(s.beta1),
                                  float(s.beta2),
                                  float(s.epsilon),
                                  float(learning_rate / correction1),
                                  float(learning_rate * s.weight_decay),
                                  float(1 / std::sqrt(correction2))};
    const auto size = parameters.size();
    pool.run(int((size + block - 1) / block), [&](int i) {
      fused::adamw(update, gradient.data_ptr<float>(), parameters.decay.data_ptr<float>(), i * block,
                   std::min((i + 1) * block, size), parameters.values.data_ptr<float>(),
                   first_moment.data_ptr<float>(), second_moment.data_ptr<float>());
    });
    return;
  }
  first_moment.mul_(s.beta1).add_(gradient, 1 - s.beta1);
  second_moment.mul_(s.beta2).addcmul_(gradient, gradient, 1 - s.beta2);
  if (s.weight_decay > 0)
    parameters.values.addcmul_(parameters.values, parameters.decay, -learning_rate * s.weight_decay);
  const auto denominator = second_moment.sqrt().div_(std::sqrt(correction2)).add_(s.epsilon);
  parameters.values.addcdiv_(first_moment, denominator, -learning_rate / correction1);
}

} // namespace plateau::optim
