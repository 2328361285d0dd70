// Indicator and target keep their row, not their column (eureka.md 1.3, "no-position task"): each row holds
// one of each, in an order that is drawn anew. Same class of indicator: the class of the top row's target,
// else the bottom row's. Indicators are the red or blue cells, targets the white ones.
#include <utility>

#include "engine/tasks/indicators.h"

namespace plateau::tasks {
namespace {

class AnyPosition final : public TwoStepVariant {
public:
  explicit AnyPosition(const study::TaskSettings& settings)
      : fashion_(load_fashion_mnist(settings.cell_size)),
        indicators_(settings, fashion_, two_digits, two_fashion_classes) {}

  Scene draw(Split split, Random& random) const override {
    const auto indicators = indicators_.draw(split, random);
    const Item top = draw_item(fashion_->split(split), random),
               bottom = draw_item(fashion_->split(split), random);
    Scene scene;
    scene.cells = {Cell{indicators.first, red_or_blue(random)},
                   {top.pixels, white},
                   {bottom.pixels, white},
                   {indicators.second, red_or_blue(random)}};
    if (random.chance(0.5)) std::swap(scene.cells[0], scene.cells[1]);
    if (random.chance(0.5)) std::swap(scene.cells[2], scene.cells[3]);
    scene.same = indicators.same;
    scene.label_if_same = top.label;
    scene.label_if_different = bottom.label;
    return scene;
  }
  TwoCandidates candidates(Split split) const override {
    return {10, agreement(fashion_->split(split)), indicators_.same_probability(split)};
  }
  std::vector<std::string> classes() const override { return fashion_->classes; }
  std::string explain(bool same, std::int64_t label) const override {
    return (same ? "same → top row: " : "different → bottom row: ") +
           fashion_->classes[static_cast<std::size_t>(label)];
  }
  std::string data() const override { return describe(*fashion_) + "; " + indicators_.description(); }

private:
  std::shared_ptr<const ImageData> fashion_;
  IndicatorImages indicators_;
};

} // namespace

std::unique_ptr<TwoStepVariant> make_any_position(const study::TaskSettings& settings) {
  return std::make_unique<AnyPosition>(settings);
}

} // namespace plateau::tasks
