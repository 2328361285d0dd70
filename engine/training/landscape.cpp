#include "engine/training/landscape.h"

#include "engine/training/fused_linear.h"
#include "engine/training/generator.h"
#include "engine/training/loss.h"

namespace plateau::training {
namespace {

constexpr double step = 1e-4; // of the central differences; parameters are of the order 0.01 to 1

class ClosedFormLandscape : public Landscape {
public:
  ClosedFormLandscape(std::unique_ptr<FusedLinear<double>> form, const torch::Tensor& inputs,
                      const torch::Tensor& targets, parallel::WorkerPool& pool)
      : form_(std::move(form)), prompts_(form_->prepare(inputs, targets)), pool_(&pool) {}

  torch::Tensor gradient(const torch::Tensor& parameters, const models::ForwardOptions&) override {
    auto result = torch::empty_like(parameters);
    form_->gradient(parameters, prompts_, *pool_, result);
    return result;
  }

private:
  std::unique_ptr<FusedLinear<double>> form_;
  fused::LinearPrompts<double> prompts_;
  parallel::WorkerPool* pool_;
};

/// A copy of the model in float64, by automatic differentiation.
class AutogradLandscape : public Landscape {
public:
  AutogradLandscape(std::shared_ptr<models::Model> copy, const models::Model& original,
                    const optim::ParameterBuffer& parameters, const torch::Tensor& inputs,
                    const torch::Tensor& labels, const fused::Loss& loss, const torch::Tensor& initial)
      : model_(std::move(copy)), original_(&original), slices_(parameters.slices()),
        inputs_(inputs.is_floating_point() ? inputs.to(torch::kFloat64) : inputs),
        targets_{labels.is_floating_point() ? labels.to(torch::kFloat64) : labels, {}, {}}, loss_(loss),
        initial_(initial.defined() ? initial.to(torch::kFloat64) : initial) {
    model_->to(inputs.device(), torch::kFloat64);
    for (const auto& item : model_->named_parameters()) weights_.push_back(item.value());
  }

  torch::Tensor gradient(const torch::Tensor& parameters, const models::ForwardOptions& options) override {
    copy_buffers();
    torch::Tensor first;
    if (initial_.defined()) {
      const torch::NoGradGuard no_grad;
      use(initial_);
      first = model_->forward(inputs_, options);
    }
    use(parameters);
    const torch::AutoGradMode with_gradients(true);
    const auto outputs = model_->forward(inputs_, options);
    const auto loss = mean_losses(first.defined() ? outputs - first : outputs, targets_, loss_).labels;
    const auto gradients = torch::autograd::grad({loss}, weights_, {}, {}, false, /*allow_unused=*/true);
    std::vector<torch::Tensor> flat;
    for (std::size_t i = 0; i < gradients.size(); ++i)
      flat.push_back(gradients[i].defined() ? gradients[i].flatten()
                                            : torch::zeros_like(weights_[i]).flatten());
    return torch::cat(flat);
  }

private:
  void use(const torch::Tensor& parameters) {
    for (std::size_t i = 0; i < slices_.size(); ++i) {
      auto& weight = weights_[i];
      weight.set_data(parameters.narrow(0, slices_[i].begin, weight.numel()).view(slices_[i].shape));
    }
  }
  void copy_buffers() { // running statistics move on while training
    const torch::NoGradGuard no_grad;
    const auto from = original_->buffers();
    auto to = model_->buffers();
    for (std::size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]);
  }

  std::shared_ptr<models::Model> model_;
  const models::Model* original_;
  std::vector<optim::ParameterBuffer::Slice> slices_;
  torch::Tensor inputs_;
  Targets targets_;
  fused::Loss loss_;
  torch::Tensor initial_; // [P]
  std::vector<torch::Tensor> weights_;
};

} // namespace

torch::Tensor Landscape::hessian_times(const torch::Tensor& parameters, const torch::Tensor& direction,
                                       const models::ForwardOptions& options) {
  return (gradient(parameters + step * direction, options) -
          gradient(parameters - step * direction, options)) /
         (2 * step);
}

torch::Tensor Landscape::hessian_diagonal(const torch::Tensor& parameters, const torch::Tensor& coordinates,
                                          const models::ForwardOptions& options) {
  auto diagonal = torch::empty({coordinates.numel()}, torch::kFloat64);
  auto moved = parameters.clone();
  for (std::int64_t k = 0; k < coordinates.numel(); ++k) {
    const auto i = coordinates[k].item<std::int64_t>();
    const double at = parameters[i].item<double>();
    const auto slope = [&](double shift) {
      moved[i] = at + shift;
      return gradient(moved, options)[i].item<double>();
    };
    diagonal[k] = (slope(step) - slope(-step)) / (2 * step);
    moved[i] = at;
  }
  return diagonal;
}

std::unique_ptr<Landscape> make_landscape(const study::Settings& settings, const models::Model& model,
                                          const optim::ParameterBuffer& parameters, const TaskData& data,
                                          std::int64_t samples, parallel::WorkerPool& pool,
                                          const torch::Tensor& initial) {
  const auto shape = data.task->shape();
  const auto inputs = data.validation.inputs.slice(0, 0, samples);
  const auto labels = data.validation.labels.slice(0, 0, samples);
  if (auto form = FusedLinear<double>::make(model, shape, inputs.device()))
    return std::make_unique<ClosedFormLandscape>(std::move(form), inputs, labels, pool);
  auto generator = make_generator(0, Purpose::Initialisation, 0);
  return std::make_unique<AutogradLandscape>(
      models::make_model(settings, shape, model_outputs(*data.task), generator), model, parameters, inputs,
      labels, label_loss(settings, *data.task), initial);
}

} // namespace plateau::training
