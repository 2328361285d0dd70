// Internal: one model with its optimizer: what trains, is measured, forked and stored. One thread at a time.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/models/model.h"
#include "engine/optim/adamw.h"
#include "engine/optim/parameter_buffer.h"
#include "engine/parallel/worker_pool.h"
#include "engine/probes/probe.h"
#include "engine/study/settings.h"
#include "engine/tasks/task.h"
#include "engine/training/fused_model.h"
#include "engine/training/snapshot.h"

namespace plateau::training {

/// The fixed validation set on the device.
struct ValidationSet {
  ValidationSet(const tasks::Task& task, std::int64_t count, const torch::Device& device);
  torch::Tensor images, labels, alternatives; // [V, C, H, W], [V], [V]
};

/// Everything that one more step depends on, beside the settings and the step itself.
struct LearnerState {
  torch::Tensor values, first_moment, second_moment; // [P], on the CPU
  std::int64_t updates = 0;
  std::vector<torch::Tensor> buffers; // the model's (running statistics), in its order
};

/// To bytes and back; the safetensors layout, so that a checkpoint's BLOB can be read without Plateau.
std::vector<std::byte> pack(const LearnerState& state);
/// Throws InputError for bytes that are none of ours.
LearnerState unpack(const std::vector<std::byte>& bytes);

class Learner {
public:
  /// Initialised from `seed`. `planned_steps` is the study's current end, for schedules. Computes on
  /// `pool`'s threads.
  Learner(const study::Settings& settings, std::int64_t seed, const tasks::Task& task,
          const torch::Device& device, parallel::WorkerPool& pool);

  study::Settings settings; // live fields may change between steps, by change()
  std::int64_t seed;

  /// Sets a live field. Where the attention variant needs other parameters than the model has, the model gets
  /// them, with values that continue what it computes on `inputs` as nearly as the variant's form allows.
  void change(const study::Assignment& assignment, const torch::Tensor& inputs, std::int64_t step,
              std::int64_t planned_steps);

  /// The update number `step` + 1, on that step's batch. With `measure_gradients`, gradient_norms() holds the
  /// norms of this batch's gradient afterwards.
  void train_step(std::int64_t step, std::int64_t planned_steps, bool measure_gradients);

  struct StepMetric {
    double loss = 0, accuracy = 0;
  };

  // The parts of a step, for a cohort that computes several learners' gradients at once.
  struct Batch {
    torch::Tensor images, labels; // on the CPU
  };
  Batch batch(std::int64_t step) const;
  /// `noise` is made the generator of that step's noise, if there is any.
  models::ForwardOptions training_options(std::int64_t step, std::int64_t planned_steps,
                                          at::Generator& noise) const;
  void measure_gradients();
  /// Rescales the gradient and counts the update, which the caller then makes.
  fused::AdamWStep begin_update(std::int64_t step, std::int64_t planned_steps);
  void add_step_metric(StepMetric metric) { known_metrics_.push_back(metric); }
  /// Parameters, gradients and both moments into these [P]: rows of a cohort's.
  void move_to(const torch::Tensor& values, const torch::Tensor& gradients, const torch::Tensor& first_moment,
               const torch::Tensor& second_moment);

  /// Of the steps since the last call; reads the device back once.
  std::vector<StepMetric> take_step_metrics();
  const probes::Output& gradient_norms() const { return gradient_norms_; }

  struct Evaluation {
    double loss = 0;          // without label smoothing
    double accuracy = 0;      // of the whole
    double either_target = 0; // answer is one of the two candidates
    double intermediate =
        0; // right one, given one of two different candidates; NaN if there is no such answer
  };
  Evaluation evaluate(const ValidationSet& validation, std::int64_t step, std::int64_t planned_steps);

  struct ProbeSelection {
    bool attention = false, saturation = false, weights = false, components = false;
    bool any() const { return attention || saturation || weights || components; }
  };
  probes::Output probe(const ValidationSet& validation, ProbeSelection selection, std::int64_t step,
                       std::int64_t planned_steps);

  /// Logits and activations of `images` on the device, in evaluation mode.
  torch::Tensor forward(const torch::Tensor& images, std::int64_t step, std::int64_t planned_steps,
                        models::Activations* record, models::Mixing mixing = models::Mixing::Attention);

  LearnerState state() const;
  void load(const LearnerState& state);

  const models::Model& model() const { return *model_; }
  const optim::ParameterBuffer& parameters() const { return *parameters_; }

  /// Milliseconds spent since the last call, summed over steps; evaluation and probes are the caller's.
  StepTimes take_times();

private:
  void build();
  void rebuild(const models::Activations& before);
  models::ForwardOptions forward_options(std::int64_t step, std::int64_t planned_steps) const;
  /// The fused path, or null where the step must go through autograd.
  FusedModel* fused_for(const models::ForwardOptions& options) const;

  const tasks::Task* task_;
  torch::Device device_;
  parallel::WorkerPool* pool_;
  std::shared_ptr<models::Model> model_;
  std::unique_ptr<optim::ParameterBuffer> parameters_;
  std::unique_ptr<optim::AdamW> optimizer_;
  std::unique_ptr<FusedModel> fused_; // null: always autograd
  std::vector<StepMetric> known_metrics_;
  std::vector<torch::Tensor> step_metrics_; // [2] each: loss, accuracy; not yet read from the device
  probes::Output gradient_norms_;
  StepTimes times_;
};

} // namespace plateau::training
