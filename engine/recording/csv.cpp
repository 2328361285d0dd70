#include "engine/recording/csv.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/recording/corrections.h"
#include "engine/study/fields.h"

namespace plateau::recording {
namespace fs = std::filesystem;
namespace {

/// A cell as RFC 4180 wants it.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}
std::string cell(const char* text) {
  return cell(std::string(text));
}
std::string cell(bool flag) {
  return flag ? "true" : "false";
}
std::string cell(double number) {
  return fmt::format("{}", number);
} // shortest that reads back exactly
template<class Integer> std::string cell(Integer number) {
  return fmt::format("{}", number);
}

class CsvFile {
public:
  explicit CsvFile(fs::path path) : path_(std::move(path)), file_(path_, std::ios::trunc) {
    if (!file_) throw InputError(fmt::format("can not write '{}': {}", path_.string(), std::strerror(errno)));
  }

  template<class... Cells> void row(const Cells&... cells) {
    const char* separator = "";
    ((file_ << separator << cell(cells), separator = ","), ...);
    file_ << '\n';
  }
  void row(const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) file_ << (i ? "," : "") << cell(cells[i]);
    file_ << '\n';
  }

  void close() {
    file_.close();
    if (!file_) throw RunError(fmt::format("writing '{}' failed: {}", path_.string(), std::strerror(errno)));
  }

private:
  fs::path path_;
  std::ofstream file_;
};

const std::set<std::string> fixed_names{"members", "events", "interventions", "summary"};

/// "loss/train" -> "loss", which names the file.
std::string group_of(const std::string& metric) {
  auto group = metric.substr(0, metric.find('/'));
  return fixed_names.count(group) ? group + "_metric" : group;
}

void check_folder(const fs::path& folder, const std::set<std::string>& names) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder))
    throw InputError(fmt::format("can not create the folder '{}': {}", folder.string(),
                                 error ? error.message() : "something else has that name"));
  for (const auto& name : names)
    if (const auto file = folder / (name + ".csv"); fs::exists(file))
      throw InputError(fmt::format("'{}' exists already; choose another folder", file.string()));
}

void write_members(const std::vector<MemberRecord>& records, const training::Snapshot& shown,
                   const fs::path& file) {
  CsvFile csv(file);
  std::vector<std::string> header{"member", "name",      "recorded_name", "seed",
                                  "parent", "forked_at", "is_twin",       "parameters"};
  for (const auto& field : study::fields()) header.push_back(field.name);
  csv.row(header);
  for (const auto& m : records) {
    const auto member = std::ranges::find(shown.members, m.id, &training::MemberView::id);
    if (member == shown.members.end()) continue;
    std::vector<std::string> row{cell(m.id),
                                 member->name,
                                 m.name,
                                 cell(m.seed),
                                 m.parent < 0 ? "" : cell(m.parent),
                                 cell(m.forked_at),
                                 cell(m.is_twin),
                                 cell(m.parameters)};
    for (const auto& field : study::fields()) row.push_back(study::to_string(field.get(m.settings)));
    csv.row(row);
  }
  csv.close();
}

void write_table(const analysis::TextTable& table, const fs::path& file) {
  CsvFile csv(file);
  for (const auto& row : table) csv.row(row);
  csv.close();
}

void write_events(const training::Snapshot& snapshot, const std::vector<Remark>& remarks,
                  const fs::path& file) {
  CsvFile csv(file);
  csv.row("step", "kind", "member", "name", "text");
  const auto row = [&](std::int64_t step, const char* kind, int of, const std::string& text) {
    std::string name;
    for (const auto& member : snapshot.members)
      if (member.id == of) name = member.name;
    csv.row(step, kind, of < 0 ? "" : cell(of), name, text);
  };
  for (const auto& event : snapshot.events)
    row(event.step, training::to_string(event.kind), event.member, event.text);
  for (const auto& remark : remarks) row(remark.step, "remark", remark.member, remark.text);
  csv.close();
}

void write_interventions(const training::Snapshot& snapshot, const fs::path& file) {
  CsvFile csv(file);
  csv.row("step", "kind", "member", "changes", "keep_twin", "from_step", "new_name", "text");
  for (const auto& intervention : snapshot.interventions) {
    std::string changes;
    for (const auto& [field, value] : intervention.changes)
      changes += fmt::format("{}{} = {}", changes.empty() ? "" : "; ", field, study::to_string(value));
    csv.row(intervention.step, study::to_string(intervention.kind), intervention.member, changes,
            intervention.keep_twin, intervention.from_step, intervention.new_name,
            study::describe(intervention));
  }
  csv.close();
}

} // namespace

void write_csv(const analysis::TextTable& table, const fs::path& file) {
  if (fs::exists(file))
    throw InputError(fmt::format("'{}' exists already; choose another name", file.string()));
  write_table(table, file);
}

void export_csv(const Reader& reader, const training::Snapshot& shown, const fs::path& folder,
                const Annotations& annotations) {
  auto names = fixed_names;
  for (const auto& member : shown.members)
    for (const auto& [metric, series] : member.series) names.insert(group_of(metric));
  check_folder(folder, names);

  write_members(reader.members(), shown, folder / "members.csv");
  auto summaries = analysis::summaries(shown);
  for (auto& summary : summaries) correct(summary, annotations.plateaus);
  write_table(analysis::summary_table(summaries), folder / "summary.csv");
  write_events(shown, annotations.remarks, folder / "events.csv");
  write_interventions(shown, folder / "interventions.csv");
  std::map<std::string, CsvFile> groups;
  for (const auto& member : shown.members)
    for (const auto& [metric, series] : member.series) {
      const auto group = group_of(metric);
      auto file = groups.find(group);
      if (file == groups.end()) {
        file = groups.emplace(group, folder / (group + ".csv")).first;
        file->second.row("member", "name", "metric", "step", "value");
      }
      for (std::size_t i = 0; i < series.size(); ++i)
        file->second.row(member.id, member.name, metric, series[i].step, series[i].value);
    }
  for (auto& [group, file] : groups) file.close();
}

} // namespace plateau::recording
