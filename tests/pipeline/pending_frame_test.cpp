// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pending_frame.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>

#include <doctest/doctest.h>

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
    PendingFrame frame({9});
    std::thread ahead([&] { frame.decode_ahead(processor); });
    CHECK(frame.decoded(processor).image.width() == 9);
    ahead.join();
    CHECK(processor.decodes == 1);
  }
}

TEST_CASE("pending frame: an error is kept and thrown to each who asks") {
  const CountingProcessor processor;
  PendingFrame frame({});
  frame.decode_ahead(processor);
  CHECK_THROWS_WITH(frame.decoded(processor), "empty");
  CHECK_THROWS_WITH(frame.decoded(processor), "empty");
  CHECK(processor.decodes == 1);
}

TEST_SUITE_END();

}  // namespace depthcloud
