// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/latency.hpp>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

StageTimes infer_ms(double ms) {
  StageTimes times;
  times[Stage::infer] = ms;
  return times;
}

}  // namespace

TEST_SUITE_BEGIN("pipeline");

TEST_CASE("latency: percentiles are exact nearest ranks") {
  LatencyRecorder recorder;
  for (int i = 100; i >= 1; --i) recorder.record(infer_ms(i));
  const LatencySummary infer = recorder.summary(Stage::infer);
  CHECK(infer.count == 100);
  CHECK(infer.p50 == 50);
  CHECK(infer.p95 == 95);
  CHECK(infer.p99 == 99);
  CHECK(infer.max == 100);
  CHECK(recorder.summary(Stage::decode).max == 0);
}

TEST_CASE("latency: one frame is every percentile, no frame is none") {
  LatencyRecorder recorder;
  CHECK(recorder.total().count == 0);
  CHECK(recorder.total().max == 0);
  recorder.record(infer_ms(7));
  for (const LatencySummary& s : {recorder.summary(Stage::infer), recorder.total()}) {
    CHECK(s.count == 1);
    CHECK(s.p50 == 7);
    CHECK(s.p95 == 7);
    CHECK(s.p99 == 7);
    CHECK(s.max == 7);
  }
}

TEST_CASE("latency: only the last frames of the window count") {
  LatencyRecorder recorder(4);
  for (const double ms : {1000., 1000., 1., 2., 3., 4.}) recorder.record(infer_ms(ms));
  const LatencySummary infer = recorder.summary(Stage::infer);
  CHECK(infer.count == 6);  // since the start
  CHECK(infer.p50 == 2);
  CHECK(infer.max == 4);
}

TEST_CASE("latency: a frame's total is the sum of its stages") {
  LatencyRecorder recorder;
  StageTimes times;
  double ms = 1;
  for (const Stage stage :
       {Stage::decode, Stage::preprocess, Stage::infer, Stage::cloud, Stage::pack}) {
    times[stage] = ms;
    ms *= 2;
  }
  recorder.record(times);
  CHECK(times.total() == 31);
  CHECK(recorder.total().p50 == 31);
  CHECK(recorder.summary(Stage::pack).p50 == 16);
}

TEST_CASE("latency: wrong arguments are named") {
  CHECK(error_of([] { LatencyRecorder recorder(0); }) ==
        "invalid_argument control: the latency window is 0 frames, must be at least 1");
  LatencyRecorder recorder;
  CHECK(error_of([&] { recorder.summary(Stage::load); }) ==
        "invalid_argument control: stage 'load' is not timed");
  CHECK(error_of([&] { recorder.record(infer_ms(std::nan(""))); }) ==
        "invalid_argument control: infer took nan ms, must be finite and not negative");
  CHECK(contains(error_of([&] { recorder.record(infer_ms(-1)); }), "infer took -1 ms"));
  CHECK(recorder.total().count == 0);
  LatencyRecorder endless(std::numeric_limits<std::size_t>::max());
  endless.record(infer_ms(1));
  CHECK(endless.total().count == 1);
}

TEST_CASE("latency: many threads record") {
  LatencyRecorder recorder(64);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&recorder] {
      for (int i = 0; i < 500; ++i) {
        recorder.record(infer_ms(5));
        if (recorder.total().max != 5) recorder.record(infer_ms(1e6));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(recorder.total().count == 2000);
  CHECK(recorder.total().p99 == 5);
}

TEST_SUITE_END();

}  // namespace depthcloud
