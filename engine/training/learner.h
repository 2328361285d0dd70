// Internal: one model with its optimizer: what trains, is measured, forked and stored. One thread at a time.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/models/model.h"
#include "engine/optim/optimizer.h"
#include "engine/optim/parameter_buffer.h"
#include "engine/parallel/worker_pool.h"
#include "engine/probes/probe.h"
#include "engine/study/settings.h"
#include "engine/training/fused_linear.h"
#include "engine/training/fused_model.h"
#include "engine/training/landscape.h"
#include "engine/training/loss.h"
#include "engine/training/snapshot.h"
#include "engine/training/starting_kernel.h"
#include "engine/training/task_data.h"

namespace plateau::training {

/// Everything that one more step depends on, beside the settings and the step itself.
struct LearnerState {
  torch::Tensor values, first_moment, second_moment; // [P], on the CPU
  std::int64_t updates = 0;
  std::vector<torch::Tensor> buffers; // the model's (running statistics), in its order
  torch::Tensor slow_gradient;        // [P] Grokfast's; undefined: it has none
};

/// To bytes and back; the safetensors layout, so that a checkpoint's BLOB can be read without Plateau.
std::vector<std::byte> pack(const LearnerState& state);
/// Throws InputError for bytes that are none of ours.
LearnerState unpack(const std::vector<std::byte>& bytes);

class Learner {
public:
  /// Initialised from `seed`. `planned_steps` is the study's current end, for schedules. Computes on
  /// `pool`'s threads; `data` must live as long.
  Learner(const study::Settings& settings, std::int64_t seed, const TaskData& data,
          const torch::Device& device, parallel::WorkerPool& pool);

  study::Settings settings; // live fields may change between steps, by change()
  std::int64_t seed;

  /// Sets a live field. Where the attention variant needs other parameters than the model has, the model gets
  /// them, with values that continue what it computes on validation data as nearly as the variant's form
  /// allows. Another optimizer starts with an empty memory, Grokfast likewise when it is switched on.
  void change(const study::Assignment& assignment, std::int64_t step, std::int64_t planned_steps);

  /// What is measured of an update: the gradient's norms before anything is done to it, and of an arithmetic
  /// transformer what the update is made of (grokking.md 1.6, 4.4); the curvature of the loss along the
  /// update (linear-transformer.md A4.4).
  struct StepMeasures {
    bool gradients = false, smoothness = false;
  };
  /// The update number `step` + 1, on that step's batch. step_output() holds what was measured.
  void train_step(std::int64_t step, std::int64_t planned_steps, StepMeasures measures);

  struct StepMetric {
    double loss = 0, accuracy = 0; // of the labels alone; no accuracy: NaN
  };

  // The parts of a step, for a cohort that computes several learners' gradients at once.
  struct Batch {
    torch::Tensor inputs, labels; // on the CPU; of the whole training set: on the device
    torch::Tensor extra;          // on the CPU; undefined without a second loss
  };
  Batch batch(std::int64_t step) const;
  /// `noise` is made the generator of that step's noise, if there is any.
  models::ForwardOptions training_options(std::int64_t step, std::int64_t planned_steps,
                                          at::Generator& noise) const;
  void measure_gradients();
  /// Rescales, modifies and clips the gradient and counts the update, which the caller then makes; AdamW
  /// only.
  fused::AdamWStep begin_update(std::int64_t step, std::int64_t planned_steps);
  /// After it: keeps the weights' norm where that is wanted, and measures the update if the gradient was.
  void finish_update(std::int64_t step, std::int64_t planned_steps);
  void add_step_metric(StepMetric metric) { known_metrics_.push_back(metric); }
  /// Parameters, gradients and both moments into these [P]: rows of a cohort's.
  void move_to(const torch::Tensor& values, const torch::Tensor& gradients, const torch::Tensor& first_moment,
               const torch::Tensor& second_moment);

  /// Of the steps since the last call; reads the device back once.
  std::vector<StepMetric> take_step_metrics();
  const probes::Output& step_output() const { return step_output_; }

  struct Evaluation {
    double loss = 0;     // mean cross entropy without label smoothing, or squared error where that is trained
    double accuracy = 0; // NaN for regression
    tasks::Metrics more; // what the task measures beside them, and robust means of a regression's loss
  };
  Evaluation evaluate(std::int64_t step, std::int64_t planned_steps);

  struct ProbeSelection {
    bool attention = false, saturation = false, weights = false, components = false, values = false,
         text = false, curvature = false, noise = false, features = false, kernel = false, in_context = false;
    bool looks_inside() const { return attention || saturation || components; }
  };
  probes::Output probe(ProbeSelection selection, std::int64_t step, std::int64_t planned_steps);
  /// noise/*: how far single batches' gradients lie from that of many.
  void measure_noise(std::int64_t step, std::int64_t planned_steps, probes::Output& output);

  /// Outputs and activations of `inputs` on the device, in evaluation mode. Logits of classes come first,
  /// then those that only a second loss asks for; the untrained model's are taken off where the settings say
  /// so.
  torch::Tensor forward(const torch::Tensor& inputs, std::int64_t step, std::int64_t planned_steps,
                        models::Activations* record, models::Mixing mixing = models::Mixing::Attention,
                        bool unit_mlp_input = false);

  /// The logits of the classes alone.
  torch::Tensor class_logits(const torch::Tensor& outputs) const {
    return outputs.dim() > 1 ? outputs.narrow(-1, 0, task().classes()) : outputs;
  }

  LearnerState state() const;
  void load(const LearnerState& state);

  const tasks::Task& task() const { return *data_->task; }
  const models::Model& model() const { return *model_; }
  const optim::ParameterBuffer& parameters() const { return *parameters_; }

  /// Milliseconds spent since the last call, summed over steps; evaluation and probes are the caller's.
  StepTimes take_times();

private:
  std::int64_t data_seed() const { return training::data_seed(settings, seed); }
  void build();
  void rebuild(const models::Activations& before);
  models::ForwardOptions forward_options(std::int64_t step, std::int64_t planned_steps) const;
  /// The fused path, or null where the step must go through autograd.
  FusedModel* fused_for(const models::ForwardOptions& options) const;
  /// Of the mean loss of a batch, into the parameter buffer; what is known of the batch then.
  struct BatchResult {
    std::optional<StepMetric> known;
    torch::Tensor on_device; // [2] loss, accuracy, where they are not known yet
    torch::Tensor exact;     // [P] float64: the gradient, where float32 cannot hold what it takes
  };
  BatchResult compute_gradient(const torch::Tensor& inputs, const Targets& targets,
                               const models::ForwardOptions& options);
  torch::Tensor on_device(const torch::Tensor& tensor) const; // undefined stays undefined
  /// Of a batch whose inputs are on the device.
  Targets targets_of(const Batch& host, const torch::Tensor& inputs, const models::ForwardOptions& options);
  void prepare_update();

  /// The untrained model, whose outputs are taken off the trained one's (model.subtract_initial). Made again
  /// from the seed whenever the model is, so that no checkpoint holds it.
  struct Initial {
    std::shared_ptr<models::Model> model;
    std::unique_ptr<optim::ParameterBuffer> parameters;
    // Minus what it says of all training and validation samples, as long as attention stays what it was.
    torch::Tensor training, validation;
    std::string variant;
    study::AttentionSettings attention;
    double temperature = 0;
  };
  /// Minus the untrained model's outputs; undefined where they are not taken off.
  torch::Tensor offsets(const torch::Tensor& inputs, models::ForwardOptions options);
  torch::Tensor validation_offsets(const models::ForwardOptions& options);
  Initial& initial_for(const models::ForwardOptions& options);
  /// Of any model of this form.
  torch::Tensor outputs_of(models::Model& model, const optim::ParameterBuffer& parameters,
                           const torch::Tensor& inputs, const models::ForwardOptions& options);
  /// Of the validation set, as many samples at once as the fused path shall keep memory for.
  torch::Tensor validation_outputs(models::Model& model, const optim::ParameterBuffer& parameters,
                                   const models::ForwardOptions& options);
  /// For a batch in which a prompt overflows float32, as single ones do in deep linear transformers, whose
  /// output is a polynomial of degree 3^layers.
  BatchResult gradient_in_float64(const torch::Tensor& inputs, const torch::Tensor& targets);
  Landscape& landscape();
  void add_references(probes::Output& output);
  void measure_smoothness(const torch::Tensor& before, std::int64_t step, std::int64_t planned_steps);
  void measure_curvature(std::int64_t step, std::int64_t planned_steps, probes::Output& output);
  void measure_values(std::int64_t step, std::int64_t planned_steps, probes::Output& output);
  void write_text(std::int64_t step, std::int64_t planned_steps, probes::Output& output);
  void measure_features(std::int64_t step, std::int64_t planned_steps, probes::Output& output);
  void measure_kernel(std::int64_t step, std::int64_t planned_steps, probes::Output& output);
  void measure_in_context(std::int64_t step, std::int64_t planned_steps, probes::Output& output);

  const TaskData* data_;
  torch::Device device_;
  parallel::WorkerPool* pool_;
  std::shared_ptr<models::Model> model_;
  std::unique_ptr<optim::ParameterBuffer> parameters_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  std::unique_ptr<FusedModel> fused_;                // null: always autograd
  std::unique_ptr<FusedLinear<float>> fused_linear_; // likewise
  std::unique_ptr<Landscape> landscape_;             // made when it is first needed
  std::int64_t landscape_samples_ = 0;
  StartingKernel starting_kernel_;
  std::unique_ptr<Initial> initial_; // null: nothing is taken off
  torch::Tensor norm_before_;        // of the weights before the update in hand, where it shall stay
  struct Before {
    torch::Tensor values, gradient;
  };
  std::optional<Before> before_; // the update in hand, where it is measured
  std::vector<StepMetric> known_metrics_;
  std::vector<torch::Tensor> step_metrics_; // [2] each: loss, accuracy; not yet read from the device
  probes::Output step_output_;
  StepTimes times_;
};

} // namespace plateau::training
