// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <malloc.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <depthcloud/webrtc_peer.hpp>

#include "expect_error.hpp"
#include "video/videos.hpp"
#include "video/webrtc_offerer.hpp"

using namespace std::chrono_literals;
using depthcloud::Clock;
using depthcloud::Error;
using depthcloud::IceCandidate;
using depthcloud::WebRtcOptions;
using depthcloud::WebRtcPeer;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::string sender(const std::string& encoder, const std::string& payloader,
                   const std::string& caps) {
  return "videotestsrc is-live=true pattern=red ! "
         "video/x-raw,format=I420,width=320,height=240,framerate=30/1 ! " +
         encoder + " ! " + payloader + " ! application/x-rtp,media=video,payload=96," + caps;
}

const std::string vp8 = sender("vp8enc deadline=1 keyframe-max-dist=9999",
                               "rtpvp8pay picture-id-mode=2", "encoding-name=VP8");
const std::string vp9 = sender("vp9enc deadline=1 keyframe-max-dist=9999 cpu-used=8",
                               "rtpvp9pay picture-id-mode=2", "encoding-name=VP9");
const std::string h264 = sender(
    "x264enc threads=1 tune=zerolatency speed-preset=ultrafast key-int-max=9999 ! "
    "video/x-h264,profile=constrained-baseline",
    "rtph264pay config-interval=-1 aggregate-mode=zero-latency",
    "encoding-name=H264,packetization-mode=(string)1");

WebRtcOptions on_loopback() { return {.addresses = {"127.0.0.1"}}; }

/// A peer and its other side, which are told of each other.
struct Call {
  explicit Call(const std::string& video, const WebRtcOptions& options = on_loopback()) {
    peer = std::make_unique<WebRtcPeer>(callbacks(), options);
    offerer = std::make_unique<WebRtcOfferer>(
        video, WebRtcOfferer::Callbacks{
                   .offer = [this](const std::string& sdp) { peer->offer(sdp); },
                   .candidate = [this](const IceCandidate& candidate) { peer->add(candidate); }});
  }
  ~Call() {
    offerer->vanish();  // it calls the peer until then
    peer.reset();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  depthcloud::WebRtcCallbacks callbacks() {
    return {.picture =
                [this](depthcloud::VideoFrame&& frame) {
                  set([&] {
                    picture = std::move(frame);
                    ++pictures;
                  });
                },
            .answer =
                [this](const std::string& sdp) {
                  set([&] { answer = sdp; });
                  offerer->take_answer(sdp);
                },
            .candidate =
                [this](const std::optional<IceCandidate>& candidate) {
                  if (!candidate) return set([&] { has_all_candidates = true; });
                  set([&] { candidates.push_back(*candidate); });
                  offerer->take_candidate(*candidate);
                },
            .connected = [this] { set([&] { is_connected = true; }); },
            .channel_open = [this] { set([&] { is_open = true; }); },
            .failed = {},
            .closed = [this](const Error& why) { set([&] { closed = why.what(); }); }};
  }

  template <typename Change>
  void set(Change&& change) {
    const std::lock_guard lock(mutex);
    change();
    changed.notify_all();
  }
  /// False where the connection ends instead.
  template <typename Condition>
  bool wait(Condition&& condition) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 20s, [&] { return condition() || !closed.empty(); });
    INFO(closed);
    return condition();
  }

  std::mutex mutex;
  std::condition_variable changed;
  depthcloud::VideoFrame picture;
  int pictures = 0;
  std::string answer;
  std::vector<IceCandidate> candidates;
  bool has_all_candidates = false;
  bool is_connected = false;
  bool is_open = false;
  std::string closed;
  std::unique_ptr<WebRtcOfferer> offerer;
  std::unique_ptr<WebRtcPeer> peer;
};

bool can_call() {
  for (const char* const element : {"webrtcbin", "nicesrc", "vp8enc"}) {
    if (has_element(element)) continue;
    MESSAGE("skipped: no " << element);
    return false;
  }
  return true;
}

std::uint32_t number_at(const Bytes& chunk, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i > 0; --i) value = value << 8 | chunk[at + i - 1];
  return value;
}

std::shared_ptr<const Bytes> message(std::size_t size, int seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>((i >> 3) + static_cast<std::size_t>(seed) * 7);
  }
  return std::make_shared<const Bytes>(std::move(bytes));
}

/// Of this process: memory in bytes, and threads.
struct Usage {
  std::size_t memory = 0;
  std::size_t threads = 0;
};
Usage usage() {
  ::malloc_trim(0);
  Usage now;
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  now.memory = pages * static_cast<std::size_t>(::getpagesize());
  for ([[maybe_unused]] const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    ++now.threads;
  }
  return now;
}

}  // namespace

TEST_SUITE_BEGIN("webrtc_peer");

TEST_CASE("a video comes in with its colours") {
  if (!can_call()) return;
  for (const std::string& video : {vp8, vp9, h264}) {
    CAPTURE(video);
    Call call(video);
    REQUIRE(call.wait([&] { return call.pictures >= 5; }));
    CHECK(call.is_connected);
    const depthcloud::Image& image = call.picture.image;
    CHECK(image.width() == 320);
    CHECK(image.height() == 240);
    CHECK(is_near(color_at(image, 0.5, 0.5), {255, 0, 0}, 6));
    // Feedback that the other side needs: losses, and a key frame after them.
    CHECK(contains(call.answer, "a=rtcp-fb:96 nack\r\n"));
    CHECK(contains(call.answer, "a=rtcp-fb:96 nack pli\r\n"));
    const depthcloud::WebRtcCounters counters = call.peer->counters();
    CHECK(counters.packets > 5);
    CHECK(counters.bytes > counters.packets);
    CHECK(counters.video.decoded >= 5);
  }
}

TEST_CASE("a message travels in chunks, and the newest that waits wins") {
  if (!can_call()) return;
  Call call(vp8);
  call.peer->send(message(100, 1));  // goes nowhere: no channel is open
  REQUIRE(call.wait([&] { return call.is_open; }));
  constexpr int count = 40;
  constexpr std::size_t size = 900'000;
  for (int i = 0; i < count; ++i) call.peer->send(message(size, i));
  const std::shared_ptr<const Bytes> last = message(size, count - 1);
  Bytes received(size);
  const auto end = Clock::now() + 20s;
  while (received != *last && Clock::now() < end) {
    for (const Bytes& chunk : call.offerer->chunks(1)) {
      REQUIRE(chunk.size() > 12);
      REQUIRE(chunk.size() <= 16 * 1024);
      REQUIRE(number_at(chunk, 4) == size);
      const std::size_t offset = number_at(chunk, 8);
      REQUIRE(offset + chunk.size() - 12 <= size);
      std::copy(chunk.begin() + 12, chunk.end(),
                received.begin() + static_cast<std::ptrdiff_t>(offset));
    }
  }
  CHECK(received == *last);
  const depthcloud::WebRtcCounters counters = call.peer->counters();
  CHECK(counters.messages_sent + counters.messages_replaced == count);
  CHECK(counters.messages_replaced > count / 2);
}

TEST_CASE("a peer that vanishes is gone within the idle timeout") {
  if (!can_call()) return;
  WebRtcOptions options = on_loopback();
  options.idle_timeout = 2s;
  Call call(vp8, options);
  REQUIRE(call.wait([&] { return call.pictures > 0; }));
  call.offerer->vanish();
  const auto start = Clock::now();
  call.wait([] { return false; });
  CHECK(Clock::now() - start < 4s);
  CHECK(call.closed != "");
}

TEST_CASE("a peer that never comes is gone within the idle timeout") {
  if (!can_call()) return;
  std::string why;
  std::mutex mutex;
  std::condition_variable changed;
  WebRtcPeer peer({.picture = [](depthcloud::VideoFrame&&) {},
                   .answer = [](const std::string&) {},
                   .candidate = [](const std::optional<IceCandidate>&) {},
                   .closed =
                       [&](const Error& error) {
                         const std::lock_guard lock(mutex);
                         why = error.what();
                         changed.notify_all();
                       }},
                  {.idle_timeout = 200ms});
  std::unique_lock lock(mutex);
  CHECK(changed.wait_for(lock, 5s, [&] { return !why.empty(); }));
  CHECK(contains(why, "did not connect within 0.2 s"));
}

TEST_CASE("only these UDP ports and addresses are used") {
  if (!can_call()) return;
  WebRtcOptions options = on_loopback();
  options.first_port = 47'100;
  options.last_port = 47'120;
  Call call(vp8, options);
  REQUIRE(call.wait([&] { return call.has_all_candidates; }));
  REQUIRE(call.wait([&] { return !call.candidates.empty(); }));
  for (const IceCandidate& candidate : call.candidates) {
    CHECK(candidate.port >= 47'100);
    CHECK(candidate.port <= 47'120);
    CHECK(candidate.address == "127.0.0.1");
    CHECK(candidate.protocol == "udp");
  }
}

TEST_CASE("candidates of the other side are limited, and names are not looked up") {
  if (!can_call()) return;
  Call call(vp8);
  IceCandidate hidden{
      .foundation = "1", .address = "6fe1e2c8-3b1e-4c27-9d2f-000000000001.local", .port = 9};
  call.peer->add(hidden);
  hidden.address = "example.org";
  call.peer->add(hidden);
  REQUIRE(call.wait([&] { return call.pictures > 0; }));
  CHECK(call.peer->counters().candidates_ignored >= 2);
  const auto add_all = [&] {
    for (int i = 0; i < 40; ++i) call.peer->add(hidden);
  };
  CHECK(error_of(add_all) == "limit_exceeded control: more than 32 ICE candidates");
  hidden.address = "a b";
  CHECK(contains(error_of([&] { call.peer->add(hidden); }), "whose address is 'a b'"));
}

TEST_CASE("a second offer and a bad one are refused") {
  if (!can_call()) return;
  Call call(vp8);
  REQUIRE(call.wait([&] { return call.pictures > 0; }));
  CHECK(contains(error_of([&] { call.peer->offer("nonsense"); }), "corrupt_data control: "));
  CHECK(contains(error_of([&] { call.peer->send(nullptr); }), "an empty message"));
}

TEST_CASE("it ends at once, whatever it does") {
  if (!can_call()) return;
  for (const auto pause : {0ms, 50ms, 400ms, 1000ms}) {
    Call call(vp8);
    std::this_thread::sleep_for(pause);
    call.offerer->vanish();
    const auto start = Clock::now();
    call.peer.reset();
    CHECK(Clock::now() - start < 2s);
  }
}

TEST_SUITE_END();

// Minutes long, so it has an entry of its own in CTest.
TEST_SUITE_BEGIN("webrtc_churn" * doctest::skip());

TEST_CASE("peers that come, send and vanish leave nothing behind") {
  if (!can_call()) return;
  const auto start = Clock::now();
  constexpr auto warm_up = 30s;
  constexpr auto whole = 120s;
  Usage warm;
  int calls = 0;
  while (Clock::now() - start < whole) {
    {
      Call call(calls % 2 == 0 ? vp8 : h264);
      REQUIRE(call.wait([&] { return call.pictures >= 3; }));
    }
    ++calls;
    if (warm.memory == 0 && Clock::now() - start > warm_up) warm = usage();
  }
  const Usage last = usage();
  MESSAGE(calls << " calls, " << warm.memory / 1024 << " to " << last.memory / 1024 << " KiB, "
                << warm.threads << " to " << last.threads << " threads");
  CHECK(last.threads <= warm.threads + 2);
  CHECK(last.memory < warm.memory + warm.memory / 5);
}
