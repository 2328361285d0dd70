// The paper's main task (eureka.md 1.2) and its harder form with two groups of two indicator classes.
//   indicator 1 | target a
//   target b    | indicator 2       same class (group) of indicator: the class of a, else the class of b
#include "engine/tasks/indicators.h"

namespace plateau::tasks {
namespace {

class FixedPosition final : public TwoStepVariant {
public:
  FixedPosition(const study::TaskSettings& settings, const Groups& digits, const Groups& fashion,
                std::string noun)
      : fashion_(load_fashion_mnist(settings.cell_size)), indicators_(settings, fashion_, digits, fashion),
        noun_(std::move(noun)) {}

  Scene draw(Split split, Random& random) const override {
    const auto indicators = indicators_.draw(split, random);
    const Item right = draw_item(fashion_->split(split), random),
               left = draw_item(fashion_->split(split), random);
    Scene scene;
    scene.cells = {Cell{indicators.first, red_or_blue(random)},
                   {right.pixels, white},
                   {left.pixels, white},
                   {indicators.second, red_or_blue(random)}};
    scene.same = indicators.same;
    scene.label_if_same = right.label;
    scene.label_if_different = left.label;
    return scene;
  }
  TwoCandidates candidates(Split split) const override {
    return {10, agreement(fashion_->split(split)), indicators_.same_probability(split)};
  }
  std::vector<std::string> classes() const override { return fashion_->classes; }
  std::string explain(bool same, std::int64_t label) const override {
    return (same ? "same" : "different") + noun_ + (same ? " → top right: " : " → bottom left: ") +
           fashion_->classes[static_cast<std::size_t>(label)];
  }
  std::string data() const override { return describe(*fashion_) + "; " + indicators_.description(); }

private:
  std::shared_ptr<const ImageData> fashion_;
  IndicatorImages indicators_;
  std::string noun_; // what is the same, with a space in front
};

} // namespace

std::unique_ptr<TwoStepVariant> make_fixed_position(const study::TaskSettings& settings) {
  return std::make_unique<FixedPosition>(settings, two_digits, two_fashion_classes, "");
}

std::unique_ptr<TwoStepVariant> make_indicator_groups(const study::TaskSettings& settings) {
  // Without digits: four Fashion-MNIST classes that are easily told apart, one kind of footwear in each
  // group, so that no coarse likeness gives the group away (digits 1 and 2 against 3 and 4 have none either).
  const Groups digits = {{{1, 2}, {3, 4}}};
  const Groups fashion = {{{1, 5}, {8, 9}}}; // Trouser, Sandal against Bag, Ankle boot
  return std::make_unique<FixedPosition>(settings, digits, fashion, " group");
}

} // namespace plateau::tasks
