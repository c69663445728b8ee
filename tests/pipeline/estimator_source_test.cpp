// SPDX-License-Identifier: Apache-2.0
#include <future>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/estimator_source.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/stream_hub.hpp>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

std::shared_ptr<DepthEstimator> constant(int process_res = 0) {
  return std::make_shared<DepthEstimator>(
      DepthEstimator::load("constant:2", {.process_res = process_res}));
}

}  // namespace

TEST_SUITE("pipeline") {
  TEST_CASE("photos are decoded at full size, or no larger than the grid needs if asked to") {
    const std::vector<std::uint8_t> jpeg = read_file(DEPTHCLOUD_SAMPLE_PHOTO);
    const DecodedFrame full = EstimatorSource(constant(64)).decode(jpeg);
    const DecodedFrame reduced = EstimatorSource(constant(64), {}, true).decode(jpeg);
    CHECK(full.image.width() == full.image.photo().width);
    CHECK(reduced.image.photo().width == full.image.width());
    CHECK(reduced.image.width() * 8 >= full.image.width());
    CHECK(reduced.image.width() < full.image.width());
    CHECK(reduced.image.width() >= 64);
    CHECK(full.decode_ms > 0);
  }

  TEST_CASE("images of any size share a call, and a model of one view sees each alone") {
    EstimatorSource source(constant());
    const Image small(8, 6), large(640, 480);
    const ImageView images[] = {small.view(), large.view()};
    StageTimes times;
    CHECK(source.estimate(images, times)[1].width() == 504);
    CHECK(source.estimate_views(images, times)[0].width() == 8);
    CHECK(times[Stage::infer] > 0);
  }

  TEST_CASE("an estimator is a source itself: it feeds a hub and is timed like one") {
    DepthEstimator estimator = DepthEstimator::load("constant:2", {.process_res = 64});
    const std::vector<std::uint8_t> jpeg = read_file(DEPTHCLOUD_SAMPLE_PHOTO);
    DepthSource& source = estimator;
    const DecodedFrame decoded = source.decode(jpeg);
    CHECK(decoded.image.width() == EstimatorSource(constant(64)).decode(jpeg).image.width());
    CHECK(decoded.decode_ms > 0);
    CHECK(estimator.decode(jpeg, {}, true).image.width() < decoded.image.width());
    CHECK(error_of([&] {
            estimator.decode(jpeg, {.max_pixels = 10});
          }).starts_with("limit_exceeded decode"));
    const Image small(8, 6);
    const ImageView images[] = {small.view(), small.view()};
    StageTimes times;
    CHECK(source.estimate(images, times).size() == 2);
    CHECK(source.estimate_views(images, times).size() == 2);  // each alone: it has one view
    CHECK(times[Stage::infer] > 0);
    CHECK(fastest_batch(estimator, small.view(), 1) == 1);

    std::promise<int> width;
    {
      StreamHub hub(estimator);
      const auto stream = hub.open();
      stream->offer(
          {jpeg}, {},
          {.done =
               [&](EstimatedFrame&& frame) { width.set_value(frame.views.front().depth.width()); }},
          Clock::now());
      CHECK(width.get_future().get() == 64);
    }
  }

  TEST_CASE("wrong arguments are errors") {
    CHECK(error_of([] { EstimatorSource source(nullptr); }).starts_with("invalid_argument load"));
    CHECK(error_of([] {
            EstimatorSource source(constant(), {.max_pixels = -1});
          }).starts_with("invalid_argument decode"));
    const EstimatorSource bounded(constant(), {.max_pixels = 10});
    CHECK(error_of([&] {
            bounded.decode(read_file(DEPTHCLOUD_SAMPLE_PHOTO));
          }).starts_with("limit_exceeded decode"));
  }
}

}  // namespace depthcloud
