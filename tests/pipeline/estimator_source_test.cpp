// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/depth_source.hpp>
#include <depthcloud/files.hpp>

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
