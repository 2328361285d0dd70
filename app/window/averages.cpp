#include "app/window/averages.h"

#include <algorithm>

#include <imgui.h>

#include "app/window/elements.h"

namespace plateau::window {
using figures::Average;

namespace {

std::vector<std::string> names_of(const View& view) {
  std::vector<std::string> names;
  for (const Average average : figures::recorded_averages(view.snapshot, view.plot_options()))
    names.push_back(average == Average::Trimmed ? "trimmed" : figures::average_name(average));
  return names;
}

void explain(const View& view) {
  widgets::help(view.widgets,
                {.title = "Average of the validation loss",
                 .text = "The prediction is a polynomial of high degree in the prompt, so a few prompts can "
                         "decide the mean. The median and the mean of the middle 90 % are not moved by them.",
                 .formula = {},
                 .source = {},
                 .shortcut = {}});
}

} // namespace

Average average_of(const View& view, int selected) {
  const auto recorded = figures::recorded_averages(view.snapshot, view.plot_options());
  const auto index = static_cast<std::size_t>(std::max(0, selected));
  return index < recorded.size() ? recorded[index] : Average::Mean;
}

bool average_buttons(const View& view, const char* id, int& selected) {
  const auto names = names_of(view);
  if (names.size() < 2) return false;
  segmented(view, id, names, selected);
  explain(view);
  return true;
}

bool average_combo(const View& view, const char* id, int& selected) {
  const auto names = names_of(view);
  if (names.size() < 2) return false;
  if (const auto chosen = combo(view, id, names, selected, em() * 6.5f)) selected = *chosen;
  explain(view);
  return true;
}

std::string average_meaning(Average average) {
  switch (average) {
  case Average::Median:
    return "half of the prompts lose less";
  case Average::Trimmed:
    return "without the 5 % at each end";
  case Average::Mean:
    break;
  }
  return "a few prompts can decide it";
}

} // namespace plateau::window
