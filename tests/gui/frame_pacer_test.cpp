#include "app/window/frame_pacer.h"

#include <algorithm>

#include "tests/catch.h"

using plateau::window::FramePacer;

namespace {

/// Frames drawn from `begin` to `end` when `event` happens every `every` seconds.
template<class Event> int frames(FramePacer& pacer, double begin, double end, double every, Event event) {
  int drawn = 0;
  double next = begin;
  for (double now = begin; now < end; now += 0.001) {
    if (now >= next) {
      event(now);
      next += every;
    }
    if (!pacer.due(now)) continue;
    pacer.drawn(now);
    ++drawn;
  }
  return drawn;
}

void settle(FramePacer& pacer) {
  frames(pacer, -10, 0, 100, [](double) {});
}

} // namespace

TEST_CASE("nothing is drawn when nothing happens") {
  FramePacer pacer;
  settle(pacer);
  CHECK(frames(pacer, 0, 10, 100, [](double) {}) == 0);
  CHECK(pacer.wait(5) == Approx(0.5));
}

TEST_CASE("an event is followed by at least three frames, and by one after the mouse has rested") {
  FramePacer pacer;
  settle(pacer);
  pacer.input(0);
  double last = 0;
  int drawn = 0;
  for (double now = 0; now < 5; now += 0.001)
    if (pacer.due(now)) {
      pacer.drawn(now);
      last = now;
      ++drawn;
    }
  CHECK(drawn >= 3);
  CHECK(last > 0.5);
  CHECK(last < 1);
}

TEST_CASE("frames are capped: 30 Hz with input, 10 Hz with data alone, few without focus") {
  FramePacer pacer;
  settle(pacer);
  const auto input = [&](double now) { pacer.input(now); };
  const auto data = [&](double) { pacer.data(); };
  CHECK(frames(pacer, 0, 10, 0.001, input) == Approx(300).margin(12));
  CHECK(frames(pacer, 20, 30, 0.001, data) == Approx(100).margin(3));
  pacer.set_focused(false);
  CHECK(frames(pacer, 40, 50, 0.001, data) == Approx(40).margin(2));
  CHECK(frames(pacer, 60, 70, 0.001, [&](double now) { pacer.animation(now); }) == Approx(40).margin(2));
}

TEST_CASE("frames that are dear to draw come less often, unless a person does something") {
  FramePacer pacer;
  const auto drawn_in_ten_seconds = [&](double begin, bool with_input) {
    int drawn = 0;
    for (double now = begin; now < begin + 10; now += 0.001) {
      if (with_input)
        pacer.input(now);
      else
        pacer.data();
      if (!pacer.due(now)) continue;
      pacer.drawn(now, 0.05);
      ++drawn;
    }
    return drawn;
  };
  drawn_in_ten_seconds(0, false);
  CHECK(drawn_in_ten_seconds(10, false) == Approx(10 / (6 * 0.05)).margin(3));
  CHECK(drawn_in_ten_seconds(20, true) == Approx(300).margin(12));
}

TEST_CASE("an iconified window is not drawn") {
  FramePacer pacer;
  pacer.set_iconified(true);
  CHECK(frames(pacer, 0, 5, 0.01, [&](double now) { pacer.input(now); }) == 0);
  CHECK(pacer.wait(5) == Approx(0.5));
}

TEST_CASE("the wait ends when the next frame is due") {
  FramePacer pacer;
  settle(pacer);
  pacer.input(100);
  pacer.drawn(100);
  CHECK(pacer.wait(100) == Approx(1.0 / 30));
  CHECK(pacer.wait(100.02) == Approx(1.0 / 30 - 0.02));
  CHECK(pacer.wait(101) == 0);
}
