#include "app/window/explain.h"

#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "app/window/view.h"

namespace plateau::window {
namespace {

using study::Settings;
using Explanation = std::function<std::string(const Settings&, const RunNumbers&)>;

std::string learning_rate_now(const Settings&, const RunNumbers& n) {
  return n.learning_rate ? fmt::format("η = {:.3g} at step {}", *n.learning_rate, n.step) : "";
}

std::string temperature_now(const Settings& s, const RunNumbers& n) {
  const auto d_k = head_width(s.model);
  const double root = std::sqrt(static_cast<double>(d_k));
  std::string text =
      fmt::format("τ = {:.4g} × √{} = {:.3g}", s.attention.temperature, d_k, s.attention.temperature * root);
  if (s.attention.schedule != "constant" && n.temperature)
    text += fmt::format("\nat step {}: τ = {:.4g} × √{} = {:.3g}", n.step, *n.temperature, d_k,
                        *n.temperature * root);
  return text;
}

std::string memory_of(double beta) {
  return beta < 1 ? fmt::format("remembers about 1 / (1 - {:.6g}) = {:.0f} steps", beta, 1 / (1 - beta)) : "";
}

template<std::int64_t study::ProbeSettings::*interval>
std::string samples_of_probe(const Settings& s, const RunNumbers&) {
  const std::int64_t every = s.probes.*interval;
  return every > 0 ? fmt::format("{} / {} = {} times in this run", s.training.steps, every,
                                 s.training.steps / every)
                   : "off";
}

const std::map<std::string, Explanation, std::less<>>& explanations() {
  static const std::map<std::string, Explanation, std::less<>> all = {
      {"task.cell_size",
       [](const Settings& s, const RunNumbers&) {
         return fmt::format("canvas = {0} × {0} pixels", 2 * s.task.cell_size);
       }},
      {"model.patch",
       [](const Settings& s, const RunNumbers&) -> std::string {
         if (s.model.patch <= 0) return "";
         const auto side = 2 * s.task.cell_size / s.model.patch;
         return fmt::format("N = (2 × {} / {})² + 1 = {} tokens", s.task.cell_size, s.model.patch,
                            side * side + 1);
       }},
      {"model.width",
       [](const Settings& s, const RunNumbers&) {
         return fmt::format("{} = {} heads × {}", s.model.width, s.model.heads, head_width(s.model));
       }},
      {"model.heads",
       [](const Settings& s, const RunNumbers&) {
         return fmt::format("d_k = {} / {} = {}", s.model.width, s.model.heads, head_width(s.model));
       }},
      {"model.mlp_ratio",
       [](const Settings& s, const RunNumbers&) {
         return fmt::format("hidden width = {:.3g} × {} = {:.0f}", s.model.mlp_ratio, s.model.width,
                            s.model.mlp_ratio * static_cast<double>(s.model.width));
       }},
      {"attention.temperature", temperature_now},
      {"attention.schedule", temperature_now},
      {"attention.schedule_start",
       [](const Settings& s, const RunNumbers&) {
         const auto d_k = head_width(s.model);
         const double tau = s.attention.schedule_start * std::sqrt(static_cast<double>(d_k));
         return fmt::format("τ₀ = {:.4g} × √{} = {:.3g},  s₀ = {:.3g}", s.attention.schedule_start, d_k, tau,
                            1 / tau);
       }},
      {"attention.schedule_portion",
       [](const Settings& s, const RunNumbers&) {
         return fmt::format("T = {:.3g} × {} = {:.0f} steps", s.attention.schedule_portion, s.training.steps,
                            s.attention.schedule_portion * static_cast<double>(s.training.steps));
       }},
      {"optimizer.learning_rate", learning_rate_now},
      {"optimizer.schedule", learning_rate_now},
      {"optimizer.warmup_steps", learning_rate_now},
      {"optimizer.beta1", [](const Settings& s, const RunNumbers&) { return memory_of(s.optimizer.beta1); }},
      {"optimizer.beta2", [](const Settings& s, const RunNumbers&) { return memory_of(s.optimizer.beta2); }},
      {"optimizer.weight_decay",
       [](const Settings& s, const RunNumbers& n) {
         if (s.optimizer.decay_unit == "step")
           return fmt::format("shrinks weights by {:.3g} per step", s.optimizer.weight_decay);
         const double rate = n.learning_rate.value_or(s.optimizer.learning_rate);
         if (s.optimizer.decay_unit == "step")
           return fmt::format("shrinks weights by {:.2g} per step", s.optimizer.weight_decay);
         return fmt::format("shrinks weights by {:.3g} × {:.3g} = {:.2g} per step", rate,
                            s.optimizer.weight_decay, rate * s.optimizer.weight_decay);
       }},
      {"training.batch_size",
       [](const Settings& s, const RunNumbers&) -> std::string {
         if (s.training.batch_size == 0) return "the whole training set at each step";
         return fmt::format("{} steps × {} = {} samples in this run", s.training.steps, s.training.batch_size,
                            s.training.steps * s.training.batch_size);
       }},
      {"training.label_smoothing",
       [](const Settings& s, const RunNumbers& n) -> std::string {
         if (n.classes == 0) return "";
         const double other = s.training.label_smoothing / static_cast<double>(n.classes);
         return fmt::format("t = {:.4g} for the right class, {:.3g} for each other",
                            1 - s.training.label_smoothing + other, other);
       }},
      {"task.modulus",
       [](const Settings& s, const RunNumbers&) {
         return fmt::format("{0}² = {1} pairs", s.task.modulus, s.task.modulus * s.task.modulus);
       }},
      {"task.train_share",
       [](const Settings& s, const RunNumbers&) {
         const auto pairs = s.task.modulus * (s.task.modulus - (s.task.operation == "divide" ? 1 : 0));
         const auto test = static_cast<std::int64_t>((1 - s.task.train_share) * static_cast<double>(pairs));
         return fmt::format("trained on {} of {} pairs", pairs - test, pairs);
       }},
      {"task.levels",
       [](const Settings& s, const RunNumbers&) {
         const auto levels = static_cast<double>(s.task.levels);
         return fmt::format("{}^{} = {:.0f} cells,  plateau ln {} = {:.4g}", s.task.levels, s.task.factors,
                            std::pow(levels, static_cast<double>(s.task.factors)), s.task.levels,
                            std::log(levels));
       }},
      {"optimizer.readout_rate",
       [](const Settings& s, const RunNumbers&) {
         const double alpha = s.model.readout_scale, rate = s.optimizer.learning_rate;
         return s.optimizer.readout_rate == "fixed"
                    ? fmt::format("η = {:.3g}", rate)
                    : fmt::format("η = {:.3g} / {:.3g}² = {:.3g}", rate, alpha, rate / (alpha * alpha));
       }},
      {"optimizer.decay_unit",
       [](const Settings& s, const RunNumbers& n) {
         const double rate = n.learning_rate.value_or(s.optimizer.learning_rate),
                      decay = s.optimizer.weight_decay;
         return fmt::format("a step loses {:.3g} of each weight; switching keeps that",
                            s.optimizer.decay_unit == "step" ? decay : rate * decay);
       }},
      {"optimizer.grokfast_memory",
       [](const Settings& s, const RunNumbers&) { return memory_of(s.optimizer.grokfast_memory); }},
      {"strategy.fixed_first",
       [](const Settings& s, const RunNumbers& n) -> std::string {
         if (s.strategy.fixed_first <= 0) return "";
         return n.step < s.strategy.fixed_first ? fmt::format("{} more steps with the fixed mapping alone",
                                                              s.strategy.fixed_first - n.step)
                                                : fmt::format("over since step {}", s.strategy.fixed_first);
       }},
      {"probes.features_every", samples_of_probe<&study::ProbeSettings::features_every>},
      {"probes.kernel_every", samples_of_probe<&study::ProbeSettings::kernel_every>},
      {"probes.in_context_every", samples_of_probe<&study::ProbeSettings::in_context_every>},
      {"probes.attention_every", samples_of_probe<&study::ProbeSettings::attention_every>},
      {"probes.saturation_every", samples_of_probe<&study::ProbeSettings::saturation_every>},
      {"probes.gradients_every", samples_of_probe<&study::ProbeSettings::gradients_every>},
      {"probes.weights_every", samples_of_probe<&study::ProbeSettings::weights_every>},
      {"probes.components_every", samples_of_probe<&study::ProbeSettings::components_every>},
  };
  return all;
}

} // namespace

std::int64_t head_width(const study::ModelSettings& model) {
  return model.heads > 0 ? model.width / model.heads : 0;
}

RunNumbers run_numbers(const training::MemberView& member, const training::TaskInfo* task,
                       std::int64_t step) {
  RunNumbers numbers;
  numbers.step = step;
  if (task) numbers.classes = std::ssize(task->classes);
  numbers.learning_rate = value_at(member, "optimizer/learning-rate", step);
  numbers.temperature = value_at(member, "attention/temperature", step);
  return numbers;
}

std::string with_numbers(const study::Field& field, const study::Settings& settings,
                         const RunNumbers& numbers) {
  const auto found = explanations().find(field.name);
  return found == explanations().end() ? "" : found->second(settings, numbers);
}

} // namespace plateau::window
