// Internal: trains and evaluates a linear transformer through its closed form, on the same parameter buffer.
#pragma once

#include <torch/torch.h>

#include <memory>

#include "engine/fused/linear_closed_form.h"
#include "engine/models/model.h"

namespace plateau::training {

/// Real: float trains, double is what curvature is measured with.
template<class Real> class FusedLinear {
public:
  /// Null where the closed form does not hold for this model, or it is not on the CPU.
  static std::unique_ptr<FusedLinear> make(const models::Model& model, const tasks::InputShape& shape,
                                           const torch::Device& device) {
    const auto layers = model.linear_layers();
    if (!layers || !model.has_closed_form() || !device.is_cpu()) return nullptr;
    return std::unique_ptr<FusedLinear>(new FusedLinear({layers->size(0), shape.dimension, shape.context}));
  }

  /// Mean squared error; `parameters` and `gradient` [P] in Real. `inputs` [B, n + 1, d + 1] and `targets`
  /// [B] float32.
  double gradient(const torch::Tensor& parameters, const torch::Tensor& inputs, const torch::Tensor& targets,
                  parallel::WorkerPool& pool, torch::Tensor& gradient) {
    const fused::LinearPrompts<Real> prompts = prepare(inputs, targets);
    return form_.gradient(parameters.data_ptr<Real>(), prompts, pool, gradient.data_ptr<Real>());
  }
  double gradient(const torch::Tensor& parameters, const fused::LinearPrompts<Real>& prompts,
                  parallel::WorkerPool& pool, torch::Tensor& gradient) {
    return form_.gradient(parameters.data_ptr<Real>(), prompts, pool, gradient.data_ptr<Real>());
  }

  fused::LinearPrompts<Real> prepare(const torch::Tensor& inputs, const torch::Tensor& targets) const {
    const auto in = inputs.contiguous(), out = targets.contiguous();
    return {shape_, inputs.size(0), in.data_ptr<float>(), out.data_ptr<float>()};
  }

  /// Predictions [B] float32.
  torch::Tensor predictions(const torch::Tensor& parameters, const torch::Tensor& inputs,
                            parallel::WorkerPool& pool) {
    const auto zeros = torch::zeros({inputs.size(0)});
    const auto residuals = form_.residuals(parameters.data_ptr<Real>(), prepare(inputs, zeros), pool);
    auto result = torch::empty({inputs.size(0)});
    for (std::size_t i = 0; i < residuals.size(); ++i) result.data_ptr<float>()[i] = -float(residuals[i]);
    return result;
  }

private:
  explicit FusedLinear(const fused::LinearShape& shape) : shape_(shape), form_(shape) {}

  fused::LinearShape shape_;
  fused::LinearClosedForm<Real> form_;
};

} // namespace plateau::training
