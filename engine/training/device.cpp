#include "engine/training/device.h"

#include <torch/torch.h>
#include <torch/version.h>

#include <fmt/format.h>
#include <fstream>
#include <thread>
#ifdef PLATEAU_WITH_CUDA
#include <cuda_runtime_api.h>
#endif

#include "engine/errors.h"
#include "engine/parallel/worker_pool.h"
#include "engine/training/select_device.h"

namespace plateau::training {
namespace {

std::string gpu_name(int index) {
#ifdef PLATEAU_WITH_CUDA
  cudaDeviceProp properties;
  if (cudaGetDeviceProperties(&properties, index) == cudaSuccess)
    return fmt::format("{}, {} GiB", properties.name, properties.totalGlobalMem >> 30);
#endif
  return fmt::format("NVIDIA GPU {}", index);
}

} // namespace

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "CPU";
}

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> list{
      {"cpu", processor_name() + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores"}};
  for (int i = 0; i < int(torch::cuda::device_count()); ++i)
    list.push_back({"cuda:" + std::to_string(i), gpu_name(i)});
  return list;
}

void use_one_thread_here() {
  at::set_num_threads(1); // also what new threads begin with
  parallel::use_one_thread_here();
}

std::string torch_version() {
  return TORCH_VERSION;
}

std::string torch_parallel_info() {
  return at::get_parallel_info();
}

torch::Device select_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (name != "auto" && name != "cuda")
    throw InputError("--device " + name + ": allowed is auto, cpu or cuda");
  if (torch::cuda::is_available()) return torch::kCUDA;
  if (name == "cuda")
    throw InputError("--device cuda: this LibTorch (" + torch_version() +
                     ") finds no CUDA device; use --device cpu, or build against a CUDA LibTorch");
  return torch::kCPU;
}

} // namespace plateau::training
