// Internal: what a transformer is made of, as plain numbers: shared by the LibTorch module and the fused
// path.
#pragma once

#include <cstdint>
#include <string>

namespace plateau::models {

/// Blocks of attention and an MLP around a residual stream x. With the norms before them:
///   x <- x + W_O attention(N1 x); x <- x + W_2 f(W_1 N2 x + b_1) + b_2
struct TransformerShape {
  // Input: images in square patches, tokens by number, or pairs: an item's vector at every even position and
  // its label's number at every odd one.
  std::int64_t patch = 0, channels = 0, rows = 0, columns = 0; // rows x columns patches; 0: no images
  std::int64_t vocabulary = 0;                                 // > 0: numbers below it; pairs: labels
  std::int64_t item_width = 0;                                 // > 0: pairs
  bool class_token = false;                                    // learned, in front
  std::int64_t positions = 0; // tokens of a sequence, the class token included

  std::int64_t depth = 1, width = 64, heads = 4;
  std::int64_t hidden = 256; // of the MLP; 0: blocks of attention alone
  enum class Activation { Relu, Gelu } activation = Activation::Gelu;
  bool attention_norm = true, mlp_norm = true, final_norm = true; // the norms that there are
  /// Pre: before attention and the MLP, where the pathways below say so. Post: x <- N1(x + A(x));
  /// x <- N2(x + M(x)). Peri: before and after them, x <- x + N(A(N1 x)).
  enum class Placement { Pre, Post, Peri } placement = Placement::Pre;
  /// Which pathways see the stream normalised; the others see it as it is (grokking.md 1.3). A norm that no
  /// pathway asks for is a parameter all the same.
  bool norm_queries = true, norm_values = true, norm_mlp = true;  // queries and keys
  enum class NormKind { Layer, Rms } norm_kind = NormKind::Layer; // Rms: a gain and no bias
  double epsilon = 1e-6;                                          // of the norms
  bool output_bias = true;                                        // of W_O
  bool causal = false;
  double drop_path = 0; // of the last block, growing linearly from 0 in the first

  // Output: logits of one token (the first, the last) or of all.
  enum class Read { First, Last, All } read = Read::First;
  std::int64_t classes = 0;
  bool readout_bias = true;
  double readout_scale = 1; // alpha: logits = alpha f(x)

  // At the start.
  /// Normal: N(0, std²) with the standard deviations below. Arithmetic: as in grokking.md 1.2.
  enum class Initialisation { Normal, Arithmetic } initialisation = Initialisation::Normal;
  double init_std = 0.02;  // blocks, class token, positions, readout, items
  double token_std = 0.02; // token embedding; patches: as a convolution with stride
  double output_scale = 1; // factor on the blocks' output projections
  double init_scale = 1;   // factor on everything, Arithmetic only

  bool decays_everything = false; // weight decay acts on biases, norms and positions, too

  bool has_items() const { return item_width > 0; }
  bool has_tokens() const { return vocabulary > 0 && !has_items(); }
  bool has_images() const { return vocabulary == 0; }
  std::int64_t items() const { return has_items() ? (positions + 1) / 2 : 0; } // of a sequence
  std::int64_t pixels() const { return channels * patch * patch; }             // of a patch
  std::int64_t patches() const { return rows * columns; }
  std::int64_t outputs() const { return read == Read::All ? positions : 1; } // rows of logits per sample
  bool queries_normalised() const { return attention_norm && placement != Placement::Post && norm_queries; }
  bool values_normalised() const { return attention_norm && placement != Placement::Post && norm_values; }
  bool mlp_normalised() const { return mlp_norm && placement != Placement::Post && norm_mlp; }
  double drop_rate(std::int64_t block) const {
    return depth > 1 ? drop_path * double(block) / double(depth - 1) : 0;
  }
  bool operator==(const TransformerShape&) const = default;
};

} // namespace plateau::models
