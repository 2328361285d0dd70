#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* ahn = "Ahn et al., Linear attention is (maybe) all you need, ICLR 2024";
constexpr const char* own = "Plateau extension";
constexpr const char* paper = "Hoffmann et al., Eureka-Moments in Transformers, ICML 2024";

bool is_two_step(const Settings& settings) {
  return settings.task.kind == "two-step-image";
}
bool has_indicator_images(const Settings& settings) {
  return is_two_step(settings) && settings.task.variant != "position-as-indicator";
}
bool is_regression(const Settings& settings) {
  return settings.task.kind == "linear-regression";
}
bool is_recall(const Settings& settings) {
  return settings.task.kind == "associative-recall";
}
bool is_text(const Settings& settings) {
  return settings.task.kind == "text";
}

template<class Member> Field task(Member TaskSettings::*member, Field field) {
  field.per_member = false; // members of a study are compared on the same task
  return declare(&Settings::task, member, std::move(field));
}
/// What the task is like may differ between members where the comparison is about just that.
template<class Member> Field regression(Member TaskSettings::*member, Field field) {
  if (!field.applies) field.applies = is_regression;
  return declare(&Settings::task, member, std::move(field));
}

} // namespace

std::vector<Field> task_fields() {
  return {
      task(&TaskSettings::kind,
           {.name = "task.kind",
            .label = "task",
            .choices = {"two-step-image", "linear-regression", "associative-recall", "text",
                        "modular-arithmetic", "factor-labels", "in-context-classification", "markov-chains"},
            .help =
                "What the members learn. In the two-step image task two indicator images decide which of two "
                "target images is to be classified; only the final class is ever supervised. Linear "
                "regression: from examples (x, y) in its input the model is to tell y of a new x. "
                "Associative recall: keys and values alternate, then a key comes again and its value is "
                "asked for. Text: the next character of English sentences. Modular arithmetic: a ∘ b mod p "
                "from a part of all pairs. Factor labels, in-context classification, Markov chains: what to "
                "answer can only, or also, be read from the examples in the same sequence.",
            .formula = "p(y|x) = Σ_z p(y|x,z) p(z|x)",
            .source = paper}),
      task(&TaskSettings::variant,
           {.name = "task.variant",
            .label = "variant",
            .choices = {"fixed-position", "any-position", "indicator-groups", "colour-indicator",
                        "class-or-colour", "position-as-indicator"},
            .help =
                "What makes the hidden decision. fixed-position: equal indicators point to the top right "
                "image, "
                "others to the bottom left. any-position: to the image in the top or bottom row, on either "
                "side. "
                "indicator-groups: four indicator classes in two groups; equal groups count as equal. "
                "colour-indicator: the indicators' colours are compared. class-or-colour: the decision is "
                "whether to name the class or the colour of the target. position-as-indicator: no indicator "
                "images; two images in the same column count as equal.",
            .source = paper,
            .applies = is_two_step}),
      task(&TaskSettings::indicators,
           {.name = "task.indicators",
            .label = "indicator images",
            .choices = {"auto", "mnist", "fashion"},
            .help = "Images that carry the hidden decision: MNIST digits as in the paper, or Fashion-MNIST "
                    "classes, "
                    "which need no further data. auto takes MNIST where its files are found.",
            .source = "MNIST: Hoffmann et al., ICML 2024; Fashion-MNIST: Plateau extension",
            .applies = has_indicator_images}),
      task(&TaskSettings::mnist_folder,
           {.name = "task.mnist_folder",
            .label = "MNIST folder",
            .help = "Folder with your own MNIST files (train-images-idx3-ubyte and so on, also .gz). "
                    "Empty: the usual places are searched.",
            .source = "Plateau extension",
            .applies =
                [](const Settings& settings) {
                  return has_indicator_images(settings) && settings.task.indicators != "fashion";
                }}),
      task(&TaskSettings::cell_size,
           {.name = "task.cell_size",
            .label = "cell size",
            .minimum = 4,
            .maximum = 28,
            .unit = "pixels",
            .help = "Edge of each of the 2 x 2 cells; images are scaled to it. The paper uses 28; "
                    "smaller cells mean fewer tokens and faster steps.",
            .formula = "canvas = 2 cell × 2 cell",
            .source = paper,
            .applies = is_two_step}),
      task(
          &TaskSettings::color_noise,
          {.name = "task.color_noise",
           .label = "colour noise",
           .minimum = 0,
           .maximum = 1,
           .help =
               "Standard deviation of the random change of a cell's colour, drawn once per cell and channel.",
           .formula = "pixel = grey × (colour + ε),  ε ~ N(0, σ²)",
           .source = paper,
           .applies = is_two_step}),
      task(
          &TaskSettings::same_probability,
          {.name = "task.same_probability",
           .label = "forced agreement",
           .minimum = 0,
           .maximum = 1,
           .help =
               "At 0.5 the two indicators are drawn independently and agree about half the time. At any "
               "other p "
               "the second is made to agree with the first with probability p, so that guessing pays and the "
               "plateau lies lower.",
           .formula = "P(same) = p + (1 - p) / 2 for p ≠ 0.5;  about 1/2 at p = 0.5",
           .source = paper,
           .applies = is_two_step}),
      task(&TaskSettings::dimension, {.name = "task.dimension",
                                      .label = "dimension",
                                      .minimum = 1,
                                      .maximum = 64,
                                      .help = "Length d of a covariate x and of the hidden weight vector w.",
                                      .formula = "y = ⟨w, x⟩,  x, w ∈ ℝᵈ",
                                      .source = ahn,
                                      .applies = is_regression}),
      regression(&TaskSettings::context, {.name = "task.context",
                                          .label = "examples",
                                          .minimum = 1,
                                          .maximum = 512,
                                          .help = "Number n of examples (x, y) before the query.",
                                          .formula = "(x₁, y₁) … (x_n, y_n), (x_{n+1}, ?)",
                                          .source = ahn}),
      regression(&TaskSettings::covariates,
                 {.name = "task.covariates",
                  .label = "covariates",
                  .choices = {"normal", "sphere", "gamma"},
                  .help = "How the covariates are drawn: standard normal; uniform on the unit sphere (light "
                          "tails); or a direction from the sphere with a length whose square is gamma "
                          "distributed (heavy tails for a small shape).",
                  .formula = "N(0, I);  Unif(Sᵈ⁻¹);  √Γ(k, θ) · Unif(Sᵈ⁻¹)",
                  .source = ahn}),
      regression(&TaskSettings::gamma_shape,
                 {.name = "task.gamma_shape",
                  .label = "gamma shape",
                  .minimum = 0.01,
                  .maximum = 100,
                  .logarithmic = true,
                  .help = "Shape k of the squared length's gamma distribution; its scale keeps the variance "
                          "of the squared length at 10. k = d/2 = 2.5 gives the normal distribution in five "
                          "dimensions, 0.1 is the paper's heavy-tailed setting.",
                  .formula = "θ = √(10 / k),  Var |x|² = k θ² = 10",
                  .source = ahn,
                  .applies =
                      [](const Settings& settings) {
                        return is_regression(settings) && settings.task.covariates == "gamma";
                      }}),
      regression(&TaskSettings::targets,
                 {.name = "task.targets",
                  .label = "targets",
                  .choices = {"linear", "random-mlp"},
                  .help =
                      "What the responses depend on: the covariate itself, or what a fixed random network "
                      "(d, 2d, d units, ReLU) makes of it, the same for all prompts.",
                  .formula = "y = ⟨w, x⟩  or  ⟨w, W₂ max(W₁ x, 0)⟩",
                  .source = "Ahn et al., released code (nonlinear)"}),
      task(&TaskSettings::pairs,
           {.name = "task.pairs",
            .label = "pairs",
            .minimum = 1,
            .maximum = 128,
            .help = "How many pairs of key and value, or of item and label, a sequence has. In recall a "
                    "model that has found out that the answer is one of the values shown can only guess "
                    "among them: the plateau. Values may repeat, so it lies below ln(pairs) unless there "
                    "are many more symbols.",
            .formula = "k₁ v₁ k₂ v₂ … k_q → v_q;  plateau loss ≤ ln(pairs)",
            .source = "Ba et al., Using Fast Weights to Attend to the Recent Past, NeurIPS 2016",
            .applies =
                [](const Settings& settings) {
                  return is_recall(settings) || is_task(settings, "factor-labels") ||
                         is_task(settings, "in-context-classification");
                }}),
      task(&TaskSettings::symbols,
           {.name = "task.symbols",
            .label = "symbols",
            .minimum = 2,
            .maximum = 4096,
            .logarithmic = true,
            .help =
                "How many different keys there are, and as many values. Each sequence pairs them anew; no "
                "key comes twice in a sequence, so there must be at least as many as pairs. Of a Markov "
                "chain: how many states.",
            .source = own,
            .applies =
                [](const Settings& settings) {
                  return is_recall(settings) || is_task(settings, "markov-chains");
                }}),
      task(&TaskSettings::text_file,
           {.name = "task.text_file",
            .label = "text file",
            .help = "The text to learn, any UTF-8 file. Empty: the fortunes of Debian (2 MB of English "
                    "quotations and jokes).",
            .source = own,
            .applies = is_text}),
      task(&TaskSettings::length, {.name = "task.length",
                                   .label = "length",
                                   .minimum = 2,
                                   .maximum = 1024,
                                   .logarithmic = true,
                                   .unit = "characters",
                                   .help = "Characters, or states of a Markov chain, of a sequence: how "
                                           "far back the model can look.",
                                   .source = own,
                                   .applies =
                                       [](const Settings& settings) {
                                         return is_text(settings) || is_task(settings, "markov-chains");
                                       }}),
      task(&TaskSettings::validation_share,
           {.name = "task.validation_share",
            .label = "share for validation",
            .minimum = 0.01,
            .maximum = 0.5,
            .help = "Share that training never sees: of the text, its end; of factor labels, cells of the "
                    "grid of items.",
            .source = own,
            .applies =
                [](const Settings& settings) {
                  return is_text(settings) || is_task(settings, "factor-labels");
                }}),
      task(&TaskSettings::validation_samples,
           {.name = "task.validation_samples",
            .label = "validation samples",
            .minimum = 16,
            .maximum = 100000,
            .logarithmic = true,
            .unit = "samples",
            .help = "Size of the fixed validation set, made from data that training never sees. "
                    "More samples give smoother curves and slower evaluations.",
            .source = "Plateau extension"}),
  };
}

} // namespace plateau::study
