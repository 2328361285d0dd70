#include "app/figures/catalogue.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "app/figures/difference.h"
#include "app/figures/draw_figures.h"
#include "app/figures/in_context.h"
#include "app/figures/metric_plots.h"
#include "app/figures/optimizer.h"
#include "engine/errors.h"
#include "engine/study/fields.h"

namespace plateau::figures {
namespace {

using training::Snapshot;

bool has_series(const Snapshot& snapshot, const PlotOptions& options, std::string_view prefix) {
  for (const auto* member : chosen_members(snapshot, options))
    for (const auto& [metric, series] : member->series)
      if (metric.starts_with(prefix) && metric.find("/head") == std::string::npos && !series.empty())
        return true;
  return false;
}

std::string missing_series(const Snapshot& snapshot, const PlotOptions& options, std::string_view prefix,
                           const char* setting) {
  if (has_series(snapshot, options, prefix)) return {};
  return fmt::format("nothing was recorded of {}…{}{}", prefix, *setting ? "; record it with " : "", setting);
}

std::string missing_tensor(const Snapshot& snapshot, const PlotOptions& options, const char* name,
                           const char* setting) {
  const auto* member = chosen_member(snapshot, options, name);
  if (member && member->frame && member->frame->tensors.contains(name)) return {};
  return fmt::format("no chosen member has {} {}; a CNN has no attention, otherwise record it with {}", name,
                     options.step ? fmt::format("at or before step {}", *options.step) : "recorded", setting);
}

template<const char* Prefix, const char* Setting>
std::string no_series(const Snapshot& snapshot, const PlotOptions& options) {
  return missing_series(snapshot, options, Prefix, Setting);
}
template<const char* Name, const char* Setting>
std::string no_tensor(const Snapshot& snapshot, const PlotOptions& options) {
  return missing_tensor(snapshot, options, Name, Setting);
}

constexpr char loss[] = "loss/", accuracy[] = "accuracy/", saturation[] = "saturation/",
               component[] = "component/", gradient[] = "gradient/", gradient_mean[] = "gradient-mean/",
               weight[] = "weight/", optimizer[] = "optimizer/", mean[] = "attention/mean",
               maps[] = "attention/maps", histogram[] = "saturation/histogram";
constexpr char nothing[] = "", attention_every[] = "probes.attention_every",
               saturation_every[] = "probes.saturation_every", gradients_every[] = "probes.gradients_every",
               weights_every[] = "probes.weights_every", components_every[] = "probes.components_every";
constexpr char condition[] = "curvature/condition", smoothness[] = "curvature/smoothness",
               values[] = "values/", reference[] = "reference/", curvature_every[] = "probes.curvature_every",
               smoothness_every[] = "probes.smoothness_every", values_every[] = "probes.values_every",
               regression[] = "a study of linear regression";

// "noise/errors" and the like: not a matter of attention.
std::string missing_array(const Snapshot& snapshot, const PlotOptions& options, const char* name,
                          const char* setting) {
  const auto* member = chosen_member(snapshot, options, name);
  if (member && member->frame && member->frame->tensors.contains(name)) return {};
  return fmt::format("no chosen member has {} {}; record it with {}", name,
                     options.step ? fmt::format("at or before step {}", *options.step) : "recorded", setting);
}

std::string no_noise(const Snapshot& snapshot, const PlotOptions& options) {
  return missing_array(snapshot, options, "noise/errors", "probes.noise_every");
}

std::string no_matrices(const Snapshot& snapshot, const PlotOptions& options) {
  return missing_array(snapshot, options, "linear/matrices",
                       "probes.weights_every in a study of linear transformers");
}

template<const char* Name, const char* Setting>
std::string no_array(const Snapshot& snapshot, const PlotOptions& options) {
  return missing_array(snapshot, options, Name, Setting);
}

constexpr char embedding_spectrum_array[] = "features/embedding-spectrum", circle_array[] = "features/circle",
               spectrum_array[] = "features/spectrum", correct_logit_array[] = "features/correct-logit",
               features_every[] = "probes.features_every in a study of modular arithmetic",
               effective_rank[] = "features/effective-rank",
               rank_probes[] = "probes.features_every or probes.in_context_every",
               entropy[] = "features/entropy", restricted[] = "loss/restricted",
               positions[] = "context/accuracy", in_context_study[] = "a study of learning in context",
               weights_score[] = "component/weights-score", in_context_every[] = "probes.in_context_every";

std::string no_grokking(const Snapshot& snapshot, const PlotOptions& options) {
  for (const auto* member : chosen_members(snapshot, options))
    if (member->settings.task.kind == "modular-arithmetic")
      return missing_series(snapshot, options, loss, nothing);
  return "it is drawn of studies of modular arithmetic, where there is a training set to memorise";
}

std::string no_scores(const Snapshot& snapshot, const PlotOptions& options) {
  return metric_plots(snapshot, options, score_plots()).empty()
             ? fmt::format("nothing was recorded of context and weights; record it with {}", in_context_every)
             : "";
}

std::string no_heads(const Snapshot& snapshot, const PlotOptions& options) {
  const bool any = std::ranges::any_of(
      head_scores(), [&](const auto& score) { return count_head_layers(snapshot, options, score) > 0; });
  return any ? "" : fmt::format("nothing was recorded of head/…; record it with {}", in_context_every);
}

std::string no_difference(const Snapshot& snapshot, const PlotOptions& options) {
  const auto* reference = reference_member(snapshot, options);
  for (const auto* member : chosen_members(snapshot, options))
    if (member != reference) return missing_series(snapshot, options, loss, nothing);
  return "it takes two members: choose another reference than the one that is drawn";
}

std::string no_pairs(const Snapshot& snapshot, const PlotOptions& options) {
  const auto reason = missing_series(snapshot, options, smoothness, smoothness_every);
  if (!reason.empty()) return reason;
  const auto members = chosen_members(snapshot, options);
  const bool any = std::ranges::any_of(
      members, [&](const auto* member) { return !gradient_smoothness(*member, options).points.empty(); });
  return any ? "" : "there is no step with a gradient norm and a positive smoothness";
}

std::string no_class_token(const Snapshot& snapshot, const PlotOptions& options) {
  const auto reason = missing_tensor(snapshot, options, maps, attention_every);
  if (!reason.empty()) return reason;
  if (!snapshot.task) return "the recording holds no task";
  return chosen_member(snapshot, options, maps)->tokens.class_token ? "" : "the model has no class token";
}

std::string no_histories(const Snapshot& snapshot, const PlotOptions& options) {
  const auto reason = missing_tensor(snapshot, options, histogram, saturation_every);
  if (!reason.empty()) return reason;
  return chosen_member(snapshot, options, histogram)->histograms.size() > 1
             ? ""
             : "the histogram was recorded at one step only";
}

// Whatever is drawn over steps shows remarks.
std::vector<FigureInfo> with_remarks(std::vector<FigureInfo> figures) {
  for (FigureInfo& info : figures)
    if (info.choices & choose_log_x) info.choices |= choose_remarks;
  return figures;
}

} // namespace

std::span<const ChoiceName> choice_names() {
  static constexpr ChoiceName names[] = {{choose_step, "step"},
                                         {choose_smoothing, "smoothing"},
                                         {choose_log_x, "log_x"},
                                         {choose_log_x, "x_scale"},
                                         {choose_log_y, "log_y"},
                                         {choose_log_y, "y_scale"},
                                         {choose_seed_bands, "seed_bands"},
                                         {choose_events, "events"},
                                         {choose_remarks, "remarks"},
                                         {choose_guides, "guides"},
                                         {choose_legend, "legend"},
                                         {choose_layer, "layer"},
                                         {choose_head, "head"},
                                         {choose_x, "x"},
                                         {choose_y, "y"},
                                         {choose_reference, "reference"}};
  return names;
}

std::span<const FigureInfo> figures() {
  static const std::vector<FigureInfo> all = with_remarks({
      {"summary",
       "Summary",
       "Loss above accuracy above attention maps and saturation: one page about a run.",
       {180, 190},
       draw_summary,
       no_series<loss, nothing>,
       choose_step | choose_smoothing | choose_log_x | choose_log_y | choose_seed_bands | choose_events |
           choose_guides | choose_legend | choose_layer | choose_head | choose_x | choose_y},
      {"loss",
       "Loss",
       "Training and validation loss with plateaus, Eureka-moments and derived levels.",
       {140, 80},
       draw_loss,
       no_series<loss, nothing>,
       choose_step | choose_smoothing | choose_log_x | choose_log_y | choose_seed_bands | choose_events |
           choose_guides | choose_legend | choose_x | choose_y},
      {"accuracy",
       "Accuracy",
       "Accuracy of the whole task and of the intermediate decision.",
       {140, 80},
       draw_accuracy,
       no_series<accuracy, nothing>,
       choose_step | choose_log_x | choose_seed_bands | choose_events | choose_guides | choose_legend |
           choose_x | choose_y},
      {"difference",
       "Difference of members",
       "Losses and accuracies of members less those of a reference, at the steps that both have.",
       {180, 75},
       draw_difference,
       no_difference,
       choose_step | choose_smoothing | choose_log_x | choose_events | choose_legend | choose_x | choose_y |
           choose_reference},
      {"attention",
       "Attention maps",
       "Queries x keys of every layer and head, mean over the probed samples.",
       {140, 115},
       draw_attention,
       no_tensor<mean, attention_every>,
       choose_step | choose_layer | choose_head},
      {"attention-class-token",
       "Attention of the class token",
       "Where the class token looks in single inputs, per layer and head.",
       {180, 115},
       draw_class_token,
       no_class_token,
       choose_step | choose_layer | choose_head},
      {"saturation",
       "Softmax saturation",
       "Entropy, largest probability, shares of tiny probabilities and the softmax Jacobian's norm per "
       "layer.",
       {180, 110},
       draw_saturation,
       no_series<saturation, saturation_every>,
       choose_step | choose_log_x | choose_log_y | choose_seed_bands | choose_events | choose_legend |
           choose_layer | choose_head | choose_x | choose_y},
      {"saturation-histogram",
       "Attention probabilities over time",
       "Distribution of log10 a over the steps, per layer, with its 10th, 50th and 90th percentile.",
       {140, 140},
       draw_saturation_histogram,
       no_histories,
       choose_step | choose_events | choose_x},
      {"components",
       "Weights and context component",
       "Norms, cosine and share of the two components per layer.",
       {180, 110},
       draw_components,
       no_series<component, components_every>,
       choose_step | choose_log_x | choose_log_y | choose_seed_bands | choose_events | choose_legend |
           choose_layer | choose_x | choose_y},
      {"gradients",
       "Gradient norms",
       "Of W_Q, W_K, W_V, W_O and the MLP per layer, embedding and readout.",
       {180, 110},
       draw_gradients,
       no_series<gradient, gradients_every>,
       choose_step | choose_smoothing | choose_log_x | choose_seed_bands | choose_events | choose_legend |
           choose_layer | choose_x | choose_y},
      {"gradient-means",
       "Mean absolute gradients",
       "Mean absolute gradient of the same groups.",
       {180, 110},
       draw_gradient_means,
       no_series<gradient_mean, gradients_every>,
       choose_step | choose_smoothing | choose_log_x | choose_seed_bands | choose_events | choose_legend |
           choose_layer | choose_x | choose_y},
      {"weights",
       "Weight norms",
       "Of the same groups as the gradient norms.",
       {180, 110},
       draw_weights,
       no_series<weight, weights_every>,
       choose_step | choose_log_x | choose_log_y | choose_seed_bands | choose_events | choose_legend |
           choose_layer | choose_x | choose_y},
      {"schedules",
       "Schedules",
       "Learning rate and softmax temperature over the steps.",
       {180, 65},
       draw_schedules,
       no_series<optimizer, nothing>,
       choose_step | choose_log_x | choose_log_y | choose_seed_bands | choose_legend | choose_x | choose_y},
      {"gradient-noise",
       "Gradient noise",
       "Distances |g_k - g| of single batches' gradients from the mean gradient, with the fitted normal: "
       "density and quantiles.",
       {180, 80},
       draw_gradient_noise,
       no_noise,
       choose_step},
      {"condition-number",
       "Robust condition number",
       "Largest and median entry of the Hessian's diagonal, and their ratio, over the steps.",
       {180, 75},
       draw_condition_number,
       no_series<condition, curvature_every>,
       choose_step | choose_log_x | choose_seed_bands | choose_events | choose_legend | choose_x | choose_y},
      {"smoothness",
       "Directional smoothness",
       "The loss's curvature along each step, |S_t|; rings where it is negative.",
       {140, 80},
       draw_smoothness,
       no_series<smoothness, smoothness_every>,
       choose_step | choose_log_x | choose_seed_bands | choose_events | choose_legend | choose_x | choose_y},
      {"gradient-smoothness",
       "Gradient norm against smoothness",
       "log S_t against log |grad f|, one point per step, with the correlations.",
       {140, 90},
       draw_gradient_smoothness,
       no_pairs,
       choose_step},
      {"linear-matrices",
       "P and Q of a linear transformer",
       "The matrices of each layer, and how far they are from a multiple of the unit matrix.",
       {180, 90},
       draw_linear_matrices,
       no_matrices,
       choose_step | choose_log_x | choose_log_y | choose_legend | choose_x | choose_y},
      {"values",
       "Values that heads read",
       "Spread of the values, LASER's gradient against the plain one, and where LASER underflows.",
       {180, 110},
       draw_values,
       no_series<values, values_every>,
       choose_step | choose_log_x | choose_seed_bands | choose_events | choose_legend | choose_layer |
           choose_head | choose_x | choose_y},
      {"gradient-descent",
       "Loss and gradient descent",
       "Losses of a linear transformer against as many steps of gradient descent as it has layers.",
       {140, 80},
       draw_gradient_descent,
       no_series<reference, regression>,
       choose_step | choose_log_x | choose_seed_bands | choose_events | choose_guides | choose_legend |
           choose_x | choose_y},
      {"grokking",
       "Memorising and generalising",
       "Training and test loss and accuracy with marks where a member has memorised and where it "
       "generalises.",
       {180, 80},
       draw_grokking,
       no_grokking,
       choose_step | choose_smoothing | choose_log_x | choose_seed_bands | choose_events | choose_legend |
           choose_x | choose_y},
      {"embedding-spectrum",
       "Spectrum of the embedding",
       "Share of the embedding's power at each frequency, the five strongest set apart, and measures of it.",
       {180, 75},
       draw_embedding_spectrum,
       no_array<embedding_spectrum_array, features_every>,
       choose_step | choose_log_x | choose_events | choose_guides | choose_x | choose_y},
      {"circle",
       "Circle of the embedding",
       "Tokens along cosine and sine of the embedding's strongest frequency.",
       {95, 85},
       draw_circle,
       no_array<circle_array, features_every>,
       choose_step},
      {"feature-spectrum",
       "Spectrum of the features",
       "Eigenvalues of the features on logarithmic axes.",
       {120, 85},
       draw_feature_spectrum,
       no_array<spectrum_array, features_every>,
       choose_step},
      {"effective-rank",
       "Rank of the features",
       "Effective rank, rank, stable rank and the exponent of the spectrum's tail over the steps.",
       {180, 110},
       draw_effective_rank,
       no_series<effective_rank, rank_probes>,
       choose_step | choose_log_x | choose_seed_bands | choose_events | choose_legend | choose_x | choose_y},
      {"attention-entropy",
       "Attention entropy",
       "How evenly the operands are attended to, over the steps, and the last token's attention per head.",
       {180, 75},
       draw_attention_entropy,
       no_series<entropy, features_every>,
       choose_step | choose_log_x | choose_seed_bands | choose_events | choose_guides | choose_legend |
           choose_x | choose_y},
      {"circuit-loss",
       "Losses of the circuit",
       "Training and test loss beside restricted and excluded loss and the loss with unit MLP inputs.",
       {140, 85},
       draw_circuit_loss,
       no_series<restricted, features_every>,
       choose_step | choose_smoothing | choose_log_x | choose_seed_bands | choose_events | choose_legend |
           choose_x | choose_y},
      {"correct-logit",
       "Logit of the right class",
       "The right class's logit for every pair (a, b), and the mean logit by distance from the right class.",
       {180, 85},
       draw_correct_logit,
       no_array<correct_logit_array, features_every>,
       choose_step},
      {"in-context-positions",
       "Accuracy by place in the sequence",
       "Accuracy at each place of the sequence over the steps, and at one step.",
       {180, 80},
       draw_in_context_positions,
       no_series<positions, in_context_study>,
       choose_step | choose_seed_bands | choose_events | choose_guides | choose_x},
      {"in-context-scores",
       "Context against weights",
       "Accuracy in context, in weights, with the fixed mapping and with swapped labels over the steps.",
       {140, 80},
       draw_in_context_scores,
       no_scores,
       choose_step | choose_log_x | choose_seed_bands | choose_events | choose_legend | choose_x | choose_y},
      {"component-scores",
       "What the components can do",
       "What a linear probe finds in the weights component and of the rule, and what each component answers.",
       {180, 110},
       draw_component_scores,
       no_series<weights_score, in_context_every>,
       choose_step | choose_log_x | choose_seed_bands | choose_events | choose_legend | choose_x | choose_y},
      {"head-scores",
       "What heads look for",
       "Induction, previous-token and right-label score of each head, at one step and over the steps.",
       {180, 120},
       draw_head_scores,
       no_heads,
       choose_step | choose_log_x | choose_events | choose_legend | choose_head | choose_x | choose_y},
  });
  return all;
}

const FigureInfo& figure(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& info : figures()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  throw InputError(fmt::format("there is no figure '{}'{}; 'plateau figure --list' names all", name,
                               study::did_you_mean(name, names)));
}

widgets::Metadata metadata(const FigureInfo& info, const Snapshot& snapshot, const PlotOptions& options) {
  std::string text = "Plateau " PLATEAU_VERSION;
  if (snapshot.study) text += fmt::format("; study {} ({})", snapshot.study->name, snapshot.study->title);
  if (snapshot.task) text += fmt::format("; data: {}", snapshot.task->data);
  if (!snapshot.device.empty()) text += "; device: " + snapshot.device;
  if (!snapshot.recording.empty())
    text += "; recording: " + std::filesystem::path(snapshot.recording).filename().string();
  text += "; members:";
  const auto members = chosen_members(snapshot, options);
  for (const auto* member : members)
    text += fmt::format("{} {} (seed {}, {} steps{})", member == members.front() ? "" : ",", member->name,
                        member->seed, member->step,
                        member->parent >= 0 ? fmt::format(", forked at {}", member->forked_at) : "");
  for (const auto& intervention : snapshot.interventions)
    text += fmt::format("; step {}: {}", intervention.step, study::describe(intervention));
  if (options.step) text += fmt::format("; shown at step {}", *options.step);
  const std::string study = snapshot.study ? snapshot.study->title + ": " : "";
  return {study + info.title, text};
}

} // namespace plateau::figures
