// Parts that several variants of the two-step image task share: pairs of indicators and their colours.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/tasks/image_data.h"
#include "engine/tasks/two_step_variant.h"

namespace plateau::tasks {

constexpr Colour white = {1, 1, 1};
constexpr Colour red = {1, 0, 0};
constexpr Colour blue = {0, 0, 1};

inline Colour red_or_blue(Random& random) {
  return random.chance(0.5) ? red : blue;
}

/// task.same_probability p (eureka.md 1.2, top_right_probability). At p = 0.5 both indicators are drawn
/// independently, so P(same) is whatever the data give (about 0.5). At any other p the second indicator is
/// made to agree with the first with probability p and drawn freely otherwise: P(same) = p + (1 - p) P(free),
/// which is never below P(free).
class Sameness {
public:
  explicit Sameness(double p) : p_(p) {}
  bool forced(Random& random) const { return p_ != 0.5 && random.chance(p_); }
  double probability(double free) const { return p_ == 0.5 ? free : p_ + (1 - p_) * free; }

private:
  double p_;
};

/// Probability that two images drawn independently from the split have the same class.
double agreement(const ImageSplit& split);

/// Two groups of classes; indicators of the same group mean "same".
using Groups = std::array<std::vector<std::uint8_t>, 2>;

// The usual pair (eureka.md 1.2), and what stands in for it without MNIST: Trouser and Bag, the two classes
// of Fashion-MNIST that are most easily told apart.
inline const Groups two_digits = {{{1}, {2}}};
inline const Groups two_fashion_classes = {{{1}, {8}}};

/// Pairs of indicator images, each drawn uniformly from all images of the groups' classes: MNIST digits where
/// there are any, otherwise Fashion-MNIST classes.
class IndicatorImages {
public:
  IndicatorImages(const study::TaskSettings& settings, const std::shared_ptr<const ImageData>& fashion,
                  const Groups& digit_groups, const Groups& fashion_groups);

  struct Pair {
    const float* first = nullptr; // pixels
    const float* second = nullptr;
    bool same = false;
  };
  Pair draw(Split split, Random& random) const;
  double same_probability(Split split) const;
  /// "indicators: Fashion-MNIST Trouser / Bag (no MNIST digits found in …)"
  const std::string& description() const { return description_; }

private:
  /// Indices of the indicator images; those of the first group stand in front.
  struct Pool {
    std::vector<std::uint32_t> items;
    std::uint32_t first_group = 0;
  };
  const Pool& pool(Split split) const { return split == Split::Training ? training_ : held_out_; }
  static Pool collect(const ImageData& data, Split split, const Groups& groups);

  std::shared_ptr<const ImageData> images_;
  Sameness sameness_;
  Pool training_, held_out_;
  std::string description_;
};

} // namespace plateau::tasks
