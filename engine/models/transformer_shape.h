// Internal: what a transformer is made of, as plain numbers: shared by the LibTorch module and the fused
// path.
#pragma once

#include <cstdint>
#include <string>

namespace plateau::models {

/// Pre-norm blocks: x <- x + W_O attention(N(x)); x <- x + W_2 f(W_1 N(x) + b_1) + b_2, N a layer norm or
/// nothing.
struct TransformerShape {
  // Input: images in square patches, or tokens by number.
  std::int64_t patch = 0, channels = 0, rows = 0, columns = 0; // rows x columns patches; 0: no images
  std::int64_t vocabulary = 0;                                 // > 0: numbers below it
  bool class_token = false;                                    // learned, in front
  std::int64_t positions = 0; // tokens of a sequence, the class token included

  std::int64_t depth = 1, width = 64, heads = 4, hidden = 256;
  enum class Activation { Relu, Gelu } activation = Activation::Gelu;
  bool attention_norm = true, mlp_norm = true, final_norm = true;
  double epsilon = 1e-6;   // of the layer norms
  bool output_bias = true; // of W_O
  bool causal = false;
  double drop_path = 0; // of the last block, growing linearly from 0 in the first

  // Output: logits of one token (the first, the last) or of all.
  enum class Read { First, Last, All } read = Read::First;
  std::int64_t classes = 0;
  bool readout_bias = true;

  // Standard deviations at the start.
  double init_std = 0.02;  // blocks, class token, positions, readout
  double token_std = 0.02; // token embedding; patches: as a convolution with stride

  std::int64_t pixels() const { return channels * patch * patch; } // of a patch
  std::int64_t patches() const { return rows * columns; }
  std::int64_t outputs() const { return read == Read::All ? positions : 1; } // rows of logits per sample
  double drop_rate(std::int64_t block) const {
    return depth > 1 ? drop_path * double(block) / double(depth - 1) : 0;
  }
  bool operator==(const TransformerShape&) const = default;
};

} // namespace plateau::models
