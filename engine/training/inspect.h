// Opens a checkpoint again and looks inside: so that anyone can check our numbers with ten lines of Python.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/recording/reader.h"
#include "engine/recording/safetensors.h"

namespace plateau::training {

/// The weights in a checkpoint, by their module names ("blocks.0.attention.qkv.weight").
std::vector<recording::NamedTensor> weights(const recording::Reader& reader,
                                            const recording::Checkpoint& checkpoint);

/// Runs the model of `member` at the checkpoint of exactly `step` on the probe samples and returns inputs,
/// targets, logits, attention maps of each layer ("attention.layer1": [samples, heads, N, N]), hidden states
/// and weights ("weight.…"). Throws InputError, naming the steps that have checkpoints, when `step` has none.
std::vector<recording::NamedTensor> inspect(const recording::Reader& reader, int member, std::int64_t step);

} // namespace plateau::training
