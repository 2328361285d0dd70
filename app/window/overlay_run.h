// A run with recordings beside it, for comparison: their members follow its own, under the recording's name.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/window/replay_run.h"
#include "app/window/run_source.h"
#include "engine/recording/annotations.h"

namespace plateau::window {

/// Members of recordings beside have ids from here on: far from those that a run may still get by forks.
inline constexpr int first_id_beside = 1000;
inline bool is_beside(int member) {
  return member >= first_id_beside;
}
/// Whether two members come from the same recording, and thus have the same task.
inline bool same_recording(int member, int other) {
  return member / first_id_beside == other / first_id_beside;
}

/// Why nothing else can be done with a member of a recording beside, one line.
std::string only_compared(const std::string& member);

class OverlayRun : public RunSource {
public:
  explicit OverlayRun(std::unique_ptr<RunSource> base) : base_(std::move(base)) {}

  /// Reads it on a thread: its members come with a later latest(). Throws InputError: it is none of ours, or
  /// it is shown already.
  void add(const std::filesystem::path& recording, const std::function<void()>& wake);
  /// What was shown under `name`, which may still be reading; null when there is none.
  std::unique_ptr<RunSource> take_away(const std::string& name);
  std::vector<std::string> names() const;
  std::vector<std::filesystem::path> recordings() const;

  std::shared_ptr<const training::Snapshot> latest() const override;
  bool is_live() const override { return base_->is_live(); }
  void post(training::Command command) override { base_->post(std::move(command)); }
  std::shared_ptr<const training::TensorFrame> frame_at(int member, std::int64_t step) override;
  bool is_reading(int member, std::int64_t step) override;

  /// What `member`'s arrays belong to; null for one of the run itself.
  std::shared_ptr<const training::TaskInfo> task_of(int member) const;
  /// Once for each recording that has been read since: how it was itself shown (colours, hiding), by the ids
  /// that its members have here.
  std::optional<std::map<int, recording::MemberLook>> take_looks();
  /// Once for each that cannot be read: why, one line. It is taken away.
  std::optional<std::string> take_failure();

private:
  struct Beside {
    std::string name;
    std::filesystem::path path;
    std::unique_ptr<ReplayRun> run;
    recording::Annotations annotations;
    int offset = 0; // of ids
    bool looks_taken = false;
  };
  void append(training::Snapshot& to, const Beside& beside, const training::Snapshot& from) const;

  std::unique_ptr<RunSource> base_;
  std::vector<Beside> beside_;
  int added_ = 0; // so far
  // The last answer, and what it was made of.
  mutable std::shared_ptr<const training::Snapshot> merged_;
  mutable std::vector<std::shared_ptr<const training::Snapshot>> merged_of_;
};

} // namespace plateau::window
