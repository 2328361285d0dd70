// Internal: a fixed share of a batch through a transformer, forward and backward, by hand, on one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/fused/arena.h"
#include "engine/fused/attention.h"
#include "engine/fused/gemm.h"
#include "engine/fused/kernels.h"
#include "engine/fused/loss.h"
#include "engine/fused/transformer_offsets.h"

namespace plateau::fused {

/// The whole batch; a lane reads its samples from it. All but one are null.
struct TransformerInputs {
  const float* images = nullptr;        // [B, channels, height, width]
  const std::int64_t* tokens = nullptr; // [B, positions]
  std::int64_t count = 0;               // B
  const float* pairs = nullptr;         // [B, positions, item_width], at odd positions a label's number first
};

struct TransformerOptions {
  RowWeights weights;
  ValueRead read;
  double temperature = 1; // in units of sqrt(d_k)
  /// Stochastic depth while training, [2 depth, B]: the factor 0 or 1 / (1 - rate) of each residual branch,
  /// attention's before the MLP's; null where the rate is 0.
  const float* branch_scales = nullptr;
};

/// Where a forward pass leaves what probes look at, for the whole batch; nowhere where a list is empty. All
/// rows are there only with a shape that reads all.
struct TransformerRecord {
  std::vector<float*> attention;  // per layer [B, heads, N, N]
  std::vector<float*> hidden;     // per layer [B, N, d], after the block
  std::vector<ReadCounts*> reads; // per layer, one for each lane; empty without LASER
  float* features = nullptr;      // [B, outputs, d]: what the readout is given
  /// Puts each token's own state, as its value is made of it, in the place of attention's output
  /// (icl-plateaus.md 5.3).
  bool identity_mixing = false;
};

/// Does a lane of so many samples compute the first layer's projections once per (position, token) and look
/// them up?
inline bool uses_token_table(const models::TransformerShape& shape, std::int64_t samples) {
  return shape.has_tokens() && 2 * shape.vocabulary < samples;
}

class TransformerLane {
public:
  TransformerLane(const models::TransformerShape& shape, const TransformerOffsets& offsets,
                  Precision precision, std::int64_t samples);
  TransformerLane(const TransformerLane&) = delete;

  /// Samples [begin, begin + samples) of the batch.
  struct Pass {
    const float* parameters = nullptr;
    TransformerInputs inputs;
    std::int64_t begin = 0;
    TransformerOptions options;
    TransformerRecord record;
  };
  void forward(const Pass& pass, bool for_backward);
  /// [samples, outputs, classes] of the last forward.
  const float* logits() const { return logits_; }
  /// After a forward for it; its arrays must still be there. gradients() is then this lane's share of that of
  /// the batch's mean loss. `targets` and `counts` are the whole batch's.
  LossSums backward(const Loss& loss, const LossTargets& targets, const LossCounts& counts);
  const float* gradients() const { return gradients_; } // [P]
  std::int64_t samples() const { return samples_; }

private:
  using Linear = TransformerOffsets::Linear;
  using Norm = TransformerOffsets::Norm;
  struct Layer {
    float *normalised1, *inverse1, *input1; // [R, d], [R], [R, d]: the stream before attention, normalised
    float* raw1;                            // [R, d]: the same as it is; each only where a pathway sees it
    float *q, *kv;                          // [Q, d], [R, 2 d]
    float *weights, *scores;                // [samples, heads, queries, N]
    float* mixed;                           // [Q, d]: before W_O
    float *normalised2, *inverse2, *input2; // [Q, d]: of the MLP
    float *active, *slope;                  // [Q, hidden]
    float *normalised_after[2], *inverse_after[2]; // [Q, d], [Q]: of norms after attention and the MLP
  };

  const float* parameter(std::int64_t offset) const {
    return offset == TransformerOffsets::none ? nullptr : pass_.parameters + offset;
  }
  float* gradient(std::int64_t offset) { return gradients_ + offset; }
  /// The last layer, when one token is read: only that token's row goes on after the keys and values.
  bool reads_one(std::int64_t layer) const;
  std::int64_t query_rows(std::int64_t layer) const;
  std::int64_t read_position() const;
  AttentionShape attention_shape(std::int64_t layer) const;
  attention::Scale scale() const;
  template<class Float> TokenRows<Float> queries(std::int64_t layer, Float* data) const;
  template<class Float> TokenRows<Float> keys(Float* data) const; // values: d floats further
  /// Per sample, of attention's (0) or the MLP's (1) branch; null without stochastic depth.
  const float* branch_scales(std::int64_t layer, int branch) const;

  void embed();
  void embed_backward();
  void embed_pairs();
  void embed_pairs_backward();
  /// What a label at an odd position is embedded as.
  const float* label_row(std::int64_t sample, std::int64_t position) const;
  /// The rows that a layer makes keys and values of, the stream's or the table's; query i is made of row
  /// first + i stride.
  struct Rows {
    std::int64_t count, queries, first, stride;
  };
  Rows rows(std::int64_t layer) const;
  /// Norm, queries [queries, d] and keys beside values [count, 2 d] of these rows of a stream.
  void project_rows(std::int64_t layer, const float* stream, float* q, float* kv);
  /// Adds to d_stream; d_normalised [count, d] is scratch.
  void project_rows_backward(std::int64_t layer, const float* d_q, const float* d_kv, float* d_normalised,
                             float* d_stream);
  /// A layer's queries, keys and values from stream_; backward from d_q_ and d_kv_ into d_stream_.
  void project(std::int64_t layer);
  void project_backward(std::int64_t layer);
  /// The same for the first layer where each (position, token) pair is computed once and then looked up: few
  /// different tokens in many samples. The stream's gradient goes on in d_table_.
  void project_table();
  void project_table_backward();
  std::int64_t table_row(std::int64_t sample, std::int64_t position) const;
  std::int64_t table_rows() const { return shape_.positions * shape_.vocabulary; }
  /// Calls body(row among the first layer's queries, row of the table).
  template<class Body> void for_query_rows(const Body& body) const {
    const bool one = reads_one(0);
    for (std::int64_t sample = 0, row = 0; sample < samples_; ++sample)
      if (one)
        body(row++, table_row(sample, read_position()));
      else
        for (std::int64_t i = 0; i < shape_.positions; ++i) body(row++, table_row(sample, i));
  }
  void attend(std::int64_t layer);
  void mix_nothing(std::int64_t layer);
  void keep_record(std::int64_t layer) const;
  void attend_backward(std::int64_t layer, const float* d_branch);
  void mlp(std::int64_t layer, bool for_backward);
  void mlp_backward(std::int64_t layer, const float* d_branch);
  /// logits_ times the readout's scale.
  void scale_logits();
  /// The norm after attention (0) or the MLP (1), if there is one.
  Norm norm_after(std::int64_t layer, int branch) const;
  /// stream_ += inner W^T + bias, scaled per sample; with the norm after the branch, or that of the sum.
  void add_branch(const Linear& linear, std::int64_t layer, int branch, const float* inner,
                  std::int64_t inner_width);
  /// The gradient that reaches a branch's inner W^T + bias: d_stream_, scaled per sample. Takes d_stream_
  /// back through the norm of the sum.
  const float* branch_gradient(std::int64_t layer, int branch);
  void linear(const Linear& linear, std::int64_t rows, std::int64_t inputs, std::int64_t outputs,
              MatrixView x, float* y);
  /// Gradients of weight and bias into gradients_; of the input into d_x unless that is null.
  void linear_backward(const Linear& linear, std::int64_t rows, std::int64_t inputs, std::int64_t outputs,
                       MatrixView x, const float* d_y, float* d_x);
  void normalise(const Norm& norm, const float* x, std::int64_t rows, float* normalised, float* inverse,
                 float* out);
  /// Adds to d_x.
  void normalise_backward(const Norm& norm, std::int64_t rows, const float* normalised, const float* inverse,
                          const float* d_out, float* d_x);

  const models::TransformerShape shape_;
  const TransformerOffsets offsets_;
  const std::int64_t samples_;
  const bool tabled_;
  Gemm gemm_;
  Arena arena_;
  Pass pass_;
  std::vector<Layer> layers_;
  float *patches_, *stream_, *scratch_, *branch_; // patches_: of images, or the items of pairs
  float *final_normalised_, *final_inverse_, *final_, *logits_;
  float *d_stream_, *d_wide_, *d_input_, *d_read_, *d_q_, *d_kv_;
  float *table_, *q_table_, *kv_table_; // [positions, vocabulary, d], [.., d], [.., 2 d]
  float *d_table_, *d_q_table_, *d_kv_table_, *d_input_table_;
  float* gradients_;
};

} // namespace plateau::fused
