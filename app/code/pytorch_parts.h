// Internal: the parts of a PyTorch script. Each is a piece of Python source that ends with a line break.
//
// What the parts agree on: batch(count) gives (inputs, labels), or (inputs, labels, extra) where a second
// loss asks for something, `inputs` being a tuple; validation_inputs and validation_labels are of the
// held-out data; Model's forward(*inputs, temperature) gives logits [..., outputs] or predictions [batch].
#pragma once

#include <string>

#include "engine/models/transformer_shape.h"
#include "engine/study/settings.h"

namespace plateau::code {

/// What is asked of a model, as far as code depends on it.
struct TaskShape {
  std::int64_t classes = 0;    // 0: a number is asked for
  std::int64_t attributes = 0; // of the second loss: groups of `levels` logits, then one for each rule
  std::int64_t levels = 0, rules = 0;
  std::int64_t outputs() const { return classes + attributes * levels + rules; }
};
TaskShape task_shape(const study::TaskSettings& task);

/// Empty when it can be written. Likewise below.
std::string why_no_task(const study::TaskSettings& task);
std::string task_code(const study::Settings& settings);

/// Vision transformer, decoder or arithmetic transformer?
bool is_transformer(const study::Settings& settings);
/// Of these.
models::TransformerShape transformer_shape(const study::Settings& settings);
std::string why_no_transformer(const study::Settings& settings);
std::string transformer_code(const study::Settings& settings);
/// The lines that turn `scores` [B, H, N, N] into `weights`, and those that read `v` with them into `mixed`,
/// at the margin.
std::string attention_code(const study::AttentionSettings& attention, bool causal);

std::string linear_transformer_code(const study::Settings& settings);
std::string resnet_code(const study::Settings& settings);

/// The loss, the schedules and the loop.
std::string why_no_training(const study::Settings& settings);
std::string training_code(const study::Settings& settings);

/// Every line that is not empty, further in.
std::string indented(const std::string& lines, int spaces);

/// A literal.
std::string python_string(const std::string& text);

} // namespace plateau::code
