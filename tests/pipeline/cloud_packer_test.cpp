// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/cloud_merge.hpp>
#include <depthcloud/cloud_packer.hpp>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

constexpr Extrinsics moved = {1, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0};

DepthMap plane(float metres) {
  return {4, 3, {std::vector<float>(12, metres), {}, {}}, {.intrinsics = {4, 4, 2, 1.5}}};
}

Image gray() {
  Image image(4, 3);
  std::fill_n(image.data(), image.stride() * image.height(), std::uint8_t{128});
  return image;
}

PointCloud cloud_of(const CloudOptions& options, float metres, const Image& image) {
  return CloudBuilder(options).build(plane(metres), image.view());
}

bool same_points(const PointCloud& a, const PointCloud& b) {
  return a.size() == b.size() &&
         std::equal(a.positions.begin(), a.positions.end(), b.positions.begin());
}

}  // namespace

TEST_SUITE("pipeline") {
  TEST_CASE("the points of a view are those of the builder, in the options' axes") {
    const Image image = gray();
    const CloudOptions options{.stride = 2, .axes = Axes::v1};
    CloudPacker packer(options);
    PointCloud cloud;
    StageTimes times;
    packer.build(plane(2), image.view(), times, cloud);
    CHECK(same_points(cloud, cloud_of(options, 2, image)));
    CHECK(cloud.axes == Axes::v1);
  }

  TEST_CASE("views are merged as their clouds would be, thinned together") {
    const Image image = gray();
    const DepthMap near = plane(2);
    const DepthMap far = plane(3);
    const RegisteredView views[] = {{&near, image.view(), {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}},
                                    {&far, image.view(), moved}};
    const PointCloud first = cloud_of({}, 2, image);
    const PointCloud second = cloud_of({}, 3, image);
    const RegisteredCloud clouds[] = {{first.view(), views[0].extrinsics}, {second.view(), moved}};

    CloudPacker packer({.max_points = 10, .axes = Axes::v1});
    PointCloud merged;
    StageTimes times;
    packer.merge(views, times, merged);
    CHECK(same_points(merged, merge(clouds, {.axes = Axes::v1, .max_points = 10})));
    CHECK(merged.num_views == 2);
    CHECK(packer.cloud_options().axes == Axes::v1);
    CHECK(packer.cloud_options().max_points == 10);
  }

  TEST_CASE("a placed view is one view's cloud in the world") {
    const Image image = gray();
    const DepthMap depth = plane(2);
    CloudPacker packer({.max_points = 5});
    PointCloud placed;
    StageTimes times;
    packer.place({&depth, image.view(), moved}, times, placed);
    CHECK(placed.size() <= 5);
    CHECK(placed.num_views == 0);
    CHECK(placed.positions[0] ==
          doctest::Approx(cloud_of({.max_points = 5}, 2, image).positions[0] - 5));
  }

  TEST_CASE("packets of one view contain its camera and whether its unit is the metre") {
    const Image image = gray();
    const Intrinsics known{10, 11, 2, 1.5};
    for (const Encoding encoding : {Encoding::f32, Encoding::q16, Encoding::depth}) {
      CloudPacker packer({.stride = 2}, {.encoding = encoding});
      StageTimes times;
      const depthcloud::DepthMap depth = plane(2);
      Packet packet = unpack(packer.pack(depth, image.view(), {}, times));
      CHECK(packet.is_metric == depth.is_metric());
      CHECK(packet.camera == PacketCamera{depth.width(), depth.height(), depth.intrinsics()});
      packer.set_cloud_options({.intrinsics = known});
      packet = unpack(packer.pack(depth, image.view(), {}, times));
      REQUIRE(packet.camera);
      CHECK(packet.camera->intrinsics == known);
    }
  }

  TEST_CASE("each call adds to the stages that it is, and packets contain them") {
    const Image image = gray();
    for (const Encoding encoding : {Encoding::f32, Encoding::q16, Encoding::depth}) {
      CloudPacker packer({}, {.encoding = encoding});
      StageTimes times;
      times[Stage::decode] = 7;
      times[Stage::cloud] = 1;
      const Packet packet = unpack(packer.pack(plane(2), image.view(), {.frame_id = 3}, times));
      CHECK(packet.encoding == encoding);
      CHECK(packet.cloud.size() == 12);
      CHECK(packer.num_points() == 12);
      CHECK(packet.frame_id == 3);
      REQUIRE(packet.stage_ms);
      CHECK((*packet.stage_ms)[Stage::decode] == 7);
      CHECK((*packet.stage_ms)[Stage::cloud] == doctest::Approx(times[Stage::cloud]));
      CHECK((*packet.stage_ms)[Stage::pack] > 0);
      CHECK((*packet.stage_ms)[Stage::pack] <= times[Stage::pack]);
      CHECK(times[Stage::decode] == 7);
      CHECK(times[Stage::cloud] > 1);
      CHECK(times[Stage::pack] > 0);
      CHECK(times[Stage::infer] == 0);
    }
  }

  TEST_CASE("wrong options change nothing") {
    CHECK(
        error_of([] { CloudPacker packer({.stride = 0}); }).starts_with("invalid_argument cloud"));
    CHECK(error_of([] {
            CloudPacker packer({}, {.jpeg_quality = 0});
          }).starts_with("invalid_argument pack"));
    CloudPacker packer({.stride = 3});
    CHECK(
        error_of([&] { packer.set_cloud_options({.stride = 0}); }).starts_with("invalid_argument"));
    CHECK(error_of([&] {
            packer.set_wire_format({.jpeg_quality = 0});
          }).starts_with("invalid_argument"));
    CHECK(packer.cloud_options().stride == 3);
    CHECK(packer.wire_format().jpeg_quality == WireFormat{}.jpeg_quality);
  }

  TEST_CASE("a view without depth is an error") {
    CloudPacker packer;
    PointCloud out;
    StageTimes times;
    const RegisteredView nothing;
    CHECK(error_of([&] { packer.place(nothing, times, out); }) ==
          "invalid_argument cloud: a registered view has no depth map");
    CHECK(error_of([&] {
            packer.merge({&nothing, 1}, times, out);
          }).starts_with("invalid_argument"));
  }

  TEST_CASE("a view that cannot be read leaves the options as they were") {
    const DepthMap depth = plane(2);
    CloudPacker packer({.max_points = 5});
    PointCloud merged;
    StageTimes times;
    const RegisteredView views[] = {{&depth, {}, moved}};
    CHECK(error_of([&] { packer.merge(views, times, merged); }).starts_with("invalid_argument"));
    CHECK(packer.cloud_options().max_points == 5);
  }
}

}  // namespace depthcloud
