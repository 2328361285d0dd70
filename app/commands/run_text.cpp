#include "app/commands/run_text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/shell_word.h"
#include "app/size_on_disk.h"
#include "app/terminal/live_lines.h"

namespace plateau::commands {

using terminal::duration;
using terminal::grouped;
using training::MemberView;
using training::Snapshot;

namespace {

constexpr std::size_t most_member_lines = 8; // on a terminal
constexpr std::size_t most_members_in_line = 4;

double fraction_done(const Snapshot& snapshot) {
  if (snapshot.planned_steps <= 0) return 0;
  return static_cast<double>(snapshot.step) / static_cast<double>(snapshot.planned_steps);
}

std::string rate(double steps_per_second) {
  return fmt::format("{:.{}f} steps/s", steps_per_second, steps_per_second < 10 ? 1 : 0);
}

std::string left(const Snapshot& snapshot) {
  const auto seconds = seconds_left(snapshot);
  return seconds ? duration(*seconds) + " left" : std::string();
}

std::string loss_text(std::optional<double> loss) {
  if (!loss) return "–";
  return std::abs(*loss) < 0.1 || std::abs(*loss) >= 1e4 ? fmt::format("{:.2e}", *loss)
                                                         : fmt::format("{:.3f}", *loss);
}
std::string accuracy_text(std::optional<double> accuracy) {
  return accuracy ? fmt::format("{:.1f} %", 100 * *accuracy) : "–";
}

/// Columns that a text takes on a terminal.
int columns_of(const std::string& text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](unsigned char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, int columns, bool right = false) {
  const std::string space(static_cast<std::size_t>(std::max(columns - columns_of(text), 0)), ' ');
  return right ? space + text : text + space;
}

std::string curves_text(const MemberView& member) {
  const auto accuracy = latest(member, "accuracy/validation");
  return fmt::format("loss {}{}", loss_text(latest(member, "loss/train")),
                     accuracy ? "  accuracy " + accuracy_text(accuracy) : "");
}

/// Aligned columns; from `first_number` on to the right.
std::vector<std::string> table(const std::vector<std::vector<std::string>>& rows, std::size_t first_number) {
  std::vector<int> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i)
      line += " " + padded(row[i], widths[i] + 1, i >= first_number);
    lines.push_back(line);
  }
  return lines;
}

/// Two lines each: what it says, and the numbers.
std::vector<std::string> finding_lines(const std::vector<analysis::Finding>& findings) {
  std::vector<std::string> lines;
  if (!findings.empty()) lines.push_back("What the paper says, in this run:");
  for (const auto& finding : findings) {
    lines.push_back(fmt::format("  {}: {}", finding.title, to_string(finding.verdict)));
    std::string numbers = finding.values.empty() ? "not measured yet" : analysis::number_text(finding.mean);
    if (finding.values.size() > 1) numbers += fmt::format(" ± {}", analysis::number_text(finding.deviation));
    if (!finding.expected.empty()) numbers += fmt::format(", expected {}", finding.expected);
    std::vector<std::string> each;
    for (const double value : finding.values) each.push_back(analysis::number_text(value));
    if (each.size() > 1) numbers += fmt::format("; by seed {}", fmt::join(each, ", "));
    lines.push_back(fmt::format("      {}: {}", finding.measure, numbers));
    if (!finding.note.empty()) lines.push_back("      " + finding.note);
  }
  return lines;
}

std::string step_text(std::optional<std::int64_t> step) {
  return step ? "step " + grouped(*step) : "none";
}

/// How much later what was memorised generalised.
std::string delay_text(const MemberSummary& member) {
  if (!member.memorised_step || !member.generalised_step) return "–";
  const auto from = *member.memorised_step, to = *member.generalised_step;
  return fmt::format("{} ({:.1f}×)", grouped(to - from), static_cast<double>(to) / static_cast<double>(from));
}

std::string plateau_text(const MemberSummary& member) {
  if (!member.plateau) return "none";
  return fmt::format("{}–{}{} at {:.3f}", grouped(member.plateau->begin), grouped(member.plateau->end),
                     member.plateau->lasting ? "+" : "", member.plateau->level);
}

} // namespace

std::optional<double> seconds_left(const Snapshot& snapshot) {
  if (snapshot.steps_per_second <= 0 || snapshot.planned_steps <= 0) return std::nullopt;
  return static_cast<double>(std::max<std::int64_t>(snapshot.planned_steps - snapshot.step, 0)) /
         snapshot.steps_per_second;
}

std::vector<std::string> progress_lines(const Snapshot& snapshot, int columns, bool utf8) {
  std::string numbers =
      fmt::format("{}/{}  {:.0f} %  {}  {}", grouped(snapshot.step), grouped(snapshot.planned_steps),
                  100 * fraction_done(snapshot), rate(snapshot.steps_per_second), left(snapshot));
  if (snapshot.state == training::State::Preparing) numbers = "preparing";
  const std::string name = snapshot.study ? snapshot.study->name : "";
  const int width = std::clamp(columns - columns_of(name) - columns_of(numbers) - 6, 4, 40);
  std::vector<std::string> lines{
      fmt::format("{}  {}  {}", name, terminal::bar(fraction_done(snapshot), width, utf8), numbers)};

  int name_width = 0;
  for (const MemberView& member : snapshot.members)
    name_width = std::max(name_width, columns_of(member.name));
  const std::size_t count = snapshot.members.size();
  const std::size_t shown = count > most_member_lines ? most_member_lines - 1 : count;
  for (std::size_t i = 0; i < shown; ++i) {
    const MemberView& member = snapshot.members[i];
    lines.push_back(fmt::format("  {}  {}{}", padded(member.name, name_width), curves_text(member),
                                member.training ? "" : "  (halted)"));
  }
  if (shown < count) lines.push_back(fmt::format("  and {} more", count - shown));
  return lines;
}

std::string progress_line(const Snapshot& snapshot) {
  std::string line =
      fmt::format("step {}/{}  {:.0f} %  {}  {}", snapshot.step, snapshot.planned_steps,
                  100 * fraction_done(snapshot), rate(snapshot.steps_per_second), left(snapshot));
  const std::size_t count = snapshot.members.size();
  for (std::size_t i = 0; i < std::min(count, most_members_in_line); ++i)
    line += fmt::format("  | {}: {}", snapshot.members[i].name, curves_text(snapshot.members[i]));
  if (count > most_members_in_line) line += fmt::format("  | and {} more", count - most_members_in_line);
  return line;
}

bool worth_a_line(const training::Event& event) {
  return event.kind != training::Event::Kind::Checkpoint;
}

namespace {

std::string member_name(const Snapshot& snapshot, int id) {
  return id >= 0 && static_cast<std::size_t>(id) < snapshot.members.size() ? snapshot.members[id].name : "";
}

} // namespace

std::string event_line(const Snapshot& snapshot, const training::Event& event) {
  const std::string member = member_name(snapshot, event.member);
  const bool named = member.empty() || event.text.starts_with(member);
  return fmt::format("step {}  {}{}", grouped(event.step), named ? "" : member + ": ", event.text);
}

std::vector<std::string> start_lines(const Snapshot& snapshot) {
  std::vector<std::string> lines;
  if (snapshot.study) lines.push_back(fmt::format("{}: {}", snapshot.study->name, snapshot.study->title));
  if (snapshot.task) lines.push_back(fmt::format("  data       {}", snapshot.task->data));
  std::vector<std::string> names;
  for (const MemberView& member : snapshot.members) names.push_back(member.name);
  lines.push_back(fmt::format("  members    {}", fmt::join(names, ", ")));
  lines.push_back(fmt::format("  device     {}", snapshot.device));
  if (!snapshot.recording.empty()) lines.push_back(fmt::format("  recording  {}", snapshot.recording));
  if (snapshot.step > 0) lines.push_back(fmt::format("  goes on at step {}", grouped(snapshot.step)));
  return lines;
}

namespace {

using Watches = analysis::DetectorOptions::Watches;

/// All members of a run have the same task, and so the same columns.
std::vector<std::string> header(Watches watches) {
  std::vector<std::string> names{"member", "train loss", "val. loss", "accuracy"};
  if (watches == Watches::Generalisation)
    names.insert(names.end(), {"memorised", "generalises", "delay (steps)"});
  else
    names.insert(names.end(), {"plateau (steps)", watches == Watches::InContext ? "break" : "Eureka-moment"});
  names.emplace_back("parameters");
  return names;
}

std::vector<std::string> member_row(const MemberSummary& member) {
  std::vector<std::string> row{member.name + (member.twin ? " (twin)" : ""), loss_text(member.train_loss),
                               loss_text(member.validation_loss), accuracy_text(member.accuracy)};
  if (member.watches == Watches::Generalisation)
    row.insert(row.end(),
               {step_text(member.memorised_step), step_text(member.generalised_step), delay_text(member)});
  else
    row.insert(row.end(), {plateau_text(member), step_text(member.eureka_step)});
  row.push_back(grouped(member.parameters));
  return row;
}

} // namespace

std::vector<std::string> summary_lines(const RunSummary& summary) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} {} at step {} of {} after {} ({})", summary.study, summary.status,
                              grouped(summary.step), grouped(summary.planned_steps),
                              duration(summary.seconds), rate(summary.steps_per_second)));
  std::vector<std::vector<std::string>> rows;
  for (const MemberSummary& member : summary.members) rows.push_back(member_row(member));
  if (!rows.empty()) {
    rows.insert(rows.begin(), header(summary.members.front().watches));
    for (const std::string& line : table(rows, 1)) lines.push_back(line);
  }
  for (auto& line : finding_lines(summary.findings)) lines.push_back(std::move(line));
  if (summary.recording.empty()) return lines;

  const std::string file = app::shell_word(summary.recording);
  lines.push_back(fmt::format("Recording: {}", summary.recording));
  if (summary.kept.steps > 0) lines.push_back(fmt::format("To go back to: {}", app::kept_text(summary.kept)));
  if (summary.status == "finished") {
    lines.push_back(fmt::format("To look at it:  plateau gui {}", file));
    lines.push_back(fmt::format("To draw it:     plateau figure {} loss accuracy", file));
  } else {
    lines.push_back(fmt::format("It is whole. To go on:  plateau run --resume {}", file));
  }
  return lines;
}

} // namespace plateau::commands
