// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/video_decoder.hpp>

#include "expect_error.hpp"
#include "video/videos.hpp"

using namespace std::chrono_literals;
using depthcloud::VideoCodec;
using depthcloud::VideoDecoder;
using depthcloud::VideoDecoderCounters;
using depthcloud::VideoFrame;

namespace {

constexpr VideoCodec codecs[] = {VideoCodec::h264, VideoCodec::vp8, VideoCodec::vp9,
                                 VideoCodec::av1};

/// What comes back from a decoder.
struct Receiver {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<VideoFrame> pictures;
  std::vector<std::string> errors;
  int requests = 0;

  depthcloud::VideoDecoderCallbacks callbacks() {
    return {.picture =
                [this](VideoFrame&& frame) {
                  const std::lock_guard lock(mutex);
                  pictures.push_back(std::move(frame));
                  changed.notify_all();
                },
            .key_frame_needed =
                [this] {
                  const std::lock_guard lock(mutex);
                  ++requests;
                  changed.notify_all();
                },
            .failed =
                [this](const depthcloud::Error& error) {
                  const std::lock_guard lock(mutex);
                  errors.push_back(std::string(to_string(error.code())) + ": " + error.what());
                  changed.notify_all();
                }};
  }

  template <typename Condition>
  bool wait(Condition&& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 10s, condition);
  }
  bool wait_for_pictures(std::size_t count) {
    return wait([&] { return pictures.size() >= count; });
  }
};

bool is_balanced(const VideoDecoderCounters& c) {
  return c.units == c.decoded + c.failed + c.dropped + c.waiting;
}

/// Waits until no unit waits.
VideoDecoderCounters settled(const VideoDecoder& decoder) {
  for (int i = 0; i < 1000 && decoder.counters().waiting > 0; ++i)
    std::this_thread::sleep_for(10ms);
  return decoder.counters();
}

}  // namespace

TEST_SUITE("video_decoder") {
  TEST_CASE("every unit gives its picture before the next one comes") {
    for (const VideoCodec codec : codecs) {
      const std::string name = to_string(codec);
      CAPTURE(name);
      const std::vector<CodedUnit> units = encode(codec, 12);
      REQUIRE(units.size() == 12);
      Receiver receiver;
      VideoDecoder decoder(codec, receiver.callbacks());
      for (std::size_t i = 0; i < units.size(); ++i) {
        CAPTURE(i);
        decoder.push(units[i].unit());
        REQUIRE(receiver.wait_for_pictures(i + 1));
      }
      const VideoDecoderCounters counters = decoder.counters();
      CHECK(counters.units == 12);
      CHECK(counters.decoded == 12);
      CHECK(counters.replaced == 0);
      CHECK(is_balanced(counters));
      CHECK(receiver.requests == 0);
      CHECK(receiver.errors.empty());
      for (std::size_t i = 0; i < units.size(); ++i) {
        CHECK(receiver.pictures[i].time == units[i].time);
        CHECK(receiver.pictures[i].index == i);
        CHECK(receiver.pictures[i].image.width() == 320);
        CHECK(receiver.pictures[i].image.height() == 240);
      }
    }
  }

  TEST_CASE("a damaged unit fails once, and the next key frame recovers") {
    for (const VideoCodec codec : codecs) {
      const std::string name = to_string(codec);
      CAPTURE(name);
      std::vector<CodedUnit> units = encode(codec, 21);
      REQUIRE(units.size() == 21);
      std::vector<std::size_t> keys;
      for (std::size_t i = 0; i < units.size(); ++i) {
        if (units[i].is_key) keys.push_back(i);
      }
      REQUIRE(keys == std::vector<std::size_t>{0, 10, 20});
      // From its start on, so that no decoder can take it for anything.
      std::ranges::fill(units[13].data, std::uint8_t{0xA5});
      Receiver receiver;
      VideoDecoder decoder(codec, receiver.callbacks());
      for (std::size_t i = 0; i < 14; ++i) {
        decoder.push(units[i].unit());
        settled(decoder);
      }
      CHECK(receiver.wait([&] { return receiver.requests == 1; }));
      CHECK(receiver.wait([&] { return receiver.errors.size() == 1; }));
      for (std::size_t i = 14; i < 21; ++i) decoder.push(units[i].unit());
      const VideoDecoderCounters counters = settled(decoder);
      CHECK(counters.units == 21);
      CHECK(counters.decoded == 14);
      CHECK(counters.failed == 1);
      CHECK(counters.dropped == 6);
      CHECK(receiver.wait([&] {
        return !receiver.pictures.empty() && receiver.pictures.back().time == units[20].time;
      }));
      CHECK(receiver.requests == 1);
      REQUIRE(receiver.errors.size() == 1);
      CHECK(receiver.errors[0].starts_with("corrupt_data: "));
    }
  }
}
