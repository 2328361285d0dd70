// Internal: the interface of every model (LibTorch inside the engine only).
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/attention/variant.h"
#include "engine/study/settings.h"
#include "engine/tasks/task.h"
#include "engine/training/snapshot.h"

namespace plateau::models {

struct TransformerShape;

/// What a forward pass leaves behind for the probes.
struct Activations {
  std::vector<torch::Tensor> attention;     // per layer [B, H, N, N]
  std::vector<torch::Tensor> hidden;        // per layer [B, N, d], after the block
  std::vector<attention::ReadCounts> reads; // per layer, where LASER reads
  bool keep_layers = false;
  std::vector<attention::Layer> layers; // where wanted: what each layer's attention worked on
  /// What the readout is given, after a final norm if there is one: [B, d], or [B, N, d] where all tokens are
  /// read.
  torch::Tensor features;
};

/// How tokens exchange information. Without attention only the weights component remains (icl-plateaus.md
/// 5.3, 7.4).
enum class Mixing {
  Attention,
  Identity, // each token's own state, as its value is made of it, in the place of attention's output
  Self,     // each token attends to itself alone: W_O v of its own value
  None,     // attention's output is 0
};

struct ForwardOptions {
  const attention::Variant* variant = &attention::softmax; // one that has the model's own parameters
  const study::AttentionSettings* attention = &attention::standard_settings;
  double temperature = 1;             // in units of sqrt(d_k)
  bool training = false;              // dropout-like noise and batch statistics
  at::Generator* generator = nullptr; // for that noise; needed when training
  Mixing mixing = Mixing::Attention;
  /// Divides each MLP's input, after its norm if it has one, by its Euclidean norm: what an MLP that reads
  /// answers off the input's length then misses is its shortcut reliance (grokking.md 1.6, SR-train).
  bool unit_mlp_input = false;
  Activations* record = nullptr;
  /// Only the LibTorch module computes these.
  bool needs_module() const { return mixing == Mixing::Self || mixing == Mixing::None || unit_mlp_input; }
};

/// Entries [begin, begin + rows) of a weight along its first axis, by the name that probes show: W_Q of
/// layer 2.
struct WeightGroup {
  std::string name; // W_Q, W_K, W_V, W_O, mlp, embedding, readout, stage; P, Q of a linear transformer
  int layer = 0;    // 1-based; 0: not in a layer
  torch::Tensor weight;
  std::int64_t begin = 0, rows = 0;
};

/// Attention's fused Q, K, V weight [3d, d] of each layer, for gradient re-scaling.
struct FusedProjection {
  torch::Tensor weight;
  std::int64_t heads = 1;
};

class Model : public torch::nn::Module {
public:
  /// Logits of a batch of inputs, or predictions [B] where a number is asked for; shapes are the model's own.
  virtual torch::Tensor forward(const torch::Tensor& inputs, const ForwardOptions& options) = 0;
  virtual training::TokenLayout tokens() const { return {}; }
  virtual std::vector<WeightGroup> weight_groups() const = 0;
  // For a switch to another attention variant in mid-run, where the new one has parameters of its own. The
  // new model has the old one's weights and is then told what each layer's attention worked on.
  /// Before its weights are taken over: makes them those that the model computes with.
  virtual void settle() {}
  virtual void go_on(const std::vector<attention::Layer>& before) { (void)before; }
  virtual std::vector<FusedProjection> projections() const { return {}; }
  /// P and Q [L, 2, width, width] of a linear transformer.
  virtual std::optional<torch::Tensor> linear_layers() const { return {}; }
  /// Is it the one that fused/linear_closed_form.h computes?
  virtual bool has_closed_form() const { return false; }
  /// What the fused path needs to know; null where it cannot train this model.
  virtual const TransformerShape* transformer_shape() const { return nullptr; }
  /// Does weight decay act on this parameter? Not on biases, norms, positions and the class token.
  virtual bool decays(const std::string& name, const torch::Tensor& parameter) const {
    return parameter.dim() > 1 && name.find("position") == std::string::npos &&
           name.find("class_token") == std::string::npos;
  }
};

/// Initialised from `generator`, on the CPU. Throws InputError for an unknown kind.
std::shared_ptr<Model> make_model(const study::Settings& settings, const tasks::InputShape& shape,
                                  std::int64_t classes, at::Generator& generator);
std::shared_ptr<Model> make_resnet(const study::Settings& settings, const tasks::InputShape& shape,
                                   std::int64_t classes, at::Generator& generator);

} // namespace plateau::models
