// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pending_frame.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include <depthcloud/error.hpp>
#include <depthcloud/log.hpp>

namespace depthcloud {
namespace {

class CountingProcessor : public FrameProcessor {
 public:
  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override {
    ++decodes;
    if (encoded.empty()) throw std::runtime_error("empty");
    return {.image = Image(encoded[0], 1)};
  }
  Frame finish(DecodedFrame, const FrameTag&) override { return {}; }

  mutable std::atomic<int> decodes{0};
};

}  // namespace

TEST_SUITE_BEGIN("pipeline");

TEST_CASE("pending frame: whoever comes, it is decoded once") {
  for (int round = 0; round < 50; ++round) {
    const CountingProcessor processor;
    PendingFrame frame(std::vector<std::uint8_t>{9});
    std::thread ahead([&] { frame.decode_ahead(processor); });
    CHECK(frame.decoded(processor).image.width() == 9);
    ahead.join();
    CHECK(processor.decodes == 1);
  }
}

TEST_CASE("pending frame: an error is kept and thrown to each who asks") {
  const CountingProcessor processor;
  PendingFrame frame(std::vector<std::uint8_t>{});
  frame.decode_ahead(processor);
  CHECK_THROWS_WITH(frame.decoded(processor), "empty");
  CHECK_THROWS_WITH(frame.decoded(processor), "empty");
  CHECK(processor.decodes == 1);
}

TEST_CASE("pending frame: lent pixels go back once, when they were read or never will be") {
  const CountingProcessor processor;
  Image pixels(2, 1, PixelFormat::gray);
  pixels.data()[0] = 5;
  int released = 0;
  const auto lend = [&](PendingFrame& frame) { frame.lend([&] { ++released; }); };
  {
    PendingFrame read(RawImage(std::as_const(pixels).view()));
    lend(read);
    CHECK(released == 0);
    read.decode_ahead(processor);
    CHECK(released == 1);
    pixels.data()[0] = 6;  // ours again
    CHECK(read.decoded(processor).image.data()[0] == 5);
  }
  CHECK(released == 1);
  {
    PendingFrame dropped(RawImage(std::as_const(pixels).view()));
    lend(dropped);
  }
  CHECK(released == 2);
  {
    PendingFrame unreadable(RawImage(ImageView{}));
    lend(unreadable);
    CHECK_THROWS_AS(unreadable.decoded(processor), Error);
    CHECK(released == 3);
  }
  CHECK(released == 3);
  CHECK(processor.decodes == 0);
}

TEST_CASE("pending frame: a release that throws is told to the log") {
  std::string logged;
  set_log_callback([&](LogLevel, std::string_view line) { logged = line; });
  const CountingProcessor processor;
  const Image pixels(1, 1);
  {
    PendingFrame frame(RawImage(pixels.view()));
    frame.lend([] { throw 5; });
    frame.decode_ahead(processor);
  }
  set_log_callback(nullptr);
  CHECK(logged == "the callback that releases a frame threw");
}

TEST_CASE("pending frame: pixels that are not lent are copied at once") {
  const CountingProcessor processor;
  Image pixels(1, 1, PixelFormat::gray);
  pixels.data()[0] = 5;
  const auto frame = make_pending({.image = std::as_const(pixels).view()});
  pixels.data()[0] = 6;
  const DecodedFrame decoded = frame->decoded(processor);
  CHECK(decoded.image.data()[0] == 5);
  CHECK(decoded.decode_ms > 0);
  CHECK_THROWS_AS(make_pending({.image = YuvView{}}), Error);
}

TEST_SUITE_END();

}  // namespace depthcloud
