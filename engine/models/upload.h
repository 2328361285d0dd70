// Internal: from the host's memory to the device that trains. What is page-locked a GPU reads when it gets
// there, and nobody waits for it.
#pragma once

#include <torch/types.h>

namespace plateau::models {

inline torch::Tensor page_locked(const torch::Tensor& host, const torch::Device& device) {
  return device.is_cpu() ? host : host.pin_memory();
}

/// `host` on `device`; itself if that is the CPU.
inline torch::Tensor upload(const torch::Tensor& host, const torch::Device& device) {
  return page_locked(host, device).to(device, /*non_blocking=*/true);
}

} // namespace plateau::models
