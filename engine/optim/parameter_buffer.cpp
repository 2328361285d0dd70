#include "engine/optim/parameter_buffer.h"

namespace plateau::optim {

ParameterBuffer::ParameterBuffer(models::Model& model, const torch::Device& device) {
  const torch::NoGradGuard no_grad;
  const auto parameters = model.named_parameters();
  std::int64_t total = 0;
  for (const auto& parameter : parameters) total += parameter.value().numel();
  const auto options = torch::TensorOptions().dtype(torch::kFloat32).device(device);
  values = torch::empty({total}, options);
  gradients = torch::zeros({total}, options);
  decay = torch::zeros({total}, options);
  std::int64_t begin = 0;
  for (const auto& item : parameters) {
    auto parameter = item.value();
    const auto count = parameter.numel();
    const auto shape = parameter.sizes().vec();
    auto view = values.narrow(0, begin, count).view(shape);
    view.copy_(parameter);
    parameter.set_data(view);
    parameter.mutable_grad() = gradients.narrow(0, begin, count).view(shape);
    if (model.decays(item.key(), parameter)) decay.narrow(0, begin, count).fill_(1);
    slices_.push_back({item.key(), begin, shape});
    begin += count;
  }
  for (auto& buffer : model.buffers()) buffer.set_data(buffer.to(device));
}

} // namespace plateau::optim
