// Internal: the device that a name means.
#pragma once

#include <torch/types.h>

#include <string>

namespace plateau::training {

/// auto | cpu | cuda. Throws InputError when there is no such device.
torch::Device select_device(const std::string& name);

} // namespace plateau::training
