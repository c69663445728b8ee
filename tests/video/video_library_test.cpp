// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <limits>

#include <doctest/doctest.h>

#include <depthcloud/system_info.hpp>
#include <depthcloud/video_decoder.hpp>
#include <depthcloud/video_source.hpp>

#include "environment_variable.hpp"
#include "expect_error.hpp"

using namespace std::chrono_literals;
using depthcloud::VideoCodec;
using depthcloud::VideoDecoder;
using depthcloud::VideoSource;
using depthcloud::VideoSourceOptions;

// This program has no video library linked in, and opens none.
TEST_SUITE("video") {
  TEST_CASE(
      "without the video library video is unavailable, and the message says what is missing") {
    const EnvironmentVariable nowhere("DEPTHCLOUD_VIDEO_LIBRARY", "/no/such/library.so");
    CHECK(contains(depthcloud::video_obstacle(), "/no/such/library.so"));
    CHECK(depthcloud::video_version().empty());
    for (const std::string& error :
         {error_of([] { VideoSource source("test:"); }),
          error_of([] { VideoDecoder decoder(VideoCodec::vp8, {.picture = [](auto&&) {}}); })}) {
      CHECK(error.starts_with("unavailable load: the video library cannot be opened: "));
      CHECK(contains(error, "/no/such/library.so"));
    }
  }

  TEST_CASE("a library that does not hold it is told by its name") {
    const EnvironmentVariable another("DEPTHCLOUD_VIDEO_LIBRARY", "libm.so.6");
    CHECK(contains(error_of([] { VideoSource source("test:"); }),
                   "'libm.so.6' does not hold the video library"));
  }

  TEST_CASE("options out of range are refused") {
    const auto error = [](const VideoSourceOptions& options) {
      return error_of([&] { depthcloud::validate(options); });
    };
    CHECK(error({}) == "nothing");
    CHECK(contains(error({.max_fps = -1}), "max_fps is -1"));
    CHECK(contains(error({.max_fps = std::numeric_limits<double>::infinity()}), "max_fps is inf"));
    CHECK(contains(error({.start = -1us}), "start is "));
    CHECK(contains(error({.start = 2s, .end = 1s}), "end is 1 s"));
    CHECK(contains(error({.timeout = -1s}), "timeout is -1 s"));
    CHECK(contains(error({.max_pixels = 0}), "max_pixels is 0"));
    const auto decoder_error = [](const depthcloud::VideoDecoderOptions& options) {
      return error_of(
          [&] { VideoDecoder decoder(VideoCodec::vp8, {.picture = [](auto&&) {}}, options); });
    };
    CHECK(contains(decoder_error({.max_pixels = 0}), "max_pixels is 0"));
    CHECK(contains(decoder_error({.max_unit_bytes = 0}), "max_unit_bytes is 0"));
    CHECK(contains(decoder_error({.max_waiting = 0}), "max_waiting is 0"));
    CHECK(contains(decoder_error({.max_keyless = 0s}), "max_keyless is 0 s"));
    CHECK(contains(error_of([] { VideoDecoder decoder(VideoCodec::vp8, {}); }), "'picture'"));
  }
}
