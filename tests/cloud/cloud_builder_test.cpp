// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/cloud_builder.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cloud/device_cloud.hpp"
#include "cloud/oracle.hpp"
#include "cloud/unproject_rows.hpp"
#include "depth/device_depth.hpp"
#include "expect_error.hpp"
#include "simd_targets.hpp"

using depthcloud::Axes;
using depthcloud::CloudBuilder;
using depthcloud::CloudOptions;
using depthcloud::DepthView;
using depthcloud::Image;
using depthcloud::ImageView;
using depthcloud::Intrinsics;
using depthcloud::PixelFormat;
using depthcloud::PointCloud;

namespace {

/// A 4 x 3 frame whose depth is its raster position plus 1 and whose colour is ten times that.
struct Frame {
  std::vector<float> depth;
  std::vector<float> confidence;
  Image image{4, 3};

  Frame() {
    for (int i = 0; i < 12; ++i) {
      depth.push_back(static_cast<float>(i + 1));
      confidence.push_back(static_cast<float>(i) / 10.0f);
      for (int c = 0; c < 3; ++c) {
        image.data()[3 * i + c] = static_cast<std::uint8_t>(10 * (i + 1) + c);
      }
    }
  }
  DepthView view() const {
    return {4, 3, depth.data(), confidence.data(), Intrinsics{2, 4, 1.5, 0.5}};
  }
  /// Depths of the points, which name their pixels.
  std::vector<float> kept(const CloudOptions& options) const {
    const PointCloud cloud = CloudBuilder(options).build(view(), image.view());
    std::vector<float> result;
    for (std::size_t i = 0; i < cloud.size(); ++i) {
      result.push_back(std::fabs(cloud.positions[3 * i + 2]));
    }
    return result;
  }
};

using Depths = std::vector<float>;

}  // namespace

TEST_SUITE("cloud_builder") {
  TEST_CASE("every pixel becomes a point where its ray meets its depth, in raster order") {
    const Frame frame;
    const PointCloud cloud = CloudBuilder().build(frame.view(), frame.image.view());
    REQUIRE(cloud.size() == 12);
    CHECK(cloud.axes == Axes::opencv);
    CHECK(cloud.num_views == 0);
    for (std::size_t i = 0; i < 12; ++i) {
      const float z = static_cast<float>(i + 1);
      CHECK(cloud.positions[3 * i] == doctest::Approx((static_cast<double>(i % 4) - 1.5) * z / 2));
      CHECK(cloud.positions[3 * i + 1] ==
            doctest::Approx((static_cast<double>(i / 4) - 0.5) * z / 4));
      CHECK(cloud.positions[3 * i + 2] == z);
      CHECK(cloud.colors[3 * i] == 10 * (i + 1));
      CHECK(cloud.colors[3 * i + 2] == 10 * (i + 1) + 2);
    }
  }

  TEST_CASE("depth alone gives the same points without colours") {
    const Frame frame;
    for (const int stride : {1, 2}) {
      CloudBuilder builder({.stride = stride, .max_points = 5, .axes = Axes::opengl});
      const PointCloud colored = builder.build(frame.view(), frame.image.view());
      PointCloud plain = builder.build(frame.view());
      CHECK(std::ranges::equal(plain.positions, colored.positions));
      CHECK(plain.colors.size() == 0);
      builder.build(frame.view(), frame.image.view(), plain);
      CHECK(plain.colors.size() == 3 * plain.size());
      builder.build(frame.view(), plain);
      CHECK(plain.colors.size() == 0);
      CHECK(plain.axes == Axes::opengl);
    }
  }

  TEST_CASE("each option has its effect") {
    const Frame frame;
    SUBCASE("stride") {
      CHECK(frame.kept({.stride = 2}) == Depths{1, 3, 9, 11});
      CHECK(frame.kept({.stride = 3}) == Depths{1, 4});
      CHECK(frame.kept({.stride = std::numeric_limits<int>::max()}) == Depths{1});
    }
    SUBCASE("min_confidence keeps its own value") {
      CHECK(frame.kept({.min_confidence = 0.9f}) == Depths{10, 11, 12});
    }
    SUBCASE("confidence_percentile") {
      CHECK(frame.kept({.confidence_percentile = 75}) == Depths{10, 11, 12});
      CHECK(frame.kept({.confidence_percentile = 8}).size() == 12);
      CHECK(frame.kept({.confidence_percentile = 99.99f}) == Depths{12});
      CHECK(frame.kept({.confidence_percentile = 50, .max_depth = 4}) == Depths{3, 4});
    }
    SUBCASE("min_depth and max_depth keep their own values") {
      CHECK(frame.kept({.min_depth = 10}) == Depths{10, 11, 12});
      CHECK(frame.kept({.max_depth = 2}) == Depths{1, 2});
    }
    SUBCASE("edge_threshold") {
      // Pixels below each other differ by 4: more than half of the nearer one up to depth 7.
      CHECK(frame.kept({.edge_threshold = 0.55f}) == Depths{12});
      CHECK(frame.kept({.edge_threshold = 4}).size() == 12);
    }
    SUBCASE("max_points thins evenly") {
      CHECK(frame.kept({.max_points = 3}) == Depths{4, 8, 12});
      CHECK(frame.kept({.max_points = 5}) == Depths{3, 5, 8, 10, 12});
      CHECK(frame.kept({.max_points = 12}).size() == 12);
    }
    SUBCASE("intrinsics") {
      CloudOptions options;
      options.intrinsics = Intrinsics{1, 1, 0, 0};
      const PointCloud cloud = CloudBuilder(options).build(frame.view(), frame.image.view());
      CHECK(cloud.positions[3 * 7] == 3 * 8);
      CHECK(cloud.positions[3 * 7 + 1] == 1 * 8);
    }
    SUBCASE("axes") {
      CloudOptions options;
      for (const Axes axes : {Axes::opengl, Axes::v1, Axes::ros}) {
        PointCloud expected = CloudBuilder().build(frame.view(), frame.image.view());
        convert_axes(expected, axes);
        options.axes = axes;
        const PointCloud cloud = CloudBuilder(options).build(frame.view(), frame.image.view());
        CHECK(cloud.axes == axes);
        CHECK(std::equal(cloud.positions.begin(), cloud.positions.end(), expected.positions.begin(),
                         expected.positions.end()));
      }
    }
  }

  TEST_CASE("equal confidences stay together: a constant one loses nothing to the percentile") {
    Frame frame;
    frame.confidence.assign(12, 1.0f);
    CHECK(frame.kept({.confidence_percentile = 90}).size() == 12);
    frame.confidence[5] = NAN;
    CHECK(frame.kept({.confidence_percentile = 1}).size() == 11);
  }

  TEST_CASE("without a confidence plane it is 1 everywhere") {
    const Frame frame;
    DepthView view = frame.view();
    view.confidence = nullptr;
    const auto size = [&](const CloudOptions& options) {
      return CloudBuilder(options).build(view, frame.image.view()).size();
    };
    CHECK(size({.min_confidence = 1}) == 12);
    CHECK(size({.min_confidence = 1.01f}) == 0);
    CHECK(size({.min_confidence = 1, .confidence_percentile = 50}) == 12);
  }

  TEST_CASE("the colour of an image of another size is that below the pixel's centre") {
    const Frame frame;
    Image image(8, 1, PixelFormat::gray);
    for (int u = 0; u < 8; ++u) image.data()[u] = static_cast<std::uint8_t>(u);
    const PointCloud cloud = CloudBuilder().build(frame.view(), image.view());
    REQUIRE(cloud.size() == 12);
    CHECK(cloud.colors[0] == 1);
    CHECK(cloud.colors[3 * 11 + 2] == 7);
  }

  TEST_CASE("every instruction set agrees with the plain method, whatever the input") {
    on_every_simd_target(depthcloud::unproject_rows_targets(), [] {
      std::mt19937 random(7);
      CloudBuilder builder;
      PointCloud cloud;
      for (int round = 0; round < 600; ++round) {
        const oracle::Scene scene = oracle::random_scene(random);
        CloudOptions options = oracle::random_options(random);
        options.keep_transparent = round % 4 == 0;
        builder.set_options(options);
        builder.build(scene.view(), scene.image, cloud);
        const oracle::Cloud expected = oracle::build(scene.view(), scene.image, options);
        CAPTURE(round);
        CAPTURE(scene.width);
        CAPTURE(scene.height);
        CAPTURE(options.stride.value_or(1));
        REQUIRE(cloud.positions.size() == expected.positions.size());
        REQUIRE(oracle::first_difference(cloud.positions, expected.positions, 1e-6) == -1);
        REQUIRE(std::equal(cloud.colors.begin(), cloud.colors.end(), expected.colors.begin(),
                           expected.colors.end()));
      }
    });
  }

  TEST_CASE("sizes around the width of a vector, all pixels kept") {
    std::mt19937 random(3);
    for (int width = 1; width <= 70; ++width) {
      for (const int stride : {1, 2}) {
        const std::vector<float> depth(static_cast<std::size_t>(2 * width), 2.0f);
        std::vector<std::uint8_t> pixels(static_cast<std::size_t>(6 * width));
        for (auto& byte : pixels) byte = static_cast<std::uint8_t>(random());
        const DepthView view{width, 2, depth.data(), nullptr, Intrinsics{1, 1, 0, 0}};
        const ImageView image{pixels.data(), width, 2, 3 * width, PixelFormat::rgb};
        CloudOptions options;
        options.stride = stride;
        const PointCloud cloud = CloudBuilder(options).build(view, image);
        const oracle::Cloud expected = oracle::build(view, image, options);
        REQUIRE(oracle::first_difference(cloud.positions, expected.positions, 1e-6) == -1);
        REQUIRE(std::equal(cloud.colors.begin(), cloud.colors.end(), expected.colors.begin(),
                           expected.colors.end()));
      }
    }
  }

  TEST_CASE("a cloud that is built into keeps its memory") {
    const Frame frame;
    CloudBuilder builder({.confidence_percentile = 20, .edge_threshold = 4, .max_points = 5});
    PointCloud cloud;
    builder.build(frame.view(), frame.image.view(), cloud);
    const float* const positions = cloud.positions.data();
    const std::uint8_t* const colors = cloud.colors.data();
    const std::size_t capacity = cloud.positions.capacity();
    for (int i = 0; i < 3; ++i) builder.build(frame.view(), frame.image.view(), cloud);
    CHECK(cloud.positions.data() == positions);
    CHECK(cloud.colors.data() == colors);
    CHECK(cloud.positions.capacity() == capacity);
  }

  TEST_CASE("a builder follows a change of size, format and intrinsics") {
    CloudBuilder builder;
    const Frame frame;
    const DepthView wide{12, 1, frame.depth.data(), nullptr, Intrinsics{1, 1, 0, 0}};
    CHECK(builder.build(frame.view(), frame.image.view()).positions[3] == doctest::Approx(-0.5));
    CHECK(builder.build(wide, frame.image.view()).positions[3 * 11] == 11 * 12);
    DepthView view = frame.view();
    view.intrinsics.cx = 0;
    CHECK(builder.build(view, frame.image.view()).positions[3] == doctest::Approx(1.0));
  }

  TEST_CASE("options out of range are refused by name and change nothing") {
    CloudBuilder builder({.stride = 2});
    const auto refused = [&](const char* option, const CloudOptions& options) {
      const std::string error = error_of([&] { builder.set_options(options); });
      CHECK(error.starts_with("invalid_argument cloud: "));
      CHECK(contains(error, option));
      CHECK(error_of([&] { CloudBuilder{options}; }) == error);
    };
    const float inf = std::numeric_limits<float>::infinity();
    refused("stride", {.stride = 0});
    refused("min_confidence", {.min_confidence = -1});
    refused("min_confidence", {.min_confidence = NAN});
    refused("confidence_percentile", {.confidence_percentile = 100});
    refused("confidence_percentile", {.confidence_percentile = NAN});
    refused("min_depth", {.min_depth = -1});
    refused("min_depth", {.min_depth = inf});
    refused("max_depth", {.max_depth = 0});
    refused("max_depth", {.max_depth = NAN});
    refused("max_depth", {.min_depth = 2, .max_depth = 1});
    refused("edge_threshold", {.edge_threshold = -0.1f});
    CloudOptions options;
    options.intrinsics = Intrinsics{0, 1, 0, 0};
    refused("intrinsics", options);
    options = {};
    options.axes = static_cast<Axes>(9);
    refused("axes", options);
    CHECK(builder.options().stride == 2);
  }

  TEST_CASE("views that cannot be read are refused") {
    const Frame frame;
    CloudBuilder builder;
    const ImageView no_image;
    CHECK(error_of([&] { builder.build(frame.view(), no_image); }).starts_with("invalid_argument"));
    CHECK(error_of([&] {
            builder.build(DepthView{}, frame.image.view());
          }).starts_with("invalid_argument"));
    CHECK(error_of([&] {
            builder.build(depthcloud::DepthMap(), frame.image.view());
          }).starts_with("invalid_argument"));
  }

  TEST_CASE("depth of 16 bits is built as its floats, with every filter") {
    const Frame frame;
    std::vector<std::uint16_t> steps;
    std::vector<float> floats;
    for (int i = 0; i < 12; ++i) {
      steps.push_back(i == 5 ? std::uint16_t{0} : static_cast<std::uint16_t>(1000 + 250 * i));
      floats.push_back(static_cast<float>(steps.back() * 0.001));
    }
    const depthcloud::DepthView16 view{.width = 4,
                                       .height = 3,
                                       .depth = steps.data(),
                                       .confidence = frame.confidence.data(),
                                       .intrinsics = frame.view().intrinsics};
    DepthView of_floats = frame.view();
    of_floats.depth = floats.data();
    const CloudOptions all[] = {{},
                                {.stride = 2},
                                {.min_confidence = 0.3f, .min_depth = 1.5f},
                                {.confidence_percentile = 30, .edge_threshold = 0.3f}};
    for (const CloudOptions& options : all) {
      CloudBuilder builder(options);
      const PointCloud a = builder.build(view, frame.image.view());
      const PointCloud b = builder.build(of_floats, frame.image.view());
      CHECK(a.size() > 0);
      CHECK(a.size() < 12);
      CHECK(std::ranges::equal(a.positions, b.positions));
      CHECK(std::ranges::equal(a.colors, b.colors));
      CHECK(std::ranges::equal(builder.build_grid(view, frame.image.view()).depth,
                               builder.build_grid(of_floats, frame.image.view()).depth));
    }
    CHECK(error_of([&] {
            CloudBuilder().build(depthcloud::DepthView16{}, frame.image.view());
          }).starts_with("invalid_argument cloud"));
  }

  TEST_CASE("a depth map in host memory is built as its view") {
    const Frame frame;
    const depthcloud::DepthMap map(4, 3, {frame.depth, frame.confidence, {}},
                                   {.intrinsics = frame.view().intrinsics});
    CloudBuilder builder({.min_confidence = 0.5f});
    const PointCloud a = builder.build(map, frame.image.view());
    const PointCloud b = builder.build(frame.view(), frame.image.view());
    CHECK(a.size() == 7);
    CHECK(std::equal(a.positions.begin(), a.positions.end(), b.positions.begin()));
  }

  TEST_CASE("a depth map of a part of the image takes its colours from there") {
    const Frame frame;  // 4 x 3, of colour 10 (raster position + 1)
    const depthcloud::DepthMap map(2, 1, {{1, 1}, {}, {}},
                                   {.intrinsics = {1, 1, 0, 0}, .region = {0.5, 0.5, 0.5, 0.5}});
    const PointCloud cloud = CloudBuilder().build(map, frame.image.view());
    REQUIRE(cloud.size() == 2);
    CHECK(cloud.colors[0] == 110);  // row 2, columns 2 and 3
    CHECK(cloud.colors[3] == 120);
    const auto grid = CloudBuilder().build_grid(map, frame.image.view());
    CHECK(grid.colors[0] == 110);
    CHECK(grid.colors[3] == 120);
  }

  TEST_CASE("fully transparent pixels give no point unless they are kept") {
    Frame frame;  // depths 1 to 12
    frame.image = depthcloud::Image(4, 3, depthcloud::PixelFormat::rgba);
    std::fill_n(frame.image.data(), 4 * 12, std::uint8_t{1});
    CHECK(frame.kept({}).size() == 12);  // hardly to be seen, and there
    for (const int hidden : {0, 5, 11}) frame.image.data()[4 * hidden + 3] = 0;
    CHECK(frame.kept({}) == Depths{2, 3, 4, 5, 7, 8, 9, 10, 11});
    CHECK(frame.kept({.stride = 2}) == Depths{3, 9, 11});
    CHECK(frame.kept({.confidence_percentile = 75}) == Depths{9, 10, 11});
    CHECK(frame.kept({.keep_transparent = true}).size() == 12);
    const auto grid = CloudBuilder().build_grid(frame.view(), frame.image.view());
    CHECK(grid.num_points == 9);
    CHECK(grid.depth[5] == 0);
    CHECK(CloudBuilder({.keep_transparent = true})
              .build_grid(frame.view(), frame.image.view())
              .num_points == 12);
    // A cut-out has no flying pixels at its edge: nothing is behind it.
    depthcloud::Image cut(4, 1, depthcloud::PixelFormat::bgra);
    std::fill_n(cut.data(), 16, std::uint8_t{255});
    cut.data()[3] = cut.data()[7] = 0;
    const float depth[] = {50, 50, 2, 2};
    const DepthView view{4, 1, depth, nullptr, Intrinsics{1, 1, 0, 0}};
    CHECK(CloudBuilder({.edge_threshold = 0.1f}).build(view, cut.view()).size() == 2);
    CHECK(CloudBuilder({.edge_threshold = 0.1f, .keep_transparent = true})
              .build(view, cut.view())
              .size() == 2);
    CHECK(CloudBuilder({.keep_transparent = true}).build(view, cut.view()).size() == 4);
    // An image of another size: the pixel that gives the colour decides.
    const depthcloud::Image& half = cut;
    const float wide[] = {1, 2, 3, 4, 5, 6, 7, 8};
    const DepthView twice{8, 1, wide, nullptr, Intrinsics{1, 1, 0, 0}};
    CHECK(CloudBuilder().build(twice, half.view()).size() == 4);
  }

  TEST_CASE("a depth map on a device is built there, by one builder for all frames") {
    struct Builder : depthcloud::DeviceCloudBuilder {
      void build(const depthcloud::DepthMap& depth, const ImageView&, const CloudOptions& options,
                 PointCloud& out) override {
        out.positions.resize(static_cast<std::size_t>(3 * depth.width() * *options.stride));
      }
    };
    struct Planes : depthcloud::DeviceDepth {
      mutable int builders = 0;
      depthcloud::Device device() const override { return {depthcloud::DeviceKind::cuda, 1}; }
      depthcloud::SharedDepthPlanes to_host() const override { return {}; }
      std::unique_ptr<depthcloud::DeviceCloudBuilder> make_cloud_builder() const override {
        ++builders;
        return std::make_unique<Builder>();
      }
    };
    const auto planes = std::make_shared<const Planes>();
    const depthcloud::DepthMap map = Planes::wrap(5, 1, planes, {.intrinsics = {1, 1, 0, 0}});
    CloudBuilder builder({.stride = 3});
    const Frame frame;
    for (int i = 0; i < 2; ++i) CHECK(builder.build(map, frame.image.view()).size() == 15);
    CHECK(planes->builders == 1);
    depthcloud::Image opaque(5, 1, depthcloud::PixelFormat::rgba);
    std::fill_n(opaque.data(), 20, std::uint8_t{255});
    CHECK(builder.build(map, opaque.view()).size() == 15);
    CHECK(planes->builders == 1);
    CHECK(error_of([&] { builder.build(map, ImageView{}); }).starts_with("invalid_argument"));
  }

  TEST_CASE("normals are those of the pixels that became points, in the axes of the cloud") {
    const Frame frame;
    std::vector<float> normals;  // of pixel i, whose depth is i + 1: i, 2 i, 3 i
    for (int i = 0; i < 12; ++i) {
      for (int k = 1; k <= 3; ++k) normals.push_back(static_cast<float>(k * i));
    }
    DepthView view = frame.view();
    view.normals = normals.data();
    CloudBuilder builder;
    for (CloudOptions options : {CloudOptions{}, CloudOptions{.stride = 2},
                                 CloudOptions{.min_confidence = 0.4f}, CloudOptions{.max_depth = 7},
                                 CloudOptions{.voxel_size = 3}, CloudOptions{.max_points = 5}}) {
      const std::vector<float> depth_of_points = [&] {
        builder.set_options(options);
        const PointCloud plain = builder.build(view, frame.image.view());
        CHECK(plain.normals.empty());
        std::vector<float> depth;
        for (std::size_t i = 2; i < plain.positions.size(); i += 3) {
          depth.push_back(plain.positions[i]);
        }
        return depth;
      }();
      options.normals = true;
      builder.set_options(options);
      const PointCloud cloud = builder.build(view, frame.image.view());
      REQUIRE(cloud.normals.size() == 3 * depth_of_points.size());
      for (std::size_t i = 0; i < depth_of_points.size(); ++i) {
        CHECK(cloud.normals[3 * i] == depth_of_points[i] - 1);
        CHECK(cloud.normals[3 * i + 2] == 3 * (depth_of_points[i] - 1));
      }
    }
    for (const Axes axes : {Axes::opengl, Axes::v1, Axes::ros}) {
      builder.set_options({.normals = true, .axes = axes});
      const PointCloud cloud = builder.build(view, frame.image.view());
      std::vector<float> expected(normals.size());
      convert_axes(normals, Axes::opencv, axes, expected);
      CHECK(std::equal(expected.begin(), expected.end(), cloud.normals.begin()));
    }
    CHECK(error_of([&] { builder.build(frame.view(), frame.image.view()); }) ==
          "invalid_argument cloud: points are to have normals, but the depth map has none");
  }
}
