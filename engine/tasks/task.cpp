#include "engine/tasks/task.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/associative_recall.h"
#include "engine/tasks/factor_labels.h"
#include "engine/tasks/in_context_classification.h"
#include "engine/tasks/join.h"
#include "engine/tasks/linear_regression.h"
#include "engine/tasks/markov_chains.h"
#include "engine/tasks/modular_arithmetic.h"
#include "engine/tasks/text_task.h"
#include "engine/tasks/two_step_image.h"

namespace plateau::tasks {
namespace {

constexpr const char* two_step_image = "two-step-image";

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

/// A task without variants.
struct Kind {
  const char *name, *title, *description, *source;
  std::unique_ptr<Task> (*make)(const study::TaskSettings&, std::int64_t seed);
  bool seeded = false;
};

/// Of a task that is the same for every seed.
template<class Made> std::unique_ptr<Task> make_seedless(const study::TaskSettings& settings, std::int64_t) {
  return std::make_unique<Made>(settings);
}
template<class Made>
std::unique_ptr<Task> make_seeded(const study::TaskSettings& settings, std::int64_t seed) {
  return std::make_unique<Made>(settings, seed);
}

// In the order of task.kind's choices, after the two-step image task.
constexpr Kind kinds[] = {
    {"linear-regression", "Linear regression in context",
     "Examples (x, y) of a linear function that is drawn anew for each prompt, then a query x whose y is "
     "asked for. Covariates are normal, on a sphere or heavy-tailed; the function may also be of the "
     "outputs of a fixed random network.",
     "Ahn et al., Linear attention is (maybe) all you need, ICLR 2024", make_seedless<LinearRegression>},
    {"associative-recall", "Associative recall",
     "Keys and values alternate, paired anew in each sequence; then one of the keys comes again and its "
     "value is asked for.",
     "Ba et al., Using Fast Weights to Attend to the Recent Past, NeurIPS 2016",
     make_seedless<AssociativeRecall>},
    {"text", "Next character of a text",
     "A window on a text, the fortunes of Debian or any UTF-8 file; the next character is asked for at "
     "every position. With task.alphabets each window is written in other letters.",
     "Plateau extension", make_seedless<TextTask>},
    {"modular-arithmetic", "Modular arithmetic",
     "Two numbers modulo a prime, whose sum, difference, product, quotient or quadratic form is asked for. "
     "A part of all pairs is trained on, the others test whether they were memorised or understood.",
     "Power et al., Grokking, 2022; Singh et al., Explaining Grokking in Transformers through the Lens of "
     "Inductive Bias, 2026",
     make_seeded<ModularArithmetic>, true},
    {"factor-labels", "Labels of a factor, in context",
     "Items made of factors, each followed by a label: the value of one of the factors, by a mapping that "
     "may be another in each sequence. Which factor and which mapping can only be read from the sequence.",
     "Fu et al., Breaking through the Learning Plateaus of In-context Learning in Transformer, ICML 2024",
     make_seeded<FactorLabels>, true},
    {"in-context-classification", "Classification in context",
     "Labelled items, then one without a label. Its class can be known by heart or be read from items of "
     "the same class before; how bursty and how unequally frequent classes are decides which is learnt.",
     "Reddy, The mechanistic basis of data dependence and abrupt learning in an in-context classification "
     "task, ICLR 2024",
     make_seeded<InContextClassification>, true},
    {"markov-chains", "Markov chains",
     "Each sequence is a Markov chain of its own, with random transitions; the next state is asked for at "
     "every position. What follows on what must be counted in the sequence.",
     "Edelman et al., The Evolution of Statistical Induction Heads, NeurIPS 2024",
     make_seedless<MarkovChains>},
};

} // namespace

bool depends_on_seed(const study::TaskSettings& settings) {
  return std::ranges::any_of(kinds,
                             [&](const Kind& kind) { return kind.seeded && settings.kind == kind.name; });
}

std::unique_ptr<Task> make_task(const study::TaskSettings& settings, std::int64_t seed) {
  if (settings.kind == two_step_image) return make_two_step_image(settings);
  std::vector<std::string> names{two_step_image};
  for (const Kind& kind : kinds) {
    if (settings.kind == kind.name) return kind.make(settings, seed);
    names.emplace_back(kind.name);
  }
  throw InputError(
      fmt::format("task.kind = {}: there is no such task; there are {}", settings.kind, join(names, ", ")));
}

std::vector<TaskDescription> list_tasks() {
  std::vector<TaskDescription> result;
  for (const Entry& variant : variants)
    result.push_back(
        {variant.name, variant.title, variant.description,
         fmt::format("Hoffmann et al., Eureka-Moments in Transformers, ICML 2024; their code's task {}",
                     variant.repository_task),
         two_step_image});
  for (const Kind& kind : kinds)
    result.push_back({kind.name, kind.title, kind.description, kind.source, kind.name});
  return result;
}

} // namespace plateau::tasks
