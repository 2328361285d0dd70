// The place decides (eureka.md 1.3): one item in each row, left or right, the other two cells black. Same
// column: the class of the top item, else that of the bottom item. No indicator images.
#include "engine/tasks/indicators.h"

namespace plateau::tasks {
namespace {

class PositionAsIndicator final : public TwoStepVariant {
public:
  explicit PositionAsIndicator(const study::TaskSettings& settings)
      : fashion_(load_fashion_mnist(settings.cell_size)), sameness_(settings.same_probability) {}

  Scene draw(Split split, Random& random) const override {
    const Item top = draw_item(fashion_->split(split), random),
               bottom = draw_item(fashion_->split(split), random);
    const std::size_t top_column = random.below(2);
    const std::size_t bottom_column = sameness_.forced(random) ? top_column : random.below(2);
    Scene scene;
    scene.cells[top_column] = {top.pixels, white};
    scene.cells[2 + bottom_column] = {bottom.pixels, white};
    scene.same = top_column == bottom_column;
    scene.label_if_same = top.label;
    scene.label_if_different = bottom.label;
    return scene;
  }
  TwoCandidates candidates(Split split) const override {
    return {10, agreement(fashion_->split(split)), sameness_.probability(0.5)};
  }
  std::vector<std::string> classes() const override { return fashion_->classes; }
  std::string explain(bool same, std::int64_t label) const override {
    return (same ? "same column → top: " : "different column → bottom: ") +
           fashion_->classes[static_cast<std::size_t>(label)];
  }
  std::string data() const override {
    return describe(*fashion_) + "; indicators: the columns of the two items";
  }

private:
  std::shared_ptr<const ImageData> fashion_;
  Sameness sameness_;
};

} // namespace

std::unique_ptr<TwoStepVariant> make_position_as_indicator(const study::TaskSettings& settings) {
  return std::make_unique<PositionAsIndicator>(settings);
}

} // namespace plateau::tasks
