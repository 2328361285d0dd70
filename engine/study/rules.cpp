#include "engine/study/rules.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

/// More tokens than this make attention maps of hundreds of megabytes per step.
constexpr std::int64_t most_patches = 1024;

constexpr std::int64_t most_linear_layers = 16;

/// Which models can learn a task.
std::vector<std::string> models_for(const std::string& task) {
  if (task == "two-step-image") return {"vision-transformer", "resnet"};
  if (task == "linear-regression") return {"linear-transformer"};
  if (task == "modular-arithmetic") return {"arithmetic-transformer"};
  return {"decoder"};
}

bool is_prime(std::int64_t number) {
  for (std::int64_t divisor = 2; divisor * divisor <= number; ++divisor)
    if (number % divisor == 0) return false;
  return number > 1;
}
/// At or above, or the largest that is allowed.
std::int64_t next_prime(std::int64_t number) {
  const auto largest = static_cast<std::int64_t>(field("task.modulus").maximum);
  while (number < largest && !is_prime(number)) ++number;
  return number;
}

std::optional<Conflict> find_task_conflict(const Settings& settings) {
  const auto& task = settings.task;
  const auto models = models_for(task.kind);
  if (std::ranges::find(models, settings.model.kind) == models.end())
    return Conflict{fmt::format("task.kind = {} needs model.kind = {}, not {}", task.kind,
                                fmt::join(models, " or "), settings.model.kind),
                    {"task.kind", "model.kind"}};
  if (task.kind == "associative-recall" && task.symbols < task.pairs)
    return Conflict{fmt::format("task.symbols = {} must be at least task.pairs = {}: no key comes twice",
                                task.symbols, task.pairs),
                    {"task.symbols", "task.pairs"}};
  if (task.kind == "modular-arithmetic" && !is_prime(task.modulus))
    return Conflict{fmt::format("task.modulus = {} must be a prime number, such as {}", task.modulus,
                                next_prime(task.modulus)),
                    {"task.modulus"}};
  if (task.kind == "in-context-classification" && task.pairs % task.burstiness != 0)
    return Conflict{fmt::format("task.pairs = {} must be a multiple of task.burstiness = {}", task.pairs,
                                task.burstiness),
                    {"task.pairs", "task.burstiness"}};
  if (task.kind == "in-context-classification" && task.item_classes < task.pairs / task.burstiness)
    return Conflict{fmt::format("task.item_classes = {} are fewer than the task.pairs / task.burstiness = {} "
                                "classes of a bursty sequence",
                                task.item_classes, task.pairs / task.burstiness),
                    {"task.item_classes", "task.pairs", "task.burstiness"}};
  if (task.kind == "factor-labels" && std::pow(task.levels, task.factors) > most_grid_cells)
    return Conflict{fmt::format("task.levels = {} to the power of task.factors = {} makes more than {} items",
                                task.levels, task.factors, most_grid_cells),
                    {"task.levels", "task.factors"}};
  if (task.kind == "factor-labels" && task.factors == 1 && task.main_effect == 0)
    return Conflict{"task.main_effect = 0 with task.factors = 1: all items are alike",
                    {"task.main_effect", "task.factors"}};
  if (settings.training.batch_size == 0 && task.kind != "modular-arithmetic")
    return Conflict{fmt::format("training.batch_size = 0 means the whole training set, but that of task.kind "
                                "= {} is endless",
                                task.kind),
                    {"training.batch_size", "task.kind"}};
  return {};
}

std::optional<Conflict> find_strategy_conflict(const Settings& settings) {
  const auto& strategy = settings.strategy;
  if (strategy.extra_loss > 0 && !has_extra_targets(settings))
    return Conflict{fmt::format("strategy.extra_loss = {} needs something that a second loss can ask for: "
                                "factor-labels, or text with task.alphabets above 0; task.kind = {}",
                                strategy.extra_loss, settings.task.kind),
                    {"strategy.extra_loss", "task.kind"}};
  if (strategy.extra_loss > 0 && strategy.extra_target == "rule" && settings.task.kind == "text")
    return Conflict{"strategy.extra_target = rule: a text has no rule, only attributes",
                    {"strategy.extra_target", "task.kind"}};
  if ((strategy.fixed_share > 0 || strategy.fixed_first > 0) && !has_mappings(settings))
    return Conflict{fmt::format("strategy.fixed_share and strategy.fixed_first need a task with mappings: "
                                "factor-labels, or text with task.alphabets above 0; task.kind = {}",
                                settings.task.kind),
                    {"strategy.fixed_share", "strategy.fixed_first", "task.kind"}};
  return {};
}

std::optional<Conflict> find_model_conflict(const Settings& settings) {
  const auto& model = settings.model;
  if (model.kind == "linear-transformer" && model.depth > most_linear_layers)
    return Conflict{fmt::format("model.depth = {}: a linear transformer has at most {} layers, its output is "
                                "a polynomial of degree 3^depth",
                                model.depth, most_linear_layers),
                    {"model.depth"}};
  if (!is_transformer(settings)) return {};
  if (model.width % model.heads != 0)
    return Conflict{
        fmt::format("model.width = {} must be a multiple of model.heads = {}", model.width, model.heads),
        {"model.width", "model.heads"}};
  if (model.kind != "vision-transformer") return {};
  const auto canvas = 2 * settings.task.cell_size;
  const std::vector<std::string> involved = {"model.patch", "task.cell_size"};
  if (canvas % model.patch != 0)
    return Conflict{
        fmt::format("model.patch = {} must divide the canvas of {} pixels (twice task.cell_size = {})",
                    model.patch, canvas, settings.task.cell_size),
        involved};
  const auto patches = (canvas / model.patch) * (canvas / model.patch);
  if (patches > most_patches)
    return Conflict{
        fmt::format("model.patch = {} cuts the canvas of {} pixels into {} patches, more than {}: "
                    "take a larger patch or a smaller task.cell_size",
                    model.patch, canvas, patches, most_patches),
        involved};
  return {};
}

std::optional<Conflict> find_attention_conflict(const Settings& settings) {
  if (!is_transformer(settings)) return {};
  const auto& attention = settings.attention;
  // Those that attention/catalogue.h says LASER cannot read with; a test compares.
  if (attention.laser != "off" && (attention.variant == "linear" || attention.variant == "free-energy"))
    return Conflict{fmt::format("attention.laser = {} cannot sit on attention.variant = {}: {}",
                                attention.laser, attention.variant,
                                attention.variant == "linear" ? "its weights may be negative"
                                                              : "it has a log-sum-exp of its own"),
                    {"attention.laser", "attention.variant"}};
  const auto head_width = settings.model.width / settings.model.heads;
  if (attention.variant == "differential" && head_width % 2 != 0)
    return Conflict{fmt::format("attention.variant = differential needs an even head width; model.width / "
                                "model.heads = {}",
                                head_width),
                    {"attention.variant", "model.width", "model.heads"}};
  return {};
}

std::optional<Conflict> find_optimizer_conflict(const Settings& settings) {
  const auto& optimizer = settings.optimizer;
  if (optimizer.schedule == "cosine" && optimizer.minimum_learning_rate > optimizer.learning_rate)
    return Conflict{
        fmt::format("optimizer.minimum_learning_rate = {} must not be above optimizer.learning_rate = {}",
                    optimizer.minimum_learning_rate, optimizer.learning_rate),
        {"optimizer.minimum_learning_rate", "optimizer.learning_rate", "optimizer.schedule"}};
  return {};
}

std::optional<Conflict> find_probe_conflict(const Settings& settings) {
  const auto& probes = settings.probes;
  if (probes.map_samples > probes.samples)
    return Conflict{fmt::format("probes.map_samples = {} must not be above probes.samples = {}",
                                probes.map_samples, probes.samples),
                    {"probes.map_samples", "probes.samples"}};
  if (probes.noise_every > 0 && probes.noise_batch == 0 && settings.training.batch_size == 0)
    return Conflict{fmt::format("probes.noise_every = {}: with training.batch_size = 0 each step takes the "
                                "whole training set, whose gradient has no noise; set probes.noise_batch "
                                "above 0 for that of smaller batches",
                                probes.noise_every),
                    {"probes.noise_every", "probes.noise_batch", "training.batch_size"}};
  const auto& task = settings.task;
  if ((probes.smoothness_every > 0 || probes.curvature_every > 0) &&
      probes.curvature_samples > task.validation_samples)
    return Conflict{
        fmt::format("probes.curvature_samples = {} must not be above task.validation_samples = {}",
                    probes.curvature_samples, task.validation_samples),
        {"probes.curvature_samples", "task.validation_samples"}};
  if (probes.samples > settings.task.validation_samples)
    return Conflict{fmt::format("probes.samples = {} must not be above task.validation_samples = {}",
                                probes.samples, settings.task.validation_samples),
                    {"probes.samples", "task.validation_samples"}};
  return {};
}

} // namespace

std::optional<Conflict> find_conflict(const Settings& settings) {
  for (const auto find : {find_task_conflict, find_model_conflict, find_attention_conflict,
                          find_optimizer_conflict, find_strategy_conflict, find_probe_conflict})
    if (auto conflict = find(settings)) return conflict;
  return {};
}

} // namespace plateau::study
