// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <depthcloud/depth_source.hpp>

#include "expect_error.hpp"

namespace depthcloud {

TEST_SUITE("depth") {
  TEST_CASE("constant depth is a metric plane on the image's grid, at most 504 pixels long") {
    ConstantDepth source(ConstantPlane::parse("constant:2.5"));
    const Image small(8, 6), large(640, 480), thin(1000, 1);
    const ImageView images[] = {small.view(), large.view(), thin.view()};
    StageTimes times;
    const auto maps = source.estimate(images, times);
    CHECK(maps[0].width() == 8);
    CHECK(maps[1].width() == 504);
    CHECK(maps[1].height() == 378);
    CHECK(maps[2].width() == 504);
    CHECK(maps[2].height() == 1);
    CHECK(maps[1].depth().back() == 2.5f);
    CHECK(maps[0].is_metric());
    CHECK(maps[0].info().intrinsics_source == IntrinsicsSource::default_fov);
  }

  TEST_CASE("a call of constant depth takes its time, however many images it has") {
    ConstantDepth source(ConstantPlane::parse("constant:3,20"));
    const Image image(8, 6);
    const ImageView images[] = {image.view(), image.view()};
    StageTimes times;
    CHECK(source.estimate(images, times)[1].depth()[0] == 3.0f);
    CHECK(times[Stage::infer] >= 20.0);
    CHECK(error_of([&] { source.decode({}); }).find(" decode: ") != std::string::npos);
  }

  TEST_CASE("the name of a constant plane is parsed strictly") {
    CHECK(ConstantPlane::parse("constant").metres == 1);
    CHECK(ConstantPlane::parse("constant:1e1,5").delay_ms == 5);
    CHECK(ConstantPlane::named_by("constant:what"));
    CHECK_FALSE(ConstantPlane::named_by("constants"));
    for (const char* source : {"",
                               "constants",
                               "constant:",
                               "constant:,",
                               "constant:,5",
                               "constant:1,",
                               "constant:1,2,3",
                               "constant:0",
                               "constant:-1",
                               "constant:nan",
                               "constant:inf",
                               "constant:1e300",
                               "constant: 1",
                               "constant:1 ",
                               "constant:1m",
                               "constant:1,-1",
                               "constant:1,60001",
                               "constant:1,x",
                               "constant:1, 2",
                               "constant:1,nan"}) {
      CAPTURE(source);
      const std::string error = error_of([&] { ConstantPlane::parse(source); });
      CHECK(error.starts_with("invalid_argument load: "));
      CHECK(contains(error, source));
    }
  }
}

}  // namespace depthcloud
