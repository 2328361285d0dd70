#include "engine/study/rules.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace plateau::study {
namespace {

/// More tokens than this make attention maps of hundreds of megabytes per step.
constexpr std::int64_t most_patches = 1024;

constexpr std::int64_t most_linear_layers = 16;

/// Which models can learn a task.
std::vector<std::string> models_for(const std::string& task) {
  if (task == "two-step-image") return {"vision-transformer", "resnet"};
  if (task == "linear-regression") return {"linear-transformer"};
  return {"decoder"};
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
  return {};
}

std::optional<Conflict> find_model_conflict(const Settings& settings) {
  const auto& model = settings.model;
  if (model.kind == "linear-transformer" && model.depth > most_linear_layers)
    return Conflict{fmt::format("model.depth = {}: a linear transformer has at most {} layers, its output is "
                                "a polynomial of degree 3^depth",
                                model.depth, most_linear_layers),
                    {"model.depth"}};
  if (model.kind != "vision-transformer" && model.kind != "decoder") return {};
  if (model.width % model.heads != 0)
    return Conflict{
        fmt::format("model.width = {} must be a multiple of model.heads = {}", model.width, model.heads),
        {"model.width", "model.heads"}};
  if (model.kind == "decoder") return {};
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
  if (settings.model.kind != "vision-transformer" && settings.model.kind != "decoder") return {};
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
                          find_optimizer_conflict, find_probe_conflict})
    if (auto conflict = find(settings)) return conflict;
  return {};
}

} // namespace plateau::study
