#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* grokking =
    "Singh et al., Explaining Grokking in Transformers through the Lens of Inductive Bias, 2026";
constexpr const char* icl_plateaus =
    "Fu et al., Breaking through the Learning Plateaus of In-context Learning in Transformer, ICML 2024";
constexpr const char* reddy =
    "Reddy, The mechanistic basis of data dependence and abrupt learning in an in-context classification "
    "task, ICLR 2024";
constexpr const char* own = "Plateau extension";

template<const char* kind> bool of(const Settings& settings) {
  return is_task(settings, kind);
}
constexpr char arithmetic[] = "modular-arithmetic", factor_labels[] = "factor-labels",
               classification[] = "in-context-classification";

bool has_items(const Settings& settings) {
  return of<factor_labels>(settings) || of<classification>(settings);
}

template<class Member> Field task(Member TaskSettings::*member, Field field) {
  field.per_member = false; // members of a study are compared on the same task
  return declare(&Settings::task, member, std::move(field));
}
/// What members may be compared in.
template<class Member> Field dial(Member TaskSettings::*member, Field field) {
  return declare(&Settings::task, member, std::move(field));
}

} // namespace

std::vector<Field> sequence_task_fields() {
  return {
      task(&TaskSettings::alphabets,
           {.name = "task.alphabets",
            .label = "alphabets",
            .minimum = 0,
            .maximum = 1e9,
            .help = "How many permutations of the letters there are. Each sequence is written in one of "
                    "them, so that which letter stands for which must be found out from the sequence "
                    "itself. 0: the text as it is.",
            .source = "Plateau extension, after Fu et al., ICML 2024",
            .applies = [](const Settings& settings) { return is_task(settings, "text"); }}),
      task(&TaskSettings::operation,
           {.name = "task.operation",
            .label = "operation",
            .choices = {"add", "subtract", "multiply", "divide", "quadratic"},
            .help = "What is done with a and b, modulo a prime p: a + b, a − b, a · b, a / b (b ≠ 0), or "
                    "a² + ab + b², for which no simple circuit is known.",
            .formula = "c = a ∘ b mod p",
            .source = "Power et al., Grokking, 2022",
            .applies = of<arithmetic>}),
      task(&TaskSettings::modulus,
           {.name = "task.modulus",
            .label = "modulus",
            .minimum = 5,
            .maximum = 251,
            .help = "The prime p. There are p² pairs; the paper takes 113. Smaller ones are faster and "
                    "need a larger share for training.",
            .formula = "p² pairs (a, b)",
            .source = grokking,
            .applies = of<arithmetic>}),
      dial(&TaskSettings::train_share,
           {.name = "task.train_share",
            .label = "share for training",
            .minimum = 0.01,
            .maximum = 0.99,
            .help = "Share of all pairs that is trained on; the others are the test set. The seed decides "
                    "which. With less there is more to gain from memorising, and the delay grows.",
            .formula = "test = ⌊(1 − share) p²⌋",
            .source = grokking,
            .applies = of<arithmetic>}),
      task(&TaskSettings::factors,
           {.name = "task.factors",
            .label = "factors",
            .minimum = 1,
            .maximum = 6,
            .help = "What an item is made of: F properties, such as shape, size and colour. A sequence is "
                    "about one of them; which one must be found out from its labels.",
            .formula = "x(v₁ … v_F)",
            .source = icl_plateaus,
            .applies = of<factor_labels>}),
      task(&TaskSettings::levels, {.name = "task.levels",
                                   .label = "levels",
                                   .minimum = 2,
                                   .maximum = 16,
                                   .help = "How many values each factor has, and as many labels there are.",
                                   .formula = "levels^F cells;  plateau loss ln(levels)",
                                   .source = icl_plateaus,
                                   .applies = of<factor_labels>}),
      dial(&TaskSettings::main_effect,
           {.name = "task.main_effect",
            .label = "main effect",
            .minimum = 0,
            .maximum = 10,
            .help = "How plainly an item shows its factors. With little of it they are entangled: a linear "
                    "probe finds less of them in the item, and the weights must first work them out.",
            .formula = "x = g Σ_f E_f[v_f] + Σ_{f<f'} T_ff'[v_f, v_f']",
            .source = "Plateau extension, after Fu et al., ICML 2024",
            .applies = of<factor_labels>}),
      task(&TaskSettings::item_width, {.name = "task.item_width",
                                       .label = "item width",
                                       .minimum = 2,
                                       .maximum = 512,
                                       .logarithmic = true,
                                       .help = "Length of the vector that stands for an item.",
                                       .source = own,
                                       .applies = has_items}),
      dial(&TaskSettings::item_noise,
           {.name = "task.item_noise",
            .label = "item noise",
            .minimum = 0,
            .maximum = 10,
            .help = "How much two appearances of the same item differ: standard deviation of what is added "
                    "to each entry, anew each time.",
            .formula = "x + ε η,  η ~ N(0, I)  (factor labels);  (μ + ε η) / √(1 + ε²)  (classification)",
            .source = reddy,
            .applies = has_items}),
      dial(&TaskSettings::mappings,
           {.name = "task.mappings",
            .label = "mappings",
            .minimum = 1,
            .maximum = 1e9,
            .logarithmic = true,
            .help = "How many assignments of labels to a factor's values there are; each sequence uses one. "
                    "1: always the same, which the weights can learn (D_fix). Many: it must be read from "
                    "the sequence (D_rnd). The test sequences use the same ones.",
            .formula = "y_i = perm(value of the factor in x_i)",
            .source = icl_plateaus,
            .applies = of<factor_labels>}),
      task(&TaskSettings::item_classes,
           {.name = "task.item_classes",
            .label = "classes",
            .minimum = 2,
            .maximum = 100000,
            .logarithmic = true,
            .help = "How many classes of items there are. Few can be learnt by heart (in the weights), many "
                    "cannot, which favours reading the context.",
            .source = reddy,
            .applies = of<classification>}),
      task(&TaskSettings::item_labels, {.name = "task.item_labels",
                                        .label = "labels",
                                        .minimum = 2,
                                        .maximum = 1024,
                                        .logarithmic = true,
                                        .help = "How many labels the classes share.",
                                        .source = reddy,
                                        .applies = of<classification>}),
      dial(&TaskSettings::burstiness,
           {.name = "task.burstiness",
            .label = "burstiness",
            .minimum = 1,
            .maximum = 128,
            .help = "How often each class comes in a bursty sequence, the class asked for among them; it "
                    "must divide the number of pairs.",
            .formula = "pairs / B classes, B times each",
            .source = reddy,
            .applies = of<classification>}),
      dial(&TaskSettings::bursty_share,
           {.name = "task.bursty_share",
            .label = "bursty share",
            .minimum = 0,
            .maximum = 1,
            .help = "Share of sequences that are bursty, so that the answer stands in the context. In the "
                    "others all classes are drawn independently.",
            .formula = "p_B",
            .source = reddy,
            .applies = of<classification>}),
      dial(&TaskSettings::fresh_share,
           {.name = "task.fresh_share",
            .label = "share of fresh classes",
            .minimum = 0,
            .maximum = 1,
            .help = "Share of sequences whose classes and their labels are drawn anew and never come again: "
                    "only the context helps there.",
            .formula = "p_C",
            .source = reddy,
            .applies = of<classification>}),
      dial(&TaskSettings::class_exponent,
           {.name = "task.class_exponent",
            .label = "class exponent",
            .minimum = 0,
            .maximum = 5,
            .help = "How unequally often classes come. At 0 all are alike; around 1 a few are common, which "
                    "the weights learn, and many rare, which only the context tells.",
            .formula = "P(k) ∝ k^−α",
            .source = reddy,
            .applies = of<classification>}),
  };
}

} // namespace plateau::study
