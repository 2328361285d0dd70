#include "engine/recording/reader.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/recording/compression.h"
#include "engine/recording/curve_reader.h"
#include "engine/recording/json.h"
#include "engine/recording/schema.h"
#include "engine/study/fields.h"

namespace plateau::recording {
namespace {

constexpr auto end_of_time = std::numeric_limits<std::int64_t>::max();
constexpr const char* histogram_name = "saturation/histogram";

study::Intervention::Kind intervention_kind(const std::string& text) {
  using Kind = study::Intervention::Kind;
  for (const auto kind : {Kind::Set, Kind::Branch, Kind::Rewind, Kind::Halt, Kind::Continue})
    if (study::to_string(kind) == text) return kind;
  throw MalformedEntry("unknown intervention '" + text + "'");
}

training::Event::Kind event_kind(const std::string& text) {
  try {
    return training::event_kind(text);
  } catch (const InputError& error) {
    throw MalformedEntry(error.what());
  }
}

Keep keep_from(std::int64_t stored) {
  if (stored == int(Keep::AtEvent)) return Keep::AtEvent;
  return stored == int(Keep::Loose) ? Keep::Loose : Keep::Pinned;
}

/// A change that this version does not know or allow any more is passed over: it is history.
void apply(const study::Assignment& change, study::Settings& settings) {
  try {
    study::set(settings, change);
  } catch (const InputError&) {
  }
}

} // namespace

struct Reader::Implementation {
  explicit Implementation(const std::filesystem::path& file) : path(file), database(open_for_reading(file)) {}

  template<class Read> auto guarded(Read read) const { return reading(path, read); }

  Statement statement(std::string_view sql) const { return {*database, sql}; }

  std::vector<MemberRecord> members() const {
    auto rows =
        statement("SELECT id, name, seed, parent, forked_at, is_twin, parameters, token_rows, token_columns, "
                  "class_token, settings FROM member ORDER BY id");
    std::vector<MemberRecord> records;
    while (rows.next()) {
      MemberRecord record;
      record.id = static_cast<int>(rows.integer(0));
      record.name = rows.text(1);
      record.seed = rows.integer(2);
      record.parent = static_cast<int>(rows.integer(3));
      record.forked_at = rows.integer(4);
      record.is_twin = rows.integer(5) != 0;
      record.parameters = rows.integer(6);
      record.tokens = {static_cast<int>(rows.integer(7)), static_cast<int>(rows.integer(8)),
                       rows.integer(9) != 0};
      record.settings = settings_from_json(rows.text(10));
      // Whoever walks from child to parent must come to an end.
      if (record.parent >= record.id)
        throw MalformedEntry(fmt::format("member {} is older than its parent", record.id));
      records.push_back(std::move(record));
    }
    return records;
  }

  struct Origin {
    int parent = -1;
    std::int64_t forked_at = 0;
  };
  Origin origin(int member) const {
    auto row = statement("SELECT parent, forked_at FROM member WHERE id = ?1");
    if (!row.start(member).next()) return {};
    const Origin found{static_cast<int>(row.integer(0)), row.integer(1)};
    return found.parent < member ? found : Origin{};
  }

  training::Series series(int member, const std::string& metric) const {
    const auto [parent, forked_at] = origin(member);
    training::Series curve;
    if (parent >= 0) curve = inherited({{metric, series(parent, metric)}}, metric, forked_at);
    auto rows = statement("SELECT step, value FROM sample WHERE metric = "
                          "(SELECT id FROM metric WHERE member = ?1 AND name = ?2) ORDER BY step");
    rows.start(member, metric);
    while (rows.next()) append(curve, {rows.integer(0), rows.real(1)});
    return curve;
  }

  std::set<std::string> tensor_names(int member) const {
    std::set<std::string> names;
    // One look-up in the index per name, however many frames there are.
    auto next = statement("SELECT min(name) FROM frame WHERE member = ?1 AND name > ?2");
    for (std::string name; next.start(member, name).next() && !next.is_null(0);) {
      name = next.text(0);
      names.insert(name);
    }
    return names;
  }

  std::shared_ptr<const training::Tensor> tensor(const Statement& row, int shape, int data) const {
    return std::make_shared<training::Tensor>(decompress(row.blob(data), shape_from_json(row.text(shape))));
  }

  std::shared_ptr<const training::TensorFrame> frame(int member, std::int64_t step) const {
    auto result = std::make_shared<training::TensorFrame>();
    auto latest =
        statement("SELECT step, shape, data FROM frame WHERE member = ?1 AND name = ?2 AND step <= ?3 "
                  "ORDER BY step DESC LIMIT 1");
    result->step = -1;
    while (member >= 0) {
      for (const auto& name : tensor_names(member)) {
        if (result->tensors.count(name) || !latest.start(member, name, step).next()) continue;
        result->step = std::max(result->step, latest.integer(0));
        result->tensors[name] = tensor(latest, 1, 2);
      }
      const auto [parent, forked_at] = origin(member);
      member = parent;
      step = std::min(step, forked_at);
    }
    return result->tensors.empty() ? nullptr : result;
  }

  std::vector<std::int64_t> frame_steps(int member) const {
    std::set<std::int64_t> steps;
    auto rows = statement("SELECT DISTINCT step FROM frame WHERE member = ?1 AND step <= ?2");
    for (auto until = end_of_time; member >= 0;) {
      rows.start(member, until);
      while (rows.next()) steps.insert(rows.integer(0));
      const auto [parent, forked_at] = origin(member);
      member = parent;
      until = std::min(until, forked_at);
    }
    return {steps.begin(), steps.end()};
  }

  using Histograms = training::AppendOnly<std::shared_ptr<const training::TensorFrame>>;
  Histograms histograms(int member, std::int64_t until) const {
    const auto [parent, forked_at] = origin(member);
    Histograms history;
    if (parent >= 0) history = histograms(parent, std::min(until, forked_at));
    auto rows =
        statement("SELECT step, shape, data FROM frame WHERE member = ?1 AND name = ?2 AND step <= ?3 "
                  "ORDER BY step");
    rows.start(member, histogram_name, until);
    while (rows.next()) {
      auto frame = std::make_shared<training::TensorFrame>();
      frame->step = rows.integer(0);
      frame->tensors[histogram_name] = tensor(rows, 1, 2);
      history.push(std::move(frame));
    }
    return history;
  }

  std::vector<std::int64_t> checkpoint_steps() const {
    std::map<int, std::vector<Checkpoint>> by_member; // ascending in step
    std::set<std::int64_t> steps;
    for (auto& checkpoint : checkpoints()) {
      steps.insert(checkpoint.step);
      by_member[checkpoint.member].push_back(std::move(checkpoint));
    }
    auto born = statement("SELECT id, forked_at FROM member");
    while (born.next()) {
      const auto& own = by_member[static_cast<int>(born.integer(0))];
      const auto forked_at = born.integer(1);
      std::erase_if(steps, [&](std::int64_t step) {
        if (step < forked_at) return false; // not yet there
        // Its state at that step is its checkpoint there, or the one in which it was halted.
        const auto after =
            std::upper_bound(own.begin(), own.end(), step,
                             [](std::int64_t s, const Checkpoint& entry) { return s < entry.step; });
        return after == own.begin() || (std::prev(after)->step != step && std::prev(after)->training);
      });
    }
    return {steps.begin(), steps.end()};
  }

  std::vector<study::Intervention> interventions() const {
    auto rows =
        statement("SELECT step, kind, member, changes, keep_twin, from_step, new_name FROM intervention "
                  "ORDER BY id");
    std::vector<study::Intervention> list;
    while (rows.next()) {
      study::Intervention intervention;
      intervention.step = rows.integer(0);
      intervention.kind = intervention_kind(rows.text(1));
      intervention.member = rows.text(2);
      intervention.changes = assignments_from_json(rows.text(3));
      intervention.keep_twin = rows.integer(4) != 0;
      intervention.from_step = rows.integer(5);
      intervention.new_name = rows.text(6);
      list.push_back(std::move(intervention));
    }
    return list;
  }

  std::vector<training::Event> events() const {
    auto rows = statement("SELECT kind, step, member, text FROM event ORDER BY id");
    std::vector<training::Event> list;
    while (rows.next())
      list.push_back(
          {event_kind(rows.text(0)), rows.integer(1), static_cast<int>(rows.integer(2)), rows.text(3)});
    return list;
  }

  std::shared_ptr<const training::TaskInfo> task() const {
    auto entry = statement("SELECT value FROM run WHERE key = ?1");
    if (!entry.start("task").next()) return nullptr;
    auto [task, input_shape] = task_from_json(entry.text(0));
    if (!input_shape.empty()) {
      if (!entry.start("task_inputs").next()) throw MalformedEntry("the task's inputs are missing");
      task.inputs = std::make_shared<training::Tensor>(decompress(entry.blob(0), std::move(input_shape)));
    }
    return std::make_shared<training::TaskInfo>(std::move(task));
  }

  study::Study study() const {
    return study::parse_study(database->text("SELECT value FROM run WHERE key = 'study'"), path.string());
  }

  std::string summary(const std::string& key) const {
    // Also what was written once, when the recording was made.
    auto row = statement("SELECT value FROM summary WHERE key = ?1 UNION ALL "
                         "SELECT value FROM run WHERE key = ?1 AND key IN ('created', 'plateau')");
    return row.start(key).next() ? row.text(0) : std::string();
  }

  std::vector<Checkpoint> checkpoints() const {
    std::vector<Checkpoint> list;
    auto rows = statement("SELECT member, step, settings, training, pinned, length(state) FROM checkpoint "
                          "ORDER BY member, step");
    while (rows.next())
      list.push_back({static_cast<int>(rows.integer(0)),
                      rows.integer(1),
                      settings_from_json(rows.text(2)),
                      rows.integer(3) != 0,
                      keep_from(rows.integer(4)),
                      {},
                      rows.integer(5)});
    return list;
  }

  std::optional<Checkpoint> checkpoint(int member, std::int64_t step) const {
    auto row =
        statement("SELECT settings, pinned, training, state FROM checkpoint WHERE member = ?1 AND step = ?2");
    if (!row.start(member, step).next()) return std::nullopt;
    Checkpoint found;
    found.member = member;
    found.step = step;
    found.settings = settings_from_json(row.text(0));
    found.keep = keep_from(row.integer(1));
    found.training = row.integer(2) != 0;
    const auto state = row.blob(3);
    found.state.assign(state.begin(), state.end());
    found.bytes = std::int64_t(found.state.size());
    return found;
  }

  /// What the member's latest checkpoint and the interventions after it say about it now.
  void set_present(training::MemberView& view) const {
    std::int64_t known = -1; // what happened up to this step is in view.settings
    auto row = statement("SELECT step, training, settings FROM checkpoint WHERE member = ?1 "
                         "ORDER BY step DESC LIMIT 1");
    if (row.start(view.id).next()) {
      known = row.integer(0);
      view.training = row.integer(1) != 0;
      view.settings = settings_from_json(row.text(2));
      view.step = std::max(view.step, known);
    }
    using Kind = study::Intervention::Kind;
    auto later =
        statement("SELECT kind, changes FROM intervention WHERE step > max(?1, ?2) AND member IN ('', ?3) "
                  "AND id > (SELECT after_intervention FROM member WHERE id = ?4) ORDER BY id");
    later.start(known, view.parent < 0 ? std::int64_t(-1) : view.forked_at, view.name, view.id);
    while (later.next()) {
      const auto kind = intervention_kind(later.text(0));
      if (kind == Kind::Halt) view.training = false;
      if (kind == Kind::Continue) view.training = true;
      if (kind == Kind::Set)
        for (const auto& change : assignments_from_json(later.text(1))) apply(change, view.settings);
    }
  }

  training::MemberView view(const MemberRecord& record, Curves curves) const {
    training::MemberView view;
    view.id = record.id;
    view.name = record.name;
    view.seed = record.seed;
    view.parent = record.parent;
    view.forked_at = record.forked_at;
    view.is_twin = record.is_twin;
    view.settings = record.settings;
    view.parameters = record.parameters;
    view.tokens = record.tokens;
    view.step = record.forked_at;
    for (const auto& [name, curve] : curves)
      if (!curve.empty()) view.step = std::max(view.step, curve.back().step);
    set_present(view);
    view.series = std::move(curves);
    view.frame = frame(record.id, end_of_time);
    view.histograms = histograms(record.id, end_of_time);
    return view;
  }

  std::shared_ptr<const training::Snapshot> snapshot() const {
    const Transaction one_moment(*database); // a writer may be at work
    auto snapshot = std::make_shared<training::Snapshot>();
    snapshot->replay = true;
    snapshot->state = summary("finished").empty() ? training::State::Paused : training::State::Finished;
    snapshot->study = std::make_shared<study::Study>(study());
    snapshot->task = task();
    snapshot->device = summary("device");
    snapshot->recording = path.string();
    snapshot->planned_steps = database->integer("SELECT value FROM run WHERE key = 'planned_steps'");
    snapshot->events = events();
    snapshot->interventions = interventions();
    snapshot->checkpoints = checkpoint_steps();
    std::map<int, std::vector<std::int64_t>> own_checkpoints;
    std::set<std::int64_t> kept_steps;
    // Not their settings, which are long to read.
    auto kept = statement("SELECT member, step, length(state) FROM checkpoint ORDER BY member, step");
    while (kept.next()) {
      own_checkpoints[static_cast<int>(kept.integer(0))].push_back(kept.integer(1));
      kept_steps.insert(kept.integer(1));
      ++snapshot->kept.states;
      snapshot->kept.bytes += kept.integer(2);
    }
    snapshot->kept.steps = std::ssize(kept_steps);
    const auto records = members();
    auto curves = read_curves(*database, path, records);
    for (const auto& record : records) {
      snapshot->members.push_back(view(record, std::move(curves[record.id])));
      snapshot->members.back().checkpoints = std::move(own_checkpoints[record.id]);
      snapshot->step = std::max(snapshot->step, snapshot->members.back().step);
    }
    return snapshot;
  }

  std::filesystem::path path;
  std::unique_ptr<Database> database;
};

Reader::Reader(const std::filesystem::path& path) : implementation_(std::make_unique<Implementation>(path)) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;

std::shared_ptr<const training::Snapshot> Reader::snapshot() const {
  return implementation_->guarded([&] { return implementation_->snapshot(); });
}

study::Study Reader::study() const {
  return implementation_->guarded([&] { return implementation_->study(); });
}

std::vector<MemberRecord> Reader::members() const {
  return implementation_->guarded([&] { return implementation_->members(); });
}

std::vector<std::string> Reader::metrics(int member) const {
  return implementation_->guarded([&] {
    std::set<std::string> names;
    auto rows = implementation_->statement("SELECT name FROM metric WHERE member = ?1 AND EXISTS "
                                           "(SELECT 1 FROM sample WHERE metric = metric.id AND step <= ?2)");
    for (auto until = end_of_time; member >= 0;) {
      rows.start(member, until);
      while (rows.next()) names.insert(rows.text(0));
      const auto [parent, forked_at] = implementation_->origin(member);
      member = parent;
      until = std::min(until, forked_at);
    }
    return std::vector<std::string>(names.begin(), names.end());
  });
}

training::Series Reader::series(int member, const std::string& metric) const {
  return implementation_->guarded([&] { return implementation_->series(member, metric); });
}

std::shared_ptr<const training::TensorFrame> Reader::frame(int member, std::int64_t step) const {
  return implementation_->guarded([&] { return implementation_->frame(member, step); });
}

std::vector<std::int64_t> Reader::frame_steps(int member) const {
  return implementation_->guarded([&] { return implementation_->frame_steps(member); });
}

std::vector<std::int64_t> Reader::checkpoint_steps() const {
  return implementation_->guarded([&] { return implementation_->checkpoint_steps(); });
}

std::vector<Checkpoint> Reader::checkpoints() const {
  return implementation_->guarded([&] { return implementation_->checkpoints(); });
}

std::optional<Checkpoint> Reader::checkpoint(int member, std::int64_t step) const {
  return implementation_->guarded([&] { return implementation_->checkpoint(member, step); });
}

std::string Reader::summary(const std::string& key) const {
  return implementation_->guarded([&] { return implementation_->summary(key); });
}

} // namespace plateau::recording
