#include "engine/analysis/detector_parts.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace plateau::analysis {
namespace {

constexpr double diverged = 0.5; // of the first loss, above it

} // namespace

std::optional<Detection> DivergenceWatch::add(const Evaluation& e, std::size_t patience) {
  const auto tell = [&](std::int64_t step, double loss, std::string text) -> std::optional<Detection> {
    if (told_) return {};
    told_ = true;
    return Detection{Detection::Kind::Divergence, step, loss, std::move(text)};
  };
  if (!is_finite(e))
    return tell(e.step, e.train_loss,
                fmt::format("diverged at step {}: the {} loss is not a finite number", grouped(e.step),
                            std::isfinite(e.validation_loss) ? "training" : "validation"));
  if (seen_ < 3) first_ = seen_ == 0 ? e.train_loss : std::max(first_, e.train_loss);
  if (++seen_ <= 3) return {};
  if (e.train_loss <= first_ + diverged * std::abs(first_)) {
    up_.clear();
    return {};
  }
  if (told_) return {};
  up_.push_back(e);
  if (up_.size() < patience) return {};
  const auto by_loss = [](const Evaluation& a, const Evaluation& b) { return a.train_loss < b.train_loss; };
  const double least = std::ranges::min_element(up_, by_loss)->train_loss;
  return tell(up_.front().step, least,
              fmt::format("diverged at step {}: the loss stays above {:.2f}, it began at {:.2f}",
                          grouped(up_.front().step), least, first_));
}

bool is_finite(const Evaluation& e) {
  return std::isfinite(e.train_loss) && std::isfinite(e.validation_loss);
}

std::string grouped(std::int64_t number) {
  auto digits = fmt::format("{}", number);
  for (auto position = static_cast<std::ptrdiff_t>(digits.size()) - 3; position > (number < 0 ? 1 : 0);
       position -= 3)
    digits.insert(static_cast<std::size_t>(position), 1, ' ');
  return digits;
}

} // namespace plateau::analysis
