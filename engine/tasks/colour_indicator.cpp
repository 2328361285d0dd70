// The colours decide (eureka.md 1.3): four digits, each red or blue. The same colour top left and bottom
// right: the digit top right, else the digit bottom left. The digits top left and bottom right and the
// colours of the other two are distractors. Without MNIST the digits are Fashion-MNIST items.
#include <fmt/format.h>

#include "engine/tasks/indicators.h"

namespace plateau::tasks {
namespace {

class ColourIndicator final : public TwoStepVariant {
public:
  explicit ColourIndicator(const study::TaskSettings& settings) : sameness_(settings.same_probability) {
    const Digits digits = find_mnist(settings);
    images_ = digits.images ? digits.images : load_fashion_mnist(settings.cell_size);
    data_ = fmt::format("{}{}; indicators: the colours top left and bottom right", describe(*images_),
                        digits.images ? "" : fmt::format(" in place of digits ({})", digits.why_none));
  }

  Scene draw(Split split, Random& random) const override {
    Scene scene;
    std::array<Item, 4> items;
    for (std::size_t i = 0; i < 4; ++i) {
      items[i] = draw_item(images_->split(split), random);
      scene.cells[i] = {items[i].pixels, red_or_blue(random)};
    }
    if (sameness_.forced(random)) scene.cells[3].colour = scene.cells[0].colour;
    scene.same = scene.cells[0].colour == scene.cells[3].colour;
    scene.label_if_same = items[1].label;
    scene.label_if_different = items[2].label;
    return scene;
  }
  TwoCandidates candidates(Split split) const override {
    return {10, agreement(images_->split(split)), sameness_.probability(0.5)};
  }
  std::vector<std::string> classes() const override { return images_->classes; }
  std::string explain(bool same, std::int64_t label) const override {
    return (same ? "same colour → top right: " : "different colour → bottom left: ") +
           images_->classes[static_cast<std::size_t>(label)];
  }
  std::string data() const override { return data_; }

private:
  std::shared_ptr<const ImageData> images_;
  Sameness sameness_;
  std::string data_;
};

} // namespace

std::unique_ptr<TwoStepVariant> make_colour_indicator(const study::TaskSettings& settings) {
  return std::make_unique<ColourIndicator>(settings);
}

} // namespace plateau::tasks
