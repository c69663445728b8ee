// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include <depthcloud/frame_gate.hpp>

#include "temp_dir.hpp"
#include "video/gstreamer/source_pipeline.hpp"
#include "video/videos.hpp"

using namespace std::chrono_literals;
using namespace depthcloud;

namespace {

/// Whether it becomes true within five seconds.
template <typename Condition>
bool eventually(Condition&& condition) {
  for (const auto end = Clock::now() + 5s; Clock::now() < end; std::this_thread::sleep_for(5ms)) {
    if (condition()) return true;
  }
  return false;
}

}  // namespace

TEST_SUITE("video_source_pipeline") {
  TEST_CASE("it works until its reader gives up") {
    const TempDir dir;
    const std::filesystem::path file = dir / "clip.mp4";
    if (!ffmpeg("-f lavfi -i testsrc2=size=160x120:rate=25 -t 2 -c:v libx264 " + file.string())) {
      return;
    }
    std::atomic<bool> is_prerolled{false};
    const SourceEvents events{.picture = [](GstSample*) { return GST_FLOW_OK; },
                              .prerolled = [&] { is_prerolled = true; },
                              .flushed = [] {},
                              .ended = [] {},
                              .failed = [](const Error&) {},
                              .damaged = [] {}};
    {
      SourcePipeline whole({.file = file}, {}, events);
      whole.pause();
      REQUIRE(eventually([&] { return is_prerolled.load(); }));
      CHECK_FALSE(whole.is_at_rest());
    }
    // Without the index at its end nothing comes out, whether or not GStreamer tells why.
    std::filesystem::resize_file(file, std::filesystem::file_size(file) * 2 / 3);
    SourcePipeline cut_off({.file = file}, {}, events);
    cut_off.pause();
    CHECK(eventually([&] { return cut_off.is_at_rest(); }));
  }
}
