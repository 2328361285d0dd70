#include "engine/optim/adamw.h"

#include <cmath>

namespace plateau::optim {

AdamW::AdamW(const ParameterBuffer& parameters)
    : first_moment(torch::zeros_like(parameters.values)),
      second_moment(torch::zeros_like(parameters.values)) {}

void AdamW::step(ParameterBuffer& parameters, const study::OptimizerSettings& s, double learning_rate) {
  const torch::NoGradGuard no_grad;
  ++updates;
  const auto& gradient = parameters.gradients;
  const double correction1 = 1 - std::pow(s.beta1, double(updates));
  const double correction2 = 1 - std::pow(s.beta2, double(updates));
  first_moment.mul_(s.beta1).add_(gradient, 1 - s.beta1);
  second_moment.mul_(s.beta2).addcmul_(gradient, gradient, 1 - s.beta2);
  if (s.weight_decay > 0)
    parameters.values.addcmul_(parameters.values, parameters.decay, -learning_rate * s.weight_decay);
  const auto denominator = second_moment.sqrt().div_(std::sqrt(correction2)).add_(s.epsilon);
  parameters.values.addcdiv_(first_moment, denominator, -learning_rate / correction1);
}

} // namespace plateau::optim
