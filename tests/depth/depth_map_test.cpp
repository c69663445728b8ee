// SPDX-License-Identifier: Apache-2.0
#include "cloud/device_cloud.hpp"
#include "depth/device_depth.hpp"

#include <climits>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "expect_error.hpp"

using depthcloud::DepthInfo;
using depthcloud::DepthMap;
using depthcloud::DepthPlanes;
using depthcloud::Intrinsics;

namespace {

const DepthInfo info{.intrinsics = {2, 2, 1, 1}, .metric = true};

/// Pretends to hold its planes on the first CUDA device.
class RemoteDepth : public depthcloud::DeviceDepth {
 public:
  depthcloud::Device device() const override { return {depthcloud::DeviceKind::cuda, 0}; }
  depthcloud::SharedDepthPlanes to_host() const override {
    const auto plane = std::make_shared<const std::vector<float>>(4, 3.0f);
    return {plane->data(), nullptr, nullptr, plane};
  }
  std::unique_ptr<depthcloud::DeviceCloudBuilder> make_cloud_builder() const override {
    return nullptr;
  }
};

std::vector<float> values(std::span<const float> plane) { return {plane.begin(), plane.end()}; }

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("planes come back as they went in, and copies share them") {
    const DepthMap map(2, 1, {{1, 2}, {0.5f, 0.25f}, {0, 1}}, info);
    const DepthMap copy = map;  // NOLINT(performance-unnecessary-copy-initialization)
    CHECK(copy.depth().data() == map.depth().data());
    CHECK(values(map.depth()) == std::vector<float>{1, 2});
    CHECK(values(map.confidence()) == std::vector<float>{0.5f, 0.25f});
    CHECK(map.sky()[1] == 1);
    CHECK(map.is_metric());
    CHECK(map.view().intrinsics == info.intrinsics);
  }

  TEST_CASE("without a confidence plane confidence is 1 everywhere") {
    const DepthMap map(2, 1, {{1, 2}, {}, {}}, info);
    CHECK(values(map.confidence()) == std::vector<float>{1, 1});
    CHECK(map.sky().empty());
  }

  TEST_CASE("a plane of the wrong size and an impossible camera are refused") {
    const auto make = [](DepthPlanes planes, DepthInfo about) {
      return error_of([&] { DepthMap(2, 1, std::move(planes), about); });
    };
    CHECK(make({{1}, {}, {}}, info).starts_with("invalid_argument"));
    CHECK(contains(make({{1, 2}, {1}, {}}, info), "confidence plane holds 1 values in place of 2"));
    CHECK(make({{1, 2}, {}, {1, 1, 1}}, info).starts_with("invalid_argument"));
    CHECK(contains(make({{1, 2}, {}, {}}, DepthInfo{}), "not a pinhole camera"));
    CHECK(error_of([] { DepthMap(0, 1, DepthPlanes{}, info); }).starts_with("invalid_argument"));
  }

  TEST_CASE("planes on a device are reached through host() only") {
    const DepthMap map = RemoteDepth::wrap(2, 2, std::make_shared<RemoteDepth>(), info);
    CHECK(to_string(map.device()) == "cuda:0");
    CHECK(contains(error_of([&] { map.depth(); }), "lives on cuda:0"));
    CHECK(values(map.host().depth()) == std::vector<float>(4, 3.0f));
    CHECK(to_string(map.host().device()) == "cpu");
    CHECK(map.resized(1, 1).depth()[0] == 3.0f);
  }

  TEST_CASE("resizing interpolates between pixel centres and scales the intrinsics") {
    const DepthMap map(2, 1, {{1, 3}, {0, 1}, {}}, info);
    const DepthMap wide = map.resized(4, 1);
    CHECK(values(wide.depth()) == std::vector<float>{1, 1.5f, 2.5f, 3});
    CHECK(values(wide.confidence()) == std::vector<float>{0, 0.25f, 0.75f, 1});
    CHECK(wide.intrinsics() == Intrinsics{4, 2, 2, 1});
  }

  TEST_CASE("resizing does not mix depth with its absence") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const DepthMap map(2, 1, {{nan, 3}, {}, {1, 0}}, info);
    const DepthMap wide = map.resized(4, 1);
    CHECK(values(wide.depth()) == std::vector<float>{0, 3, 3, 3});
    CHECK(std::vector<int>(wide.sky().begin(), wide.sky().end()) == std::vector<int>{1, 1, 0, 0});
  }

  TEST_CASE("views that cannot be read are refused") {
    const float plane[] = {1};
    CHECK(error_of([&] {
            validate(depthcloud::DepthView{1, 1, plane, nullptr, info.intrinsics});
          }) == "nothing");
    CHECK(error_of([&] {
            validate(depthcloud::DepthView{1, 1, nullptr, nullptr, info.intrinsics});
          }).starts_with("invalid_argument"));
    CHECK(error_of([&] {
            validate(depthcloud::DepthView{1, 1, plane, nullptr, {}});
          }).starts_with("invalid_argument"));
    const auto of_size = [&](int width, int height) {
      return error_of([&] {
        validate(depthcloud::DepthView{width, height, plane, nullptr, info.intrinsics});
      });
    };
    CHECK(of_size(1 << 30, 1 << 15) == "nothing");  // 2^47 bytes, the most
    CHECK(of_size(1 << 30, (1 << 15) + 1) ==
          "invalid_argument cloud: a depth map of 1073741824 x 32769 fits no memory");
    CHECK(of_size(INT_MAX, INT_MAX).ends_with("fits no memory"));
  }

  TEST_CASE(
      "normals: three values a pixel, of length 1 after a resize, 0 where there is no depth") {
    const std::vector<float> normals = {1, 0, 0, 0, 0, -1};
    const DepthMap map(2, 1, {{1, 3}, {}, {}, normals}, info);
    CHECK(values(map.normals()) == normals);
    CHECK(map.view().normals == map.normals().data());
    const DepthMap wide = map.resized(4, 1);
    REQUIRE(wide.normals().size() == 12);
    CHECK(wide.normals()[0] == 1);
    const auto between = wide.normals().subspan(3, 3);
    CHECK(between[0] == doctest::Approx(0.75 / std::hypot(0.75, 0.25)));
    CHECK(between[2] == doctest::Approx(-0.25 / std::hypot(0.75, 0.25)));
    const DepthMap none(2, 1, {{0, 0}, {}, {}, normals}, info);
    CHECK(values(none.resized(1, 1).normals()) == std::vector<float>{0, 0, 0});
    CHECK(DepthMap(2, 1, {{1, 3}, {}, {}}, info).resized(4, 1).normals().empty());
    CHECK(contains(error_of([&] {
                     DepthMap(2, 1, {{1, 3}, {}, {}, {1, 0, 0}}, info);
                   }),
                   "normals plane holds 3 values in place of 6"));
  }
}
