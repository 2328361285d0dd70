#include "engine/optim/parameter_buffer.h"

namespace plateau::optim {

ParameterBuffer::ParameterBuffer(models::Model& model, const torch::Device& device) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> flat, decays;
  std::int64_t begin = 0;
  for (const auto& item : model.named_parameters()) {
    const auto& parameter = item.value();
    const auto count = parameter.numel();
    parameters_.push_back(parameter);
    slices_.push_back({item.key(), begin, parameter.sizes().vec()});
    flat.push_back(parameter.detach().to(torch::kFloat32).flatten());
    decays.push_back(torch::full({count}, model.decays(item.key(), parameter) ? 1.0 : 0.0, torch::kFloat32));
    begin += count;
  }
  values = torch::cat(flat).to(device);
  gradients = torch::zeros_like(values);
  decay = torch::cat(decays).to(device);
  bind();
  for (auto& buffer : model.buffers()) buffer.set_data(buffer.to(device));
}

void ParameterBuffer::move_to(const torch::Tensor& new_values, const torch::Tensor& new_gradients) {
  const torch::NoGradGuard no_grad;
  new_values.copy_(values);
  new_gradients.copy_(gradients);
  values = new_values;
  gradients = new_gradients;
  bind();
}

void ParameterBuffer::bind() {
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    auto& parameter = parameters_[i];
    const auto part = [&](const torch::Tensor& all) {
      return all.narrow(0, slices_[i].begin, parameter.numel()).view(slices_[i].shape);
    };
    parameter.mutable_grad() = torch::Tensor(); // an old one may be of another device
    parameter.set_data(part(values));
    parameter.mutable_grad() = part(gradients);
  }
}

} // namespace plateau::optim
