// What this machine and this LibTorch can do. No LibTorch types.
#pragma once

#include <string>
#include <vector>

namespace plateau::training {

struct DeviceInfo {
  std::string name;        // "cpu", "cuda:0"
  std::string description; // "AMD EPYC, 2 cores, AVX-512", "NVIDIA H100, 79 GiB"
};
std::vector<DeviceInfo> devices();
std::string processor_name(); // "AMD EPYC"
std::string torch_version();  // "1.13.1"
/// LibTorch, OpenMP and BLAS compute on the calling thread alone. Once in every thread that trains.
void use_one_thread_here();
std::string torch_parallel_info(); // several lines: OpenMP, BLAS, threads

} // namespace plateau::training
