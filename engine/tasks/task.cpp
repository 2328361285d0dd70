#include "engine/tasks/task.h"

#include <array>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/join.h"
#include "engine/tasks/two_step_image.h"

namespace plateau::tasks {
namespace {

struct Entry {
  const char *name, *title, *description, *repository_task;
  std::unique_ptr<TwoStepVariant> (*make)(const study::TaskSettings&);
};

constexpr std::array<Entry, 6> variants = {{
    {"fixed-position", "Two-step image task: fixed position",
     "The paper's main task. Indicators top left and bottom right of the same class: the item top right "
     "counts, otherwise the item bottom left.",
     "spacial_decision_indicator_digit_1_2_fashion", make_fixed_position},
    {"any-position", "Two-step image task: any position",
     "Indicator and item of a row stand in random order. Indicators of the same class: the top row's item "
     "counts, otherwise the bottom row's.",
     "sd_indicator_digit_1_2_fashion_no_fixed_pos", make_any_position},
    {"indicator-groups", "Two-step image task: indicator groups",
     "As fixed-position with four indicator classes in two groups: the same group counts as the same.",
     "special_decision_digit_group_4_fashion", make_indicator_groups},
    {"colour-indicator", "Two-step image task: colour as indicator",
     "Four red or blue items. The same colour top left and bottom right: the item top right counts, "
     "otherwise the item bottom left.",
     "same_color_distractors_colored_target", make_colour_indicator},
    {"class-or-colour", "Two-step image task: class or colour",
     "Indicators of the same class: the class of the item top right counts, otherwise its colour.",
     "spacial_decision_indicator_digit_1_2_colored_target_or_fashion", make_class_or_colour},
    {"position-as-indicator", "Two-step image task: position as indicator",
     "One item in each row. Both in the same column: the top item counts, otherwise the bottom item.",
     "fashion_position_as_indicator_topIfAbove", make_position_as_indicator},
}};

} // namespace

std::unique_ptr<Task> make_task(const study::TaskSettings& settings) {
  if (settings.kind != "two-step-image")
    throw InputError(
        fmt::format("task.kind = {}: there is no such task; there is two-step-image", settings.kind));
  std::vector<std::string> names;
  for (const Entry& variant : variants) {
    if (settings.variant == variant.name)
      return std::make_unique<TwoStepImage>(variant.title, variant.make(settings), settings);
    names.emplace_back(variant.name);
  }
  throw InputError(fmt::format("task.variant = {}: there is no such variant; there are {}", settings.variant,
                               join(names, ", ")));
}

std::vector<TaskDescription> list_tasks() {
  std::vector<TaskDescription> result;
  for (const Entry& variant : variants)
    result.push_back(
        {variant.name, variant.title, variant.description,
         fmt::format("Hoffmann et al., Eureka-Moments in Transformers, ICML 2024; their code's task {}",
                     variant.repository_task)});
  return result;
}

} // namespace plateau::tasks
