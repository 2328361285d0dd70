#include <algorithm>
#include <cctype>
#include <optional>

#include "engine/study/fields.h"

namespace plateau::study {
namespace {

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (auto& letter : result) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return result;
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from a to b
/// (Damerau-Levenshtein, optimal string alignment).
int edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<int>> distance(a.size() + 1, std::vector<int>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        distance[i][j] = static_cast<int>(i + j);
        continue;
      }
      const int replace = distance[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      distance[i][j] = std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
    }
  }
  return distance[a.size()][b.size()];
}

std::string_view after_dot(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

int tolerance(std::string_view text) {
  return std::max(1, static_cast<int>(text.size()) / 3);
}

/// How far a name is from the wrong one; nothing when it is not alike at all.
std::optional<int> difference(std::string_view wrong, std::string_view name) {
  std::optional<int> best;
  const auto consider = [&](int distance, int limit) {
    if (distance <= limit && (!best || distance < *best)) best = distance;
  };
  consider(edit_distance(wrong, name), tolerance(wrong));
  const auto wrong_tail = after_dot(wrong), tail = after_dot(name);
  // The right key in the wrong table, or without its table.
  const int other_table = wrong_tail.size() == wrong.size() ? 0 : 1;
  consider(edit_distance(wrong_tail, tail) + other_table, tolerance(wrong_tail) + other_table);
  const bool contained = wrong_tail.size() >= 3 && tail.find(wrong_tail) != std::string_view::npos;
  const bool contains = tail.size() >= 3 && wrong_tail.find(tail) != std::string_view::npos;
  if (contained || contains) consider(tolerance(wrong) + 1, tolerance(wrong) + 1);
  return best;
}

} // namespace

std::vector<std::string> nearest(std::string_view wrong, std::span<const std::string> names, int count) {
  const auto wanted = lower_case(wrong);
  std::vector<std::pair<int, std::string>> candidates;
  for (const auto& name : names)
    if (const auto distance = difference(wanted, lower_case(name))) candidates.emplace_back(*distance, name);
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> result;
  for (const auto& [distance, name] : candidates) {
    // Next to a near miss, what is only vaguely alike confuses.
    if (static_cast<int>(result.size()) == count || distance > candidates.front().first * 3 / 2) break;
    result.push_back(name);
  }
  return result;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> names) {
  const auto near = nearest(wrong, names);
  std::string text;
  for (std::size_t i = 0; i < near.size(); ++i)
    text += (i == 0 ? ", did you mean '" : i + 1 < near.size() ? "', '" : "' or '") + near[i];
  return text.empty() ? text : text + "'?";
}

} // namespace plateau::study
