#include "app/commands/run_reporter.h"

#include <chrono>
#include <cstdio>

#include "app/commands/run_text.h"
#include "app/terminal/live_lines.h"

namespace plateau::commands {

namespace {

using Seconds = std::chrono::duration<double>;

/// True at most once per interval, and not before the first has passed.
class Every {
public:
  explicit Every(double seconds) : interval_(seconds) {}
  bool due() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < interval_) return false;
    last_ = now;
    return true;
  }

private:
  Seconds interval_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

void write_line(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout); // a reader at the other end of a pipe wants each line at once
}

class TerminalReporter final : public RunReporter {
public:
  void started(const training::Snapshot& snapshot) override {
    for (const std::string& line : start_lines(snapshot)) live_.print_above(line);
  }
  void progressed(const training::Snapshot& snapshot) override {
    if (every_.due()) live_.show(progress_lines(snapshot, terminal::width_of(stdout) - 1, utf8_));
  }
  void happened(const training::Snapshot& snapshot, const training::Event& event) override {
    if (worth_a_line(event)) live_.print_above(event_line(snapshot, event));
  }
  void finished(const RunSummary& summary) override {
    live_.clear();
    for (const std::string& line : summary_lines(summary)) write_line(line);
  }

private:
  terminal::LiveLines live_{stdout};
  bool utf8_ = terminal::shows_utf8();
  Every every_{0.1};
};

class PlainReporter final : public RunReporter {
public:
  void started(const training::Snapshot& snapshot) override {
    for (const std::string& line : start_lines(snapshot)) write_line(line);
  }
  void progressed(const training::Snapshot& snapshot) override {
    if (snapshot.state == training::State::Running && every_.due()) write_line(progress_line(snapshot));
  }
  void happened(const training::Snapshot& snapshot, const training::Event& event) override {
    if (worth_a_line(event)) write_line(event_line(snapshot, event));
  }
  void finished(const RunSummary& summary) override {
    for (const std::string& line : summary_lines(summary)) write_line(line);
  }

private:
  Every every_{5};
};

class JsonReporter final : public RunReporter {
public:
  void started(const training::Snapshot& snapshot) override { write_line(start_json(snapshot)); }
  void progressed(const training::Snapshot& snapshot) override {
    if (snapshot.state == training::State::Running && every_.due()) write_line(progress_json(snapshot));
  }
  void happened(const training::Snapshot& snapshot, const training::Event& event) override {
    write_line(event_json(snapshot, event));
  }
  void finished(const RunSummary& summary) override { write_line(summary_json(summary)); }

private:
  Every every_{1};
};

} // namespace

std::unique_ptr<RunReporter> make_reporter(bool json) {
  if (json) return std::make_unique<JsonReporter>();
  if (terminal::is_interactive(stdout)) return std::make_unique<TerminalReporter>();
  return std::make_unique<PlainReporter>();
}

} // namespace plateau::commands
