// Everything that can be set about one training run, as plain data. Names, ranges, units and help live in
// the field table (fields.cpp); the defaults stand here.
#pragma once

#include <cstdint>
#include <string>

namespace plateau::study {

struct TaskSettings {
  std::string kind = "two-step-image";
  std::string variant = "fixed-position"; // two-step-image: eureka.md 1.2/1.3
  std::string indicators = "auto";        // auto | mnist | fashion
  std::string mnist_folder;               // folder with the user's MNIST idx files; empty: the usual places
  std::int64_t cell_size = 14;            // pixels per cell edge; the canvas is 2x2 cells
  double color_noise = 0.05;              // standard deviation of the colour of a cell, per channel
  double same_probability = 0.5;          // eureka.md 1.2 top_right_probability

  // linear-regression (linear-transformer.md A1)
  std::int64_t dimension = 5;        // d of a covariate
  std::int64_t context = 20;         // n examples before the query
  std::string covariates = "normal"; // | sphere | gamma
  double gamma_shape = 0.1;          // k; the scale is sqrt(10 / k)
  std::string targets = "linear";    // | random-mlp

  // associative-recall; pairs also of the tasks below that show (item, label) pairs, symbols of markov-chains
  std::int64_t pairs = 8;
  std::int64_t symbols = 16; // as many keys and as many values

  // text
  std::string text_file;         // UTF-8; empty: the fortunes of Debian
  std::int64_t length = 64;      // characters of a sequence; states of markov-chains
  std::int64_t alphabets = 0;    // permutations of the letters, one for each sequence; 0: the text as it is
  double validation_share = 0.1; // of the text, its end; factor-labels: of the grid's cells

  // modular-arithmetic (grokking.md 1.1)
  std::string operation = "add"; // | subtract | multiply | divide | quadratic
  std::int64_t modulus = 59;     // prime
  double train_share = 0.35;     // of all pairs

  // factor-labels (icl-plateaus.md 5.1, 7.1)
  std::int64_t factors = 3;     // F
  std::int64_t levels = 4;      // of each factor
  double main_effect = 0.6;     // g: how plainly an item shows its factors
  std::int64_t item_width = 32; // of an item's vector
  double item_noise = 0.1;      // standard deviation, drawn anew each time; also of in-context-classification
  std::int64_t mappings = 2000; // m: permutations that labels come from

  // in-context-classification (icl-plateaus.md 6.1)
  std::int64_t item_classes = 128; // K
  std::int64_t item_labels = 32;   // L
  std::int64_t burstiness = 4;     // B: how often a class comes in a bursty sequence
  double bursty_share = 0.9;       // p_B
  double fresh_share = 0;          // p_C: sequences of classes that never come again
  double class_exponent = 0;       // alpha of P(k) ~ k^-alpha

  std::int64_t validation_samples = 1024; // fixed validation set
  bool operator==(const TaskSettings&) const = default;
};

struct ModelSettings {
  std::string kind = "vision-transformer"; // | resnet | decoder | linear-transformer | arithmetic-transformer
  std::int64_t patch = 7;
  std::int64_t width = 64;
  std::int64_t heads = 4;
  std::int64_t depth = 3;
  double mlp_ratio = 2;
  double drop_path = 0;
  double init_std = 0.02;
  std::int64_t base_channels = 16; // resnet: channels of the first stage

  // linear-transformer (linear-transformer.md A2)
  std::string parametrisation = "block-sparse"; // | dense
  std::string mixing = "linear";                // | softmax | relu: what becomes of the scores
  bool context_average = true;                  // the factor 1/n
  std::int64_t feature_width = 0;               // hidden units of an MLP on the covariates; 0: none

  // arithmetic-transformer (grokking.md 1.2, 1.3)
  std::string norms = "none";           // | qk | v | qkv | mlp | qk+mlp | v+mlp | qkv+mlp | post | peri
  std::string norm_kind = "layer-norm"; // | rms-norm
  double readout_scale = 1;             // alpha: logits = alpha f(x)
  bool subtract_initial = false;        // logits = alpha (f(x) - f(x) at the start)
  double init_scale = 1;                // of all weights at the start
  bool operator==(const ModelSettings&) const = default;
};

struct AttentionSettings {
  std::string variant = "softmax";
  double temperature = 1;            // in units of sqrt(d_k)
  std::string schedule = "constant"; // of the temperature: constant | half-cosine | cosine | linear
  double schedule_start = 1.0 / 24;  // temperature at step 0, same unit (eureka.md: 1/3 at d_k = 64)
  double schedule_portion = 0.5;     // share of the planned steps that the schedule takes
  std::string laser = "off";         // | max-shift | softclamp | exact: how values are read (laser.md B1)
  double laser_clamp = 15;           // of softclamp: values become clamp tanh(v / clamp)

  // Of single variants.
  double cosine_scale = 10;
  double soft_cap = 50;
  double stretch_upper = 1.1, stretch_lower = -0.1; // clipped-softmax
  double entmax_alpha = 1.5;
  double relu_exponent = 1;
  std::int64_t sinkhorn_iterations = 5;
  bool operator==(const AttentionSettings&) const = default;
};

struct OptimizerSettings {
  std::string kind = "adamw"; // | sgd | sign-momentum | normalised-gradient
  double learning_rate = 1e-3;
  std::string schedule = "constant"; // constant | cosine
  double minimum_learning_rate = 1e-6;
  std::int64_t warmup_steps = 200;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double momentum = 0.9; // of all but adamw
  double weight_decay = 0.05;
  double clip_norm = 0;                    // of the whole gradient; 0: not clipped
  std::string gradient_rescaling = "none"; // | mean | per-head-to-value | mean-to-value (eureka.md 4)

  // Grokking's relatives (grokking.md 1.4, 3)
  std::string decay_unit = "learning-rate"; // | step: w loses lr * decay or decay itself per step
  std::string readout_rate = "fixed";       // | inverse-square: lr / readout_scale^2
  std::string modifier = "none";            // | perpendicular | grokfast
  double grokfast_memory = 0.98, grokfast_gain = 2;
  bool constant_norm = false; // all weights together keep their norm
  bool operator==(const OptimizerSettings&) const = default;
};

struct TrainingSettings {
  std::int64_t steps = 6000;
  std::int64_t batch_size = 64; // 0: the whole training set, where a task has one
  double label_smoothing = 0.1;
  std::int64_t evaluate_every = 50;
  std::int64_t checkpoint_every = 500;
  std::int64_t keep_checkpoints = 20;
  bool checkpoint_at_events = true;       // kept apart from the others, as many again at most
  double halt_after = 0;                  // times the step at which a member jumped or generalised; 0: never
  std::int64_t data_seed = -1;            // -1: the member's own seed also decides its data order
  std::string path = "fused";             // | autograd: how a transformer's step is computed on the CPU
  std::string precision = "float32";      // | bfloat16: inputs of the fused path's products
  std::string loss = "cross-entropy";     // | stablemax | squared: of answers that are classes
  std::string loss_precision = "float32"; // | float64: of the loss and its gradient by the logits
  bool operator==(const TrainingSettings&) const = default;
};

/// Ways out of the plateau of in-context learning (icl-plateaus.md 5.4); all can be switched on in mid-run.
struct StrategySettings {
  double extra_loss = 0;                   // lambda: weight of a second loss
  std::string extra_target = "attributes"; // | rule: what that loss asks for
  double fixed_share = 0;       // share of training sequences with the fixed mapping: mixed training
  std::int64_t fixed_first = 0; // steps at the start with it alone: weights warm-up
  bool operator==(const StrategySettings&) const = default;
};

struct ProbeSettings {
  std::int64_t attention_every = 50; // 0: off; likewise below
  std::int64_t saturation_every = 50;
  std::int64_t gradients_every = 50;
  std::int64_t weights_every = 50;
  std::int64_t components_every = 50;
  std::int64_t values_every = 0;
  std::int64_t smoothness_every = 0;
  std::int64_t curvature_every = 0;
  std::int64_t curvature_samples = 256;     // validation samples behind smoothness and curvature
  std::int64_t curvature_coordinates = 256; // entries of the Hessian's diagonal, at most
  std::int64_t noise_every = 0;
  std::int64_t noise_draws = 2000;
  std::int64_t noise_batch = 0; // 0: as training
  std::int64_t text_every = 0;
  std::int64_t text_length = 160; // characters
  double text_temperature = 0.8;
  std::string text_prompt;          // empty: the beginning of the validation text
  std::int64_t features_every = 0;  // of what a model of modular arithmetic has found (grokking.md 1.6, 4.4)
  std::int64_t kernel_every = 0;    // drift of the tangent kernel
  std::int64_t kernel_samples = 64; // training samples behind it
  std::int64_t in_context_every =
      0;                        // what comes from the context and what from the weights (icl-plateaus.md)
  std::int64_t samples = 64;    // validation samples that the other probes look at
  std::int64_t map_samples = 4; // of these, how many keep their own attention maps
  bool operator==(const ProbeSettings&) const = default;
};

struct Settings {
  TaskSettings task;
  ModelSettings model;
  AttentionSettings attention;
  OptimizerSettings optimizer;
  TrainingSettings training;
  StrategySettings strategy;
  ProbeSettings probes;
  bool operator==(const Settings&) const = default;
};

} // namespace plateau::study
