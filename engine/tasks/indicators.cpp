#include "engine/tasks/indicators.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/tasks/join.h"

namespace plateau::tasks {
namespace {

/// "1 / 2" or "{1, 2} / {3, 4}"
std::string name_groups(const ImageData& data, const Groups& groups) {
  const auto name = [&](const std::vector<std::uint8_t>& group) {
    std::vector<std::string> names;
    for (const std::uint8_t label : group) names.push_back(data.classes[label]);
    return names.size() == 1 ? names[0] : fmt::format("{{{}}}", join(names, ", "));
  };
  return name(groups[0]) + " / " + name(groups[1]);
}

} // namespace

double agreement(const ImageSplit& split) {
  std::array<double, 10> share{};
  for (const std::uint8_t label : split.labels) share[label] += 1.0 / static_cast<double>(split.count);
  double sum = 0;
  for (const double s : share) sum += s * s;
  return sum;
}

IndicatorImages::IndicatorImages(const study::TaskSettings& settings,
                                 const std::shared_ptr<const ImageData>& fashion, const Groups& digit_groups,
                                 const Groups& fashion_groups)
    : sameness_(settings.same_probability) {
  const Digits digits = find_mnist(settings);
  images_ = digits.images ? digits.images : fashion;
  const Groups& groups = digits.images ? digit_groups : fashion_groups;
  training_ = collect(*images_, Split::Training, groups);
  held_out_ = collect(*images_, Split::HeldOut, groups);
  description_ = fmt::format("indicators: {} {}{}", images_->name, name_groups(*images_, groups),
                             digits.images ? "" : fmt::format(" ({})", digits.why_none));
}

IndicatorImages::Pool IndicatorImages::collect(const ImageData& data, Split split, const Groups& groups) {
  const std::vector<std::uint8_t>& labels = data.split(split).labels;
  Pool pool;
  for (const auto& group : groups) {
    for (const std::uint8_t label : group)
      if (std::find(labels.begin(), labels.end(), label) == labels.end())
        throw InputError(fmt::format("{}: no {} image of class {}, which is needed as an indicator",
                                     data.name, split == Split::Training ? "training" : "held-out",
                                     data.classes[label]));
    for (std::uint32_t i = 0; i < labels.size(); ++i)
      if (std::find(group.begin(), group.end(), labels[i]) != group.end()) pool.items.push_back(i);
    if (&group == &groups[0]) pool.first_group = static_cast<std::uint32_t>(pool.items.size());
  }
  return pool;
}

IndicatorImages::Pair IndicatorImages::draw(Split split, Random& random) const {
  const Pool& pool = this->pool(split);
  const auto count = static_cast<std::uint32_t>(pool.items.size());
  const std::uint32_t first = random.below(count);
  const bool in_first_group = first < pool.first_group;
  std::uint32_t second = 0;
  if (!sameness_.forced(random))
    second = random.below(count);
  else if (in_first_group)
    second = random.below(pool.first_group);
  else
    second = pool.first_group + random.below(count - pool.first_group);
  const ImageSplit& images = images_->split(split);
  return {images.image(pool.items[first]), images.image(pool.items[second]),
          in_first_group == (second < pool.first_group)};
}

double IndicatorImages::same_probability(Split split) const {
  const Pool& pool = this->pool(split);
  const double share = static_cast<double>(pool.first_group) / static_cast<double>(pool.items.size());
  return sameness_.probability(share * share + (1 - share) * (1 - share));
}

} // namespace plateau::tasks
