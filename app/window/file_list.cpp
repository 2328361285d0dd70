#include "app/window/file_list.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/window/folders.h"
#include "app/window/text.h"
#include "engine/recording/overview.h"
#include "engine/study/study.h"

namespace plateau::window {
namespace fs = std::filesystem;
using Kind = ListedFile::Kind;

namespace {

ListedFile listed(const fs::path& path, const std::string& section) {
  ListedFile file{.section = section, .path = path, .name = path.filename().string()};
  if (path.extension() == ".toml") file.kind = Kind::Study;
  std::error_code error;
  const auto changed = fs::last_write_time(path, error);
  file.missing = bool(error);
  if (!error) file.changed = changed;
  file.bytes = fs::file_size(path, error);
  if (error) file.bytes = 0;
  return file;
}

template<class Visit> void for_each_entry(const fs::path& folder, Visit visit) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && entry != end; entry.increment(error))
    visit(*entry);
}

} // namespace

std::vector<ListedFile> list_start(const std::vector<std::string>& recent, const fs::path& recordings) {
  std::vector<ListedFile> files;
  for (const std::string& path : recent) files.push_back(listed(path, "RECENT"));
  std::vector<ListedFile> others;
  for_each_entry(recordings, [&](const fs::directory_entry& entry) {
    if (entry.path().extension() == ".plateau" &&
        std::ranges::find(recent, entry.path().string()) == recent.end())
      others.push_back(listed(entry.path(), "RECORDINGS"));
  });
  std::ranges::stable_sort(others, [](const auto& a, const auto& b) { return a.changed > b.changed; });
  std::ranges::move(others, std::back_inserter(files));
  try {
    for (const study::StudyFile& shipped : study::list_studies()) {
      files.push_back(listed(shipped.path, "STUDIES"));
      files.back().name = shipped.name;
      files.back().study = shipped.title;
    }
  } catch (const std::exception& error) {
    spdlog::warn("{}", error.what());
  }
  return files;
}

std::vector<ListedFile> list_folder(const fs::path& folder) {
  std::vector<ListedFile> files;
  for_each_entry(folder, [&](const fs::directory_entry& entry) {
    const fs::path& path = entry.path();
    if (path.filename().string().starts_with('.')) return;
    std::error_code unreadable;
    const bool is_folder = entry.is_directory(unreadable);
    if (!is_folder && path.extension() != ".plateau" && path.extension() != ".toml") return;
    files.push_back(listed(path, ""));
    if (is_folder) files.back().kind = Kind::Folder;
  });
  std::ranges::sort(files, [](const auto& a, const auto& b) {
    const bool first = a.kind == Kind::Folder, second = b.kind == Kind::Folder;
    return first != second ? first : lower(a.name) < lower(b.name);
  });
  return files;
}

void read_study(ListedFile& file) {
  if (file.study) return;
  file.study.emplace();
  if (file.missing || file.kind == Kind::Folder) return;
  try {
    if (file.kind == Kind::Recording) {
      file.study = recording::read_overview(file.path).title;
    } else {
      const auto study = study::load_study(file.path.string());
      file.study = study.title.empty() ? study.name : study.title;
    }
  } catch (const std::exception&) {
    file.study = "cannot be read"; // why is told when it is opened
  }
}

bool matches(const ListedFile& file, const std::string& filter) {
  const std::string wanted = lower(filter);
  return lower(file.name).find(wanted) != std::string::npos ||
         (file.study && lower(*file.study).find(wanted) != std::string::npos);
}

int best_match(const std::vector<const ListedFile*>& files, const std::string& filter) {
  const std::string wanted = lower(filter);
  for (const bool whole : {true, false})
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::string name = lower(files[i]->name);
      if (whole ? name == wanted : name.starts_with(wanted)) return static_cast<int>(i);
    }
  return files.empty() ? -1 : 0;
}

TypedPlace place_of(const std::string& typed, const fs::path& folder) {
  if (typed == "~") return {expanded(typed, folder), "", true};
  const auto slash = typed.rfind('/');
  if (slash == std::string::npos) return {folder, typed, false};
  return {expanded(typed.substr(0, slash + 1), folder), typed.substr(slash + 1), true};
}

std::string completed(const std::string& typed, const fs::path& folder) {
  if (typed == "~") return "~/";
  const TypedPlace place = place_of(typed, folder);
  std::optional<std::string> common;
  for (const ListedFile& file : list_folder(place.folder)) {
    std::string name = file.name + (file.kind == Kind::Folder ? "/" : "");
    if (!name.starts_with(place.filter)) continue;
    if (common) name = name.substr(0, std::ranges::mismatch(*common, name).in1 - common->begin());
    common = std::move(name);
  }
  return common ? typed + common->substr(place.filter.size()) : typed;
}

std::string date_text(fs::file_time_type time, fs::file_time_type now) {
  const auto local = [](fs::file_time_type t) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(
        std::chrono::file_clock::to_sys(std::chrono::time_point_cast<std::chrono::file_clock::duration>(t)));
    std::tm parts{};
    localtime_r(&seconds, &parts);
    return parts;
  };
  const std::tm then = local(time), today = local(now);
  const bool same_day = then.tm_year == today.tm_year && then.tm_yday == today.tm_yday;
  return same_day ? fmt::format("today {:%H:%M}", then) : fmt::format("{:%d %b %Y}", then);
}

} // namespace plateau::window
