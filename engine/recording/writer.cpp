#include "engine/recording/writer.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "engine/errors.h"
#include "engine/recording/schema.h"
#include "engine/recording/store.h"

namespace plateau::recording {
namespace {
/// How long things may gather before they are committed together.
constexpr auto commit_interval = std::chrono::milliseconds(300);
} // namespace

struct Writer::Implementation {
  using Entry = std::function<void(Store&)>;

  explicit Implementation(std::unique_ptr<Store> opened)
      : store(std::move(opened)), thread([this] { work(); }) {}

  ~Implementation() {
    {
      const std::lock_guard guard(mutex);
      stopping = true;
    }
    changed.notify_all();
    thread.join();
  }

  void add(Entry entry) {
    bool is_first;
    {
      const std::lock_guard guard(mutex);
      if (failure) return;
      is_first = queue.empty();
      queue.push_back(std::move(entry));
      ++queued;
    }
    if (is_first) changed.notify_all(); // the others wait for the batch anyway
  }

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) return;
      changed.wait_for(lock, commit_interval, [this] { return stopping || flush_wanted; });
      flush_wanted = false;
      const auto batch = std::exchange(queue, {});
      if (!failure) {
        lock.unlock();
        auto problem = commit(batch);
        lock.lock();
        failure = std::move(problem);
      }
      done += batch.size();
      committed.notify_all();
    }
  }

  /// The problem in one line, if there is one; nothing of the batch is stored then.
  std::optional<std::string> commit(const std::vector<Entry>& batch) {
    try {
      store->check_still_there();
      Transaction transaction(store->database());
      for (const auto& entry : batch) entry(*store);
      transaction.commit();
      return std::nullopt;
    } catch (const SqliteError& error) {
      return writing_failure(store->path(), error);
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  std::unique_ptr<Store> store; // used by the thread alone
  std::mutex mutex;
  std::condition_variable changed, committed;
  std::vector<Entry> queue;
  std::uint64_t queued = 0, done = 0; // entries, ever
  bool stopping = false, flush_wanted = false;
  std::optional<std::string> failure;
  std::thread thread; // last: starts when the rest stands
};

Writer::Writer() = default;
Writer::~Writer() = default;

std::unique_ptr<Writer> Writer::create(const std::filesystem::path& path, const study::Study& study) {
  std::unique_ptr<Writer> writer(new Writer);
  writer->implementation_ = std::make_unique<Implementation>(Store::create(path, study));
  return writer;
}

std::unique_ptr<Writer> Writer::resume(const std::filesystem::path& path, std::int64_t step) {
  std::unique_ptr<Writer> writer(new Writer);
  writer->implementation_ = std::make_unique<Implementation>(Store::resume(path, step));
  return writer;
}

Keep longer(Keep a, Keep b) {
  if (a == Keep::Pinned || b == Keep::Pinned) return Keep::Pinned;
  return std::max(a, b);
}

void Writer::set_task(const training::TaskInfo& task) {
  implementation_->add([task](Store& store) { store.set_task(task); });
}

void Writer::set_planned_steps(std::int64_t steps) {
  implementation_->add([steps](Store& store) { store.set_planned_steps(steps); });
}

void Writer::set_summary(const std::string& key, const std::string& value) {
  implementation_->add([key, value](Store& store) { store.set_summary(key, value); });
}

void Writer::add_member(const MemberRecord& member) {
  implementation_->add([member](Store& store) { store.add_member(member); });
}

void Writer::add_samples(std::vector<Sample> samples) {
  implementation_->add([samples = std::move(samples)](Store& store) {
    for (const auto& sample : samples) store.add_sample(sample);
  });
}

void Writer::add_frame(int member, std::shared_ptr<const training::TensorFrame> frame) {
  implementation_->add([member, frame = std::move(frame)](Store& store) { store.add_frame(member, *frame); });
}

void Writer::add_event(const training::Event& event) {
  implementation_->add([event](Store& store) { store.add_event(event); });
}

void Writer::add_intervention(const study::Intervention& intervention) {
  implementation_->add([intervention](Store& store) { store.add_intervention(intervention); });
}

void Writer::add_checkpoint(Checkpoint checkpoint) {
  implementation_->add(
      [checkpoint = std::move(checkpoint)](Store& store) { store.add_checkpoint(checkpoint); });
}

void Writer::remove_checkpoints(std::int64_t step) {
  implementation_->add([step](Store& store) { store.remove_checkpoints(step); });
}

void Writer::flush() {
  auto& self = *implementation_;
  std::unique_lock lock(self.mutex);
  const auto target = self.queued;
  if (self.done < target) {
    self.flush_wanted = true;
    self.changed.notify_all();
    self.committed.wait(lock, [&] { return self.done >= target; });
  }
  if (self.failure) throw RunError(*self.failure);
}

std::optional<std::string> Writer::failure() const {
  const std::lock_guard guard(implementation_->mutex);
  return implementation_->failure;
}

} // namespace plateau::recording
