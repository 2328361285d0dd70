#include "engine/tasks/task.h"

#include <array>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/associative_recall.h"
#include "engine/tasks/factor_labels.h"
#include "engine/tasks/in_context_classification.h"
#include "engine/tasks/join.h"
#include "engine/tasks/linear_regression.h"
#include "engine/tasks/text_task.h"
#include "engine/tasks/two_step_image.h"

namespace plateau::tasks {
namespace {

constexpr const char *two_step_image = "two-step-image", *linear_regression = "linear-regression",
                     *associative_recall = "associative-recall", *text = "text",
                     *factor_labels = "factor-labels", *classification = "in-context-classification";

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

std::unique_ptr<Task> make_two_step_image(const study::TaskSettings& settings) {
  std::vector<std::string> names;
  for (const Entry& variant : variants) {
    if (settings.variant == variant.name)
      return std::make_unique<TwoStepImage>(variant.title, variant.make(settings), settings);
    names.emplace_back(variant.name);
  }
  throw InputError(fmt::format("task.variant = {}: there is no such variant; there are {}", settings.variant,
                               join(names, ", ")));
}

} // namespace

bool depends_on_seed(const study::TaskSettings& settings) {
  return settings.kind == "modular-arithmetic" || settings.kind == factor_labels ||
         settings.kind == classification;
}

std::unique_ptr<Task> make_task(const study::TaskSettings& settings, std::int64_t seed) {
  if (settings.kind == two_step_image) return make_two_step_image(settings);
  if (settings.kind == linear_regression) return std::make_unique<LinearRegression>(settings);
  if (settings.kind == associative_recall) return std::make_unique<AssociativeRecall>(settings);
  if (settings.kind == text) return std::make_unique<TextTask>(settings);
  if (settings.kind == factor_labels) return std::make_unique<FactorLabels>(settings, seed);
  if (settings.kind == classification) return std::make_unique<InContextClassification>(settings, seed);
  std::vector<std::string> kinds;
  for (const TaskDescription& task : list_tasks())
    if (kinds.empty() || kinds.back() != task.kind) kinds.push_back(task.kind);
  throw InputError(
      fmt::format("task.kind = {}: there is no such task; there are {}", settings.kind, join(kinds, ", ")));
}

std::vector<TaskDescription> list_tasks() {
  std::vector<TaskDescription> result;
  for (const Entry& variant : variants)
    result.push_back(
        {variant.name, variant.title, variant.description,
         fmt::format("Hoffmann et al., Eureka-Moments in Transformers, ICML 2024; their code's task {}",
                     variant.repository_task),
         two_step_image});
  result.push_back(
      {linear_regression, "Linear regression in context",
       "Examples (x, y) of a linear function that is drawn anew for each prompt, then a query x whose y is "
       "asked for. Covariates are normal, on a sphere or heavy-tailed; the function may also be of the "
       "outputs of a fixed random network.",
       "Ahn et al., Linear attention is (maybe) all you need, ICLR 2024", linear_regression});
  result.push_back(
      {associative_recall, "Associative recall",
       "Keys and values alternate, paired anew in each sequence; then one of the keys comes again and its "
       "value is asked for.",
       "Ba et al., Using Fast Weights to Attend to the Recent Past, NeurIPS 2016", associative_recall});
  result.push_back(
      {text, "Next character of a text",
       "A window on a text, the fortunes of Debian or any UTF-8 file; the next character is asked for at "
       "every position. With task.alphabets each window is written in other letters.",
       "Plateau extension", text});
  result.push_back(
      {factor_labels, "Labels of a factor, in context",
       "Items made of factors, each followed by a label: the value of one of the factors, by a mapping that "
       "may be another in each sequence. Which factor and which mapping can only be read from the sequence.",
       "Fu et al., Breaking through the Learning Plateaus of In-context Learning in Transformer, ICML 2024",
       factor_labels});
  result.push_back(
      {classification, "Classification in context",
       "Labelled items, then one without a label. Its class can be known by heart or be read from items of "
       "the same class before; how bursty and how unequally frequent classes are decides which is learnt.",
       "Reddy, The mechanistic basis of data dependence and abrupt learning in an in-context classification "
       "task, ICLR 2024",
       classification});
  return result;
}

} // namespace plateau::tasks
