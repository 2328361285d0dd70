// Internal: learners of one shape that train in lockstep as one batched computation (DESIGN 2: cohort, on a
// GPU). What each of them is stays its own: its parameters and moments are rows of the cohort's.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/parallel/worker_pool.h"
#include "engine/training/cuda_graph.h"
#include "engine/training/learner.h"
#include "engine/training/transformer_stack.h"

namespace plateau::training {

class Cohort {
public:
  /// Can this learner train in a cohort at all, and together with that one? Not with another loss than cross
  /// entropy, a second loss, or the untrained model's outputs taken off.
  static bool can_join(const Learner& learner);
  static bool can_join(const Learner& one, const Learner& other);

  /// Of learners that can all join each other; they must live as long as the cohort trains. Moves their
  /// parameters into its own memory, where they stay also after it. `records` steps as CUDA graphs where it
  /// can.
  Cohort(std::vector<Learner*> learners, const torch::Device& device, parallel::WorkerPool& pool,
         bool records);

  const std::vector<Learner*>& learners() const { return learners_; }

  /// Learner::train_step of all of them.
  void train_step(std::int64_t step, std::int64_t planned_steps, bool measure_gradients);
  /// Gives each learner the metrics of the steps since the last call; reads the device back once.
  void hand_out_step_metrics();
  StepTimes take_times();

private:
  using Options = std::vector<models::ForwardOptions>;
  void load_batches(std::int64_t step);
  /// From inputs_, labels_ and smoothing_ into gradients_ and metrics_.
  void compute_gradients(const Options& options);
  void run_gradients(const Options& options);
  void record(const Options& options);

  std::vector<Learner*> learners_;
  torch::Device device_;
  parallel::WorkerPool* pool_;
  bool records_;
  torch::Tensor values_, gradients_, first_moments_, second_moments_; // [K, P]
  torch::Tensor decay_;                                               // [P]
  std::unique_ptr<TransformerStack> stack_;
  torch::Tensor inputs_, labels_; // [K, B, …] of the step in hand, always in the same place
  torch::Tensor smoothing_;       // [K, 1]
  torch::Tensor metrics_;         // [K, 2] float64: loss, accuracy; likewise
  std::vector<torch::Tensor> step_metrics_;
  StepTimes times_;

  // A graph holds temperature, variant, smoothing and precision as they were when it was recorded.
  struct Recipe {
    const attention::Variant* variant;
    double temperature, smoothing;
    std::string loss_precision;
    study::AttentionSettings attention;
    bool operator==(const Recipe&) const = default;
  };
  std::vector<Recipe> recipes_;
  int steps_alike_ = 0; // with these recipes
  std::optional<CudaGraph> graph_;
};

} // namespace plateau::training
