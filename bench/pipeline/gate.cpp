// SPDX-License-Identifier: Apache-2.0
// How old a frame is when its result comes out: a camera of 30 FPS in front of a stage of 120 ms,
// behind the gate's two policies and behind the unbounded queue that servers commonly have. The
// time of a case is the median age; each runs for three seconds and starts empty.
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include <depthcloud/frame_stream.hpp>

namespace {

using namespace std::chrono_literals;
using depthcloud::Clock;

constexpr auto camera_period = std::chrono::microseconds(33'333);
constexpr int camera_frames = 90;

class SlowStage : public depthcloud::FrameProcessor {
 public:
  depthcloud::DecodedFrame decode(std::span<const std::uint8_t>) const override {
    std::this_thread::sleep_for(5ms);
    return {};
  }
  depthcloud::Frame finish(depthcloud::DecodedFrame, const depthcloud::FrameTag& tag) override {
    std::this_thread::sleep_for(120ms);
    depthcloud::Frame frame;
    frame.tag = tag;
    return frame;
  }
};

/// Every frame is kept until its turn.
class UnboundedQueue {
 public:
  using Sink = std::function<void(depthcloud::Frame&&)>;
  UnboundedQueue(depthcloud::FrameProcessor& processor, Sink sink)
      : processor_(processor), sink_(std::move(sink)), worker_([this] { work(); }) {}
  ~UnboundedQueue() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_one();
    worker_.join();
  }
  void offer(std::vector<std::uint8_t> encoded, const depthcloud::FrameTag& tag) {
    {
      const std::lock_guard lock(mutex_);
      frames_.push_back({std::move(encoded), tag});
    }
    changed_.notify_one();
  }

 private:
  struct Encoded {
    std::vector<std::uint8_t> bytes;
    depthcloud::FrameTag tag;
  };
  void work() {
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopped_ || !frames_.empty(); });
      if (stopped_) return;
      const Encoded frame = std::move(frames_.front());
      frames_.pop_front();
      lock.unlock();
      sink_(processor_.finish(processor_.decode(frame.bytes), frame.tag));
    }
  }

  depthcloud::FrameProcessor& processor_;
  Sink sink_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Encoded> frames_;
  bool stopped_ = false;
  std::thread worker_;
};

/// Ages of the frames at the sink, in milliseconds.
class Ages {
 public:
  void add(const depthcloud::Frame& frame) {
    const std::lock_guard lock(mutex_);
    ages_.push_back((now_s() - *frame.tag.capture_ts) * 1e3);
  }
  std::vector<double> sorted() {
    const std::lock_guard lock(mutex_);
    std::vector<double> ages = ages_;
    std::sort(ages.begin(), ages.end());
    return ages;
  }
  static double now_s() {
    return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
  }

 private:
  std::mutex mutex_;
  std::vector<double> ages_;
};

template <typename Server>
void feed(Server& server) {
  Clock::time_point next = Clock::now();
  for (int i = 0; i < camera_frames; ++i, next += camera_period) {
    std::this_thread::sleep_until(next);
    server.offer(std::vector<std::uint8_t>(1), {.capture_ts = Ages::now_s()});
  }
}

void report(benchmark::State& state, const std::vector<double>& ages) {
  if (ages.empty()) return state.SkipWithError("no frame came out");
  const double p50 = ages[(ages.size() - 1) / 2];
  state.SetIterationTime(p50 / 1e3);
  state.counters["p50_age_ms"] = p50;
  state.counters["p95_age_ms"] = ages[(ages.size() - 1) * 95 / 100];
  state.counters["frames_out"] = static_cast<double>(ages.size());
}

void run_gate(benchmark::State& state, depthcloud::GatePolicy policy) {
  for (auto _ : state) {
    SlowStage stage;
    Ages ages;
    depthcloud::FrameStream stream(
        stage, [&](depthcloud::Frame&& frame) { ages.add(frame); },
        [](const depthcloud::FrameTag&, const depthcloud::Error&) {}, {.gate = {.policy = policy}});
    feed(stream);
    report(state, ages.sorted());
  }
}

void run_queue(benchmark::State& state) {
  for (auto _ : state) {
    SlowStage stage;
    Ages ages;
    UnboundedQueue queue(stage, [&](depthcloud::Frame&& frame) { ages.add(frame); });
    feed(queue);
    report(state, ages.sorted());
  }
}

template <typename Case>
void add(const char* contender, Case run) {
  benchmark::RegisterBenchmark((std::string("pipeline/30fps_120ms_stage/") + contender).c_str(),
                               run)
      ->Unit(benchmark::kMillisecond)
      ->UseManualTime()
      ->Iterations(1)
      ->Repetitions(1);
}

const bool registered = [] {
  add("latest_wins", [](benchmark::State& s) { run_gate(s, depthcloud::GatePolicy::latest_wins); });
  add("skip_while_busy",
      [](benchmark::State& s) { run_gate(s, depthcloud::GatePolicy::skip_while_busy); });
  add("unbounded_queue", run_queue);
  return true;
}();

}  // namespace
