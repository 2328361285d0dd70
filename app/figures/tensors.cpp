#include "app/figures/tensors.h"

namespace plateau::figures {

std::shared_ptr<const training::Tensor> tensor(const training::MemberView& member, const std::string& name) {
  if (!member.frame) return nullptr;
  const auto found = member.frame->tensors.find(name);
  return found == member.frame->tensors.end() ? nullptr : found->second;
}

std::optional<training::Point> point_at(const training::MemberView& member, const std::string& metric,
                                        std::optional<std::int64_t> step) {
  const auto found = member.series.find(metric);
  if (found == member.series.end()) return std::nullopt;
  const training::Series& series = found->second;
  const std::size_t after = step ? training::lower_bound(series, *step + 1) : series.size();
  if (after == 0) return std::nullopt;
  return series[after - 1];
}

std::string with_subscript(const std::string& name, int number) {
  static const char* digits[] = {"₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"};
  std::string text = name;
  for (const char digit : std::to_string(number)) text += digits[digit - '0'];
  return text;
}

} // namespace plateau::figures
