#include "app/window/replay_run.h"

#include "engine/recording/reader.h"

namespace plateau::window {

ReplayRun::ReplayRun(const std::filesystem::path& recording, std::function<void()> wake)
    : loader_(recording, false, wake) {
  recording::Reader reader(recording);
  auto preparing = std::make_shared<training::Snapshot>();
  preparing->replay = true;
  preparing->recording = recording.string();
  preparing->study = std::make_shared<study::Study>(reader.study());
  snapshot_ = preparing;

  reading_ = std::jthread([this, reader = std::move(reader), preparing, wake] {
    std::shared_ptr<const training::Snapshot> read;
    try {
      auto whole = std::make_shared<training::Snapshot>(*reader.snapshot());
      whole->recording = preparing->recording;
      read = whole;
    } catch (const std::exception& error) {
      auto failed = std::make_shared<training::Snapshot>(*preparing);
      failed->state = training::State::Failed;
      failed->error = error.what();
      read = failed;
    }
    {
      const std::scoped_lock lock(mutex_);
      snapshot_ = read;
    }
    wake();
  });
}

std::shared_ptr<const training::Snapshot> ReplayRun::latest() const {
  const std::scoped_lock lock(mutex_);
  return snapshot_;
}

} // namespace plateau::window
