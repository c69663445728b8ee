// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/frame_gate.hpp>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

using std::chrono::milliseconds;

/// A clock that only the test moves. Starts away from zero, as steady clocks do.
struct FakeClock {
  Clock::time_point time{std::chrono::hours(1)};

  GateOptions options(GatePolicy policy = GatePolicy::latest_wins) {
    return {.policy = policy, .now = [this] { return time; }};
  }
};

bool adds_up(const GateCounters& c) {
  return c.offered == c.admitted + c.skipped + c.replaced + c.expired + c.waiting;
}

/// Counts how many of its kind hold a frame; asks the gate on its way out.
class Probe {
 public:
  Probe(int number, std::atomic<int>& alive, std::function<void()> on_destruction = {})
      : number_(number), alive_(&alive), on_destruction_(std::move(on_destruction)) {
    ++*alive_;
  }
  Probe(Probe&& other) noexcept { *this = std::move(other); }
  Probe& operator=(Probe&& other) noexcept {
    destroy();
    number_ = other.number_;
    alive_ = std::exchange(other.alive_, nullptr);
    on_destruction_ = std::move(other.on_destruction_);
    return *this;
  }
  ~Probe() { destroy(); }
  int number() const { return number_; }

 private:
  void destroy() {
    if (!alive_) return;
    --*std::exchange(alive_, nullptr);
    if (on_destruction_) on_destruction_();
  }
  int number_ = 0;
  std::atomic<int>* alive_ = nullptr;  // a consumer destroys while a producer makes the next
  std::function<void()> on_destruction_;
};

}  // namespace

TEST_SUITE_BEGIN("pipeline");

TEST_CASE("gate: an option out of its range is named") {
  const auto error = [](auto change) {
    GateOptions options;
    change(options);
    return error_of([&] { FrameGate<int> gate(options); });
  };
  const std::string prefix = "invalid_argument control: ";
  CHECK(error([](GateOptions& o) { o.max_in_flight = 0; }) ==
        prefix + "max_in_flight is 0, must be at least 1");
  CHECK(error([](GateOptions& o) { o.max_fps = -1; }) ==
        prefix + "max_fps is -1, must be finite and not negative");
  CHECK(contains(error([](GateOptions& o) { o.max_fps = std::nan(""); }), "max_fps is nan"));
  CHECK(contains(error([](GateOptions& o) { o.max_fps = INFINITY; }), "max_fps is inf"));
  CHECK(error([](GateOptions& o) { o.max_age = milliseconds(-500); }) ==
        prefix + "max_age is -0.5 s, must not be negative");
  CHECK(contains(error([](GateOptions& o) { o.now = nullptr; }), "no clock"));
  CHECK(contains(error([](GateOptions& o) { o.policy = static_cast<GatePolicy>(7); }),
                 "gate policy 7 does not exist"));
}

TEST_CASE("gate: latest_wins replaces the waiting frame by a newer one") {
  FrameGate<int> gate;
  CHECK_FALSE(gate.take());
  CHECK(gate.offer(1) == OfferResult::waiting);
  CHECK(gate.offer(2) == OfferResult::replaced_older);

  const auto first = gate.take();
  REQUIRE(first);
  CHECK(first->frame() == 2);

  CHECK(gate.offer(3) == OfferResult::waiting);
  CHECK(gate.offer(4) == OfferResult::replaced_older);
  CHECK_FALSE(gate.take());  // one is in flight
  CHECK(gate.counters() ==
        GateCounters{.offered = 4, .admitted = 1, .replaced = 2, .waiting = 1, .in_flight = 1});
}

TEST_CASE("gate: skip_while_busy turns a frame away while one is in flight") {
  FrameGate<int> gate({.policy = GatePolicy::skip_while_busy});
  CHECK(gate.offer(1) == OfferResult::waiting);
  CHECK(gate.offer(2) == OfferResult::replaced_older);  // nothing is in flight yet
  {
    const auto ticket = gate.take();
    REQUIRE(ticket);
    CHECK(ticket->frame() == 2);
    CHECK(gate.offer(3) == OfferResult::skipped);
  }
  CHECK(gate.offer(4) == OfferResult::waiting);
  CHECK(gate.take()->frame() == 4);
  CHECK(gate.counters() == GateCounters{.offered = 4, .admitted = 2, .skipped = 1, .replaced = 1});
}

TEST_CASE("gate: max_in_flight tickets are out at a time, under both policies") {
  for (const GatePolicy policy : {GatePolicy::latest_wins, GatePolicy::skip_while_busy}) {
    FrameGate<int> gate({.policy = policy, .max_in_flight = 2});
    gate.offer(1);
    auto first = gate.take();
    CHECK(gate.offer(2) == OfferResult::waiting);
    const auto second = gate.take();
    REQUIRE(first);
    REQUIRE(second);
    const bool skips = policy == GatePolicy::skip_while_busy;
    CHECK(gate.offer(3) == (skips ? OfferResult::skipped : OfferResult::waiting));
    CHECK_FALSE(gate.take());
    CHECK(gate.counters().in_flight == 2);

    first.reset();
    CHECK(gate.offer(4) == (skips ? OfferResult::waiting : OfferResult::replaced_older));
    CHECK(gate.take()->frame() == 4);
  }
}

TEST_CASE("gate: max_fps counts from the last frame that was let in") {
  FakeClock clock;
  GateOptions options = clock.options();
  options.max_fps = 10;
  FrameGate<int> gate(options);
  const auto offer_after = [&](int ms, int frame) {
    clock.time += milliseconds(ms);
    return gate.offer(frame);
  };
  CHECK(offer_after(0, 0) == OfferResult::waiting);
  CHECK(offer_after(99, 1) == OfferResult::skipped);
  CHECK(offer_after(1, 2) == OfferResult::replaced_older);  // 100 ms after the entry of frame 0
  CHECK(gate.take()->frame() == 2);
  CHECK(offer_after(60, 3) == OfferResult::skipped);  // the gate is free: the rate still holds
  CHECK(offer_after(60, 4) == OfferResult::waiting);  // 120 ms; the skipped frame did not count
  CHECK(offer_after(90, 5) == OfferResult::skipped);  // from 120 ms on, not from 100
  CHECK(gate.counters() ==
        GateCounters{.offered = 6, .admitted = 1, .skipped = 3, .replaced = 1, .waiting = 1});
}

TEST_CASE("gate: max_fps allows a camera of exactly that rate") {
  FakeClock clock;
  GateOptions options = clock.options();
  options.max_fps = 30;
  FrameGate<int> gate(options);
  for (int i = 0; i < 10; ++i) {
    CHECK(gate.offer(i) != OfferResult::skipped);
    clock.time += std::chrono::nanoseconds(33'333'333);
  }
}

TEST_CASE("gate: the slowest rates do not overflow") {
  FakeClock clock;
  GateOptions options = clock.options();
  options.max_fps = std::numeric_limits<double>::denorm_min();
  FrameGate<int> gate(options);
  CHECK(gate.offer(1) == OfferResult::waiting);
  clock.time += std::chrono::hours(24);
  CHECK(gate.offer(2) == OfferResult::skipped);
}

TEST_CASE("gate: max_age drops what waited too long, at take()") {
  FakeClock clock;
  GateOptions options = clock.options();
  options.max_age = milliseconds(200);
  FrameGate<int> gate(options);

  gate.offer(1);
  clock.time += milliseconds(200);
  CHECK(gate.take()->frame() == 1);  // exactly as old as is allowed

  gate.offer(2);
  clock.time += milliseconds(201);
  CHECK_FALSE(gate.take());
  CHECK(gate.counters() == GateCounters{.offered = 2, .admitted = 1, .expired = 1});

  gate.offer(3, clock.time - milliseconds(300));  // captured long before it was offered
  CHECK_FALSE(gate.take());
  gate.offer(4, Clock::time_point::min());
  CHECK_FALSE(gate.take());
  gate.offer(5, clock.time + milliseconds(300));  // a clock ahead of ours is not an old frame
  CHECK(gate.take()->frame() == 5);
  CHECK(gate.counters().expired == 3);
}

TEST_CASE("gate: a ticket says when its frame was captured") {
  FakeClock clock;
  FrameGate<int> gate(clock.options());
  gate.offer(1);
  CHECK(gate.take()->capture_time() == clock.time);
  gate.offer(2, clock.time - milliseconds(5));
  CHECK(gate.take()->capture_time() == clock.time - milliseconds(5));
}

TEST_CASE("gate: it frees after an exception") {
  FrameGate<int> gate;
  gate.offer(1);
  const auto fail = [&] {
    const auto ticket = gate.take();
    REQUIRE(ticket);
    throw std::runtime_error("stage failed");
  };
  CHECK_THROWS_AS(fail(), std::runtime_error);
  CHECK(gate.counters().in_flight == 0);
  gate.offer(2);
  CHECK(gate.take()->frame() == 2);
}

TEST_CASE("gate: a moved ticket frees once, an overwritten one at once") {
  FrameGate<int> gate({.max_in_flight = 2});
  gate.offer(1);
  auto first = gate.take();
  gate.offer(2);
  auto second = gate.take();
  REQUIRE(second);
  *first = std::move(*second);
  CHECK(first->frame() == 2);
  CHECK(gate.counters().in_flight == 1);
  second.reset();
  CHECK(gate.counters().in_flight == 1);
  Ticket<int> third(std::move(*first));
  first.reset();
  CHECK(gate.counters().in_flight == 1);
}

TEST_CASE("gate: a ticket may outlive its gate") {
  auto ticket = [] {
    FrameGate<std::string> gate;
    gate.offer("frame");
    return gate.take();
  }();
  REQUIRE(ticket);
  CHECK(ticket->frame() == "frame");
  ticket.reset();
}

TEST_CASE("gate: a closed gate turns frames away and drops the waiting one") {
  FrameGate<int> gate;
  gate.offer(1);
  gate.close();
  gate.close();
  CHECK(gate.offer(2) == OfferResult::skipped);
  CHECK_FALSE(gate.take());
  CHECK_FALSE(gate.take_wait());
  CHECK(gate.counters() == GateCounters{.offered = 2, .skipped = 1, .expired = 1});
}

TEST_CASE("gate: frames are destroyed outside the lock") {
  // Each frame asks the gate for its counters when it is destroyed: under the lock that would hang.
  FakeClock clock;
  GateOptions options = clock.options(GatePolicy::skip_while_busy);
  options.max_age = milliseconds(100);
  FrameGate<Probe> gate(options);
  std::atomic<int> alive = 0;
  std::atomic<int> destroyed = 0;
  const auto probe = [&](int number) {
    return Probe(number, alive, [&] {
      ++destroyed;
      CHECK(adds_up(gate.counters()));
    });
  };
  gate.offer(probe(1));
  gate.offer(probe(2));  // replaces 1
  CHECK(destroyed == 1);
  {
    const auto ticket = gate.take();
    gate.offer(probe(3));  // skipped
    CHECK(destroyed == 2);
  }
  CHECK(destroyed == 3);
  gate.offer(probe(4));
  clock.time += milliseconds(101);
  CHECK_FALSE(gate.take());  // expired
  CHECK(destroyed == 4);
  gate.offer(probe(5));
  clock.time += milliseconds(101);
  std::thread consumer([&] { CHECK_FALSE(gate.take_wait()); });  // expired, then closed
  while (gate.counters().expired < 2) std::this_thread::yield();
  gate.offer(probe(6), clock.time - milliseconds(101));
  gate.close();
  consumer.join();
  CHECK(destroyed == 6);
  CHECK(alive == 0);
}

TEST_CASE("gate: a slow stage builds no queue and gets the newest frame") {
  // Ten seconds of 30 FPS in front of a stage of 120 ms, in simulated time.
  for (const GatePolicy policy : {GatePolicy::latest_wins, GatePolicy::skip_while_busy}) {
    FakeClock clock;
    FrameGate<Probe> gate(clock.options(policy));
    std::optional<Ticket<Probe>> in_stage;
    Clock::time_point stage_ends{};
    std::atomic<int> alive = 0;
    int most_alive = 0;
    Clock::duration oldest_at_entry{};
    for (int frame = 0; frame < 300; ++frame) {
      const Clock::time_point next_offer = clock.time + milliseconds(33);
      gate.offer(Probe(frame, alive));
      for (; clock.time < next_offer; clock.time += milliseconds(1)) {
        if (in_stage && clock.time >= stage_ends) in_stage.reset();
        if (in_stage) continue;
        in_stage = gate.take();
        if (!in_stage) continue;
        CHECK(in_stage->frame().number() == frame);  // the newest that was offered
        oldest_at_entry = std::max(oldest_at_entry, clock.time - in_stage->capture_time());
        stage_ends = clock.time + milliseconds(120);
      }
      most_alive = std::max(most_alive, alive.load());
      CHECK(adds_up(gate.counters()));
    }
    CHECK(most_alive <= 2);  // one in the stage, one waiting
    CHECK(oldest_at_entry < milliseconds(33));
    const GateCounters counters = gate.counters();
    CHECK(counters.offered == 300);
    CHECK(counters.admitted >= 74);  // 9900 ms / (120 ms + at most one frame time of waiting)
    CHECK(counters.admitted <= 83);
  }
}

TEST_CASE("gate: a waiting thread wakes for a frame, for a free place and for the end") {
  FrameGate<int> gate;
  std::atomic<int> last{0};
  std::thread consumer([&] {
    while (const auto ticket = gate.take_wait()) last = ticket->frame();
  });
  for (int i = 1; i <= 100; ++i) {
    gate.offer(i);
    while (last != i) std::this_thread::yield();
  }
  gate.close();
  consumer.join();
  CHECK(gate.counters() == GateCounters{.offered = 100, .admitted = 100});
}

TEST_CASE("gate: counters add up at any moment, under many threads") {
  for (const GatePolicy policy : {GatePolicy::latest_wins, GatePolicy::skip_while_busy}) {
    constexpr int producers = 3;
    constexpr int frames = 2000;
    FrameGate<std::vector<int>> gate(
        {.policy = policy, .max_in_flight = 2, .max_age = std::chrono::microseconds(50)});
    std::atomic<std::uint64_t> processed{0};
    std::atomic<bool> inexact{false};
    std::atomic<bool> done{false};

    std::vector<std::thread> consumers;
    for (int i = 0; i < 3; ++i) {
      consumers.emplace_back([&] {
        while (const auto ticket = gate.take_wait()) {
          ++processed;
          if (gate.counters().in_flight > 2) inexact = true;
        }
      });
    }
    std::thread observer([&] {
      while (!done) {
        if (!adds_up(gate.counters())) inexact = true;
      }
    });
    std::vector<std::thread> cameras;
    for (int i = 0; i < producers; ++i) {
      cameras.emplace_back([&] {
        for (int frame = 0; frame < frames; ++frame) gate.offer(std::vector<int>(16, frame));
      });
    }
    for (std::thread& camera : cameras) camera.join();
    gate.close();
    for (std::thread& consumer : consumers) consumer.join();
    done = true;
    observer.join();

    const GateCounters counters = gate.counters();
    CHECK_FALSE(inexact);
    CHECK(adds_up(counters));
    CHECK(counters.offered == producers * frames);
    CHECK(counters.admitted == processed);
    CHECK(counters.waiting == 0);
    CHECK(counters.in_flight == 0);
  }
}

TEST_SUITE_END();

}  // namespace depthcloud
