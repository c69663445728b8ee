// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
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

constexpr std::uint8_t slice_start[] = {0, 0, 1, 0x65};  ///< of a key frame of H.264

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

  TEST_CASE("a unit that needs one before it is dropped, and a key frame is asked for once") {
    const std::vector<CodedUnit> units = encode(VideoCodec::vp8, 12);
    Receiver receiver;
    VideoDecoder decoder(VideoCodec::vp8, receiver.callbacks());
    for (std::size_t i = 3; i < 12; ++i) decoder.push(units[i].unit());
    CHECK(receiver.wait([&] { return receiver.requests == 1; }));
    CHECK(receiver.wait([&] {
      return !receiver.pictures.empty() && receiver.pictures.back().time == units[11].time;
    }));
    const VideoDecoderCounters counters = settled(decoder);
    CHECK(counters.dropped == 7);
    CHECK(counters.decoded == 2);
    CHECK(is_balanced(counters));
    CHECK(receiver.requests == 1);
    CHECK(receiver.errors.empty());
  }

  TEST_CASE("no key frame for too long is an error") {
    const std::vector<CodedUnit> units = encode(VideoCodec::vp8, 3);
    Receiver receiver;
    VideoDecoder decoder(VideoCodec::vp8, receiver.callbacks(), {.max_keyless = 50ms});
    decoder.push(units[1].unit());
    std::this_thread::sleep_for(60ms);
    decoder.push(units[2].unit());
    CHECK(receiver.wait([&] { return receiver.errors.size() == 1; }));
    CHECK(receiver.errors[0] == "corrupt_data: no key frame came for 0.1 s");
  }

  TEST_CASE("a unit of H.264 may not hold parameter sets of larger pictures beside its own") {
    const CodedUnit small = encode(VideoCodec::h264, 1, 64, 48).at(0);
    CodedUnit both = encode(VideoCodec::h264, 1, 128, 96).at(0);
    // Of the large one only what stands before its slice: delimiter and parameter sets.
    const auto slice = std::search(both.data.begin(), both.data.end(), std::begin(slice_start),
                                   std::end(slice_start));
    REQUIRE(slice != both.data.end());
    both.data.erase(slice, both.data.end());
    both.data.insert(both.data.end(), small.data.begin(), small.data.end());
    Receiver receiver;
    VideoDecoder decoder(VideoCodec::h264, receiver.callbacks(), {.max_pixels = 64 * 48});
    decoder.push(both.unit());
    REQUIRE(receiver.wait([&] { return receiver.errors.size() == 1; }));
    CHECK(receiver.errors[0] ==
          "limit_exceeded: a picture of the video has 128 x 96 pixels, more than 3072");
    decoder.push(small.unit());
    CHECK(receiver.wait_for_pictures(1));
  }

  TEST_CASE("the size may change with a key frame, up to the limit") {
    for (const VideoCodec codec : codecs) {
      const std::string name = to_string(codec);
      CAPTURE(name);
      const CodedUnit small = encode(codec, 1, 64, 48).at(0);
      const CodedUnit large = encode(codec, 1, 128, 96).at(0);
      Receiver receiver;
      VideoDecoder decoder(codec, receiver.callbacks(), {.max_pixels = 64 * 48});
      decoder.push(small.unit());
      REQUIRE(receiver.wait_for_pictures(1));
      decoder.push(large.unit());
      REQUIRE(receiver.wait([&] { return receiver.errors.size() == 1; }));
      CHECK(receiver.errors[0] ==
            "limit_exceeded: a picture of the video has 128 x 96 pixels, more than 3072");
      decoder.push(small.unit());
      CHECK(receiver.wait_for_pictures(2));
      const VideoDecoderCounters counters = settled(decoder);
      CHECK(counters.decoded == 2);
      CHECK(counters.failed == 1);
      Receiver other;
      VideoDecoder unlimited(codec, other.callbacks());
      unlimited.push(small.unit());
      REQUIRE(other.wait_for_pictures(1));
      unlimited.push(large.unit());
      REQUIRE(other.wait_for_pictures(2));
      CHECK(other.pictures[1].image.width() == 128);
    }
  }

  TEST_CASE("too many waiting units are dropped up to the next key frame") {
    const std::vector<CodedUnit> units = encode(VideoCodec::h264, 21, 640, 480);
    Receiver receiver;
    VideoDecoder decoder(VideoCodec::h264, receiver.callbacks(), {.max_waiting = 1});
    for (const CodedUnit& unit : units) decoder.push(unit.unit());
    const VideoDecoderCounters counters = settled(decoder);
    CHECK(counters.units == 21);
    CHECK(counters.dropped > 0);
    CHECK(counters.failed == 0);
    CHECK(is_balanced(counters));
    CHECK(receiver.wait([&] {
      return !receiver.pictures.empty() && receiver.pictures.back().time == units[20].time;
    }));
  }

  TEST_CASE("while the callback runs only the newest picture waits") {
    const std::vector<CodedUnit> units = encode(VideoCodec::vp8, 10);
    std::atomic<int> count{0};
    std::atomic<bool> may_go_on{false};
    std::atomic<std::int64_t> last{0};
    VideoDecoder decoder(VideoCodec::vp8, {.picture = [&](VideoFrame&& frame) {
                           ++count;
                           last = frame.time.count();
                           while (!may_go_on) std::this_thread::sleep_for(1ms);
                         }});
    decoder.push(units[0].unit());
    while (count == 0) std::this_thread::sleep_for(1ms);
    for (std::size_t i = 1; i < units.size(); ++i) decoder.push(units[i].unit());
    const VideoDecoderCounters counters = settled(decoder);
    may_go_on = true;
    CHECK(counters.decoded == 10);
    CHECK(counters.replaced == 8);
    while (count < 2) std::this_thread::sleep_for(1ms);
    CHECK(last == units[9].time.count());
  }

  TEST_CASE("what is no unit is refused at once, and a callback that throws does no harm") {
    const std::vector<CodedUnit> units = encode(VideoCodec::vp8, 2);
    std::atomic<int> count{0};
    VideoDecoder decoder(VideoCodec::vp8,
                         {.picture =
                              [&](VideoFrame&&) {
                                ++count;
                                throw std::runtime_error("of the program");
                              }},
                         {.max_unit_bytes = 100'000});
    CHECK(error_of([&] { decoder.push({}); }).starts_with("corrupt_data decode: "));
    const std::vector<std::uint8_t> large(100'001);
    CHECK(error_of([&] { decoder.push({.data = large}); }).starts_with("limit_exceeded decode: "));
    for (const CodedUnit& unit : units) {
      const int before = count;
      decoder.push(unit.unit());
      while (count == before) std::this_thread::sleep_for(1ms);
    }
    CHECK(decoder.counters().units == 2);
  }
}
