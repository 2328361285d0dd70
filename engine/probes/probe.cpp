#include "engine/probes/probe.h"

namespace plateau::probes {

void Output::add(const std::string& name, training::Tensor tensor) {
  tensors[name] = std::make_shared<const training::Tensor>(std::move(tensor));
}

void to_host(models::Activations& activations) {
  for (auto* list : {&activations.attention, &activations.hidden})
    for (auto& tensor : *list) tensor = tensor.to(torch::kCPU, torch::kFloat32).contiguous();
  if (activations.features.defined())
    activations.features = activations.features.to(torch::kCPU, torch::kFloat32).contiguous();
}

std::string metric_name(const std::string& metric, int layer, int head) {
  std::string name = metric + "/layer" + std::to_string(layer);
  if (head > 0) name += "/head" + std::to_string(head);
  return name;
}

std::shared_ptr<const training::Tensor> plain(const torch::Tensor& tensor) {
  const auto host = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  auto result = std::make_shared<training::Tensor>();
  result->shape = host.sizes().vec();
  result->data.assign(host.data_ptr<float>(), host.data_ptr<float>() + host.numel());
  return result;
}

} // namespace plateau::probes
