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

  // associative-recall
  std::int64_t pairs = 8;
  std::int64_t symbols = 16; // as many keys and as many values

  // text
  std::string text_file;         // UTF-8; empty: the fortunes of Debian
  std::int64_t length = 64;      // characters of a sequence
  double validation_share = 0.1; // of the text, its end

  std::int64_t validation_samples = 1024; // fixed validation set
  bool operator==(const TaskSettings&) const = default;
};

struct ModelSettings {
  std::string kind = "vision-transformer"; // | resnet | decoder | linear-transformer
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
  bool operator==(const OptimizerSettings&) const = default;
};

struct TrainingSettings {
  std::int64_t steps = 6000;
  std::int64_t batch_size = 64;
  double label_smoothing = 0.1;
  std::int64_t evaluate_every = 50;
  std::int64_t checkpoint_every = 500;
  std::int64_t keep_checkpoints = 20;
  std::int64_t data_seed = -1;       // -1: the member's own seed also decides its data order
  std::string path = "fused";        // | autograd: how a transformer's step is computed on the CPU
  std::string precision = "float32"; // | bfloat16: inputs of the fused path's products
  bool operator==(const TrainingSettings&) const = default;
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
  std::string text_prompt;      // empty: the beginning of the validation text
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
  ProbeSettings probes;
  bool operator==(const Settings&) const = default;
};

} // namespace plateau::study
