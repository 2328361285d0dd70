// Internal: attention over short sequences, forward and backward, one (sample, head) at a time in the
// first-level cache. Every variant is one pair of row functions between the same products.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/attention/read_counts.h"
#include "engine/attention/scale.h"
#include "engine/study/settings.h"

namespace plateau::fused {

/// What turns a row of raw scores l = q.k into weights.
struct RowWeights {
  enum class Kind {
    Softmax,
    NormSoftmax,
    NormSoftmaxStd,
    SoftmaxPlusOne,
    SoftCap,
    Sparsemax,
    Entmax15,
    Sigmoid,
    Relu,
    Linear
  } kind = Kind::Softmax;
  float parameter = 0; // SoftCap: the cap; Relu: the exponent of n
};

/// How values are read with the weights: their mean, or LASER (laser.md B1).
struct ValueRead {
  enum class Kind { Mean, MaxShift, Softclamp } kind = Kind::Mean;
  float clamp = 15; // of Softclamp
};
using ReadCounts = attention::ReadCounts;

/// The fused form of an attention variant by its catalogue name; nothing if it has none.
std::optional<RowWeights> row_weights(std::string_view variant, const study::AttentionSettings& settings);
/// Likewise of settings.laser.
std::optional<ValueRead> value_read(const study::AttentionSettings& settings);
/// Does the backward pass need the raw scores beside the weights?
bool keeps_scores(const RowWeights& rule);

struct AttentionShape {
  std::int64_t samples, queries, keys, heads, head_width;
  bool causal = false; // query i sees keys 0 … i; then queries == keys
};

/// Vectors of all tokens: head h of row r of sample s begins at data + s * sample + r * row + h * head_width.
template<class Float> struct TokenRows {
  Float* data;
  std::int64_t row, sample; // strides in floats
};

/// Floats of scratch for one call.
std::int64_t attention_scratch(const AttentionShape& shape);

/// out = a v, or what `read` makes of a and v. `weights` [samples, heads, queries, keys] is kept for the
/// backward pass and for probes; `scores` likewise where keeps_scores(rule), else null; `counts` of LASER may
/// be null. Up to 15 floats past each row's end are read, not used.
void attention(const AttentionShape& shape, const RowWeights& rule, const ValueRead& read,
               attention::Scale scale, TokenRows<const float> q, TokenRows<const float> k,
               TokenRows<const float> v, float* weights, float* scores, TokenRows<float> out, float* scratch,
               ReadCounts* counts = nullptr);

/// Gradients of q, k, v from that of out; written, not added.
void attention_backward(const AttentionShape& shape, const RowWeights& rule, const ValueRead& read,
                        attention::Scale scale, TokenRows<const float> q, TokenRows<const float> k,
                        TokenRows<const float> v, const float* weights, const float* scores,
                        TokenRows<const float> out, TokenRows<const float> d_out, TokenRows<float> d_q,
                        TokenRows<float> d_k, TokenRows<float> d_v, float* scratch);

} // namespace plateau::fused
