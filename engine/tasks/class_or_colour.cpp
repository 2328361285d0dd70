// The decision selects the attribute, not the place (eureka.md 1.3): same class of indicator: the class of
// the item top right, else its colour. Both share the ten outputs: output k is class k or colour k. The item
// bottom left has a class and a colour of its own and is a distractor.
#include "engine/tasks/indicators.h"

namespace plateau::tasks {
namespace {

struct NamedColour {
  const char* name;
  Colour colour;
};

constexpr float byte(int value) {
  return static_cast<float>(value) / 255.0F;
}

// The CSS colours, as matplotlib has them.
constexpr std::array<NamedColour, 10> colours = {{
    {"brown", {byte(165), byte(42), byte(42)}},
    {"blue", {0, 0, 1}},
    {"yellow", {1, 1, 0}},
    {"orange", {1, byte(165), 0}},
    {"red", {1, 0, 0}},
    {"green", {0, byte(128), 0}},
    {"purple", {byte(128), 0, byte(128)}},
    {"gray", {byte(128), byte(128), byte(128)}},
    {"pink", {1, byte(192), byte(203)}},
    {"turquoise", {byte(64), byte(224), byte(208)}},
}};

class ClassOrColour final : public TwoStepVariant {
public:
  explicit ClassOrColour(const study::TaskSettings& settings)
      : fashion_(load_fashion_mnist(settings.cell_size)),
        indicators_(settings, fashion_, two_digits, two_fashion_classes) {}

  Scene draw(Split split, Random& random) const override {
    const auto indicators = indicators_.draw(split, random);
    const Item target = draw_item(fashion_->split(split), random);
    const Item distractor = draw_item(fashion_->split(split), random);
    const std::uint32_t colour = random.below(10), distractor_colour = random.below(10);
    Scene scene;
    scene.cells = {Cell{indicators.first, red_or_blue(random)},
                   {target.pixels, colours[colour].colour},
                   {distractor.pixels, colours[distractor_colour].colour},
                   {indicators.second, red_or_blue(random)}};
    scene.same = indicators.same;
    scene.label_if_same = target.label;
    scene.label_if_different = colour;
    return scene;
  }
  TwoCandidates candidates(Split split) const override {
    // The colour is uniform and independent of the class: sum over k of P(class k) / 10, whatever the
    // classes.
    return {10, 0.1, indicators_.same_probability(split)};
  }
  std::vector<std::string> classes() const override {
    std::vector<std::string> names;
    for (std::size_t k = 0; k < colours.size(); ++k)
      names.push_back(fashion_->classes[k] + " or " + colours[k].name);
    return names;
  }
  std::string explain(bool same, std::int64_t label) const override {
    const auto k = static_cast<std::size_t>(label);
    return same ? "same → class: " + fashion_->classes[k]
                : std::string("different → colour: ") + colours[k].name;
  }
  std::string data() const override {
    return describe(*fashion_) + " in ten colours; " + indicators_.description();
  }

private:
  std::shared_ptr<const ImageData> fashion_;
  IndicatorImages indicators_;
};

} // namespace

std::unique_ptr<TwoStepVariant> make_class_or_colour(const study::TaskSettings& settings) {
  return std::make_unique<ClassOrColour>(settings);
}

} // namespace plateau::tasks
