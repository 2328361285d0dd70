#include "engine/study/field_table.h"

namespace plateau::study {
namespace {

constexpr const char* paper = "Hoffmann et al., Eureka-Moments in Transformers, ICML 2024";

bool has_indicator_images(const Settings& settings) {
  return settings.task.variant != "position-as-indicator";
}

template<class Member> Field task(Member TaskSettings::*member, Field field) {
  field.per_member = false; // members of a study are compared on the same task
  return declare(&Settings::task, member, std::move(field));
}

} // namespace

std::vector<Field> task_fields() {
  return {
      task(&TaskSettings::kind,
           {.name = "task.kind",
            .label = "task",
            .choices = {"two-step-image"},
            .help =
                "What the members learn. In the two-step image task two indicator images decide which of two "
                "target images is to be classified; only the final class is ever supervised.",
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
            .source = paper}),
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
            .source = paper}),
      task(
          &TaskSettings::color_noise,
          {.name = "task.color_noise",
           .label = "colour noise",
           .minimum = 0,
           .maximum = 1,
           .help =
               "Standard deviation of the random change of a cell's colour, drawn once per cell and channel.",
           .formula = "pixel = grey × (colour + ε),  ε ~ N(0, σ²)",
           .source = paper}),
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
           .source = paper}),
      task(&TaskSettings::validation_samples,
           {.name = "task.validation_samples",
            .label = "validation samples",
            .minimum = 16,
            .maximum = 100000,
            .logarithmic = true,
            .unit = "samples",
            .help = "Size of the fixed validation set, made from images that training never sees. "
                    "More samples give smoother curves and slower evaluations.",
            .source = "Plateau extension"}),
  };
}

} // namespace plateau::study
