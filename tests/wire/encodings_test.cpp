// SPDX-License-Identifier: Apache-2.0
// What each encoding gives back, within its error bound, over every option.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/wire.hpp>

#include "enum_names.hpp"
#include "expect_error.hpp"

using depthcloud::Axes;
using depthcloud::DepthGrid;
using depthcloud::Encoding;
using depthcloud::GridColors;
using depthcloud::Packet;
using depthcloud::PointCloud;
using depthcloud::WireFormat;

namespace {

constexpr int width = 67;
constexpr int height = 45;
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

/// A rolling surface with a step in it, noise, and pixels without depth; a smooth photo.
struct Scene {
  std::vector<float> depth;
  std::vector<float> confidence;
  std::vector<std::uint8_t> rgb;

  explicit Scene(float noise = 0.001f, bool holes = true) {
    std::mt19937 random(7);
    std::normal_distribution<float> gauss(0, noise);
    for (int v = 0; v < height; ++v) {
      for (int u = 0; u < width; ++u) {
        const float near = u > 20 && u < 40 && v > 10 ? 0.5f : 1.0f;
        depth.push_back(near * (3 + std::sin(0.1f * static_cast<float>(u + 2 * v))) *
                        (1 + gauss(random)));
        confidence.push_back(static_cast<float>((u + v) % 10));
        for (const int value : {u * 3, v * 5, 128}) rgb.push_back(static_cast<std::uint8_t>(value));
      }
    }
    if (!holes) return;
    const float none[] = {0.0f, -1.0f, not_a_number, infinity, -infinity};
    for (std::size_t i = 0; i < depth.size(); i += 13) depth[i] = none[i % 5];
    std::fill_n(depth.begin() + 600, 300, 0.0f);
    depth.front() = depth.back() = 0;
  }

  depthcloud::DepthView depth_view() const {
    return {.width = width,
            .height = height,
            .depth = depth.data(),
            .confidence = confidence.data(),
            .intrinsics = {.fx = 60, .fy = 61, .cx = 33.2, .cy = 22.1}};
  }
  depthcloud::ImageView image() const {
    return {.data = rgb.data(), .width = width, .height = height, .stride = 3 * width};
  }
};

Packet sent(const DepthGrid& grid, const WireFormat& format) {
  return depthcloud::unpack(depthcloud::pack(grid, {.format = format}));
}

Packet sent(const PointCloud& cloud, const WireFormat& format) {
  return depthcloud::unpack(depthcloud::pack(cloud.view(), {.format = format}));
}

/// The greatest |a - b| / |b| of the coordinates.
double relative_difference(const PointCloud& a, const PointCloud& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (std::size_t i = 0; i < a.positions.size(); ++i) {
    const double exact = b.positions[i];
    if (exact == 0) {
      CHECK(a.positions[i] == 0);
    } else {
      worst = std::max(worst, std::fabs(a.positions[i] - exact) / std::fabs(exact));
    }
  }
  return worst;
}

int color_difference(const PointCloud& a, const PointCloud& b) {
  REQUIRE(a.colors.size() == b.colors.size());
  int worst = 0;
  for (std::size_t i = 0; i < a.colors.size(); ++i) {
    worst = std::max(worst, std::abs(int{a.colors[i]} - int{b.colors[i]}));
  }
  return worst;
}

std::string format_error(const WireFormat& format) {
  return error_of([&] { depthcloud::validate(format); });
}

}  // namespace

TEST_SUITE("wire") {
  TEST_CASE("depth: a restored cloud has the built cloud's points, whatever the filters") {
    const Scene scene;
    const depthcloud::CloudOptions options[] = {
        {},
        {.stride = 2},
        {.stride = 3, .max_depth = 3.5f},
        {.min_confidence = 4},
        {.confidence_percentile = 35, .min_depth = 1.9f},
        {.edge_threshold = 0.05f},
        {.max_points = 777},
        {.max_points = 1},
        {.stride = 5, .intrinsics = depthcloud::Intrinsics{80, 70, 30, 20}},
        {.min_depth = 100},
        {.stride = 1000},
    };
    for (depthcloud::CloudOptions option : options) {
      option.axes = Axes::v1;
      depthcloud::CloudBuilder builder(option);
      const PointCloud built = builder.build(scene.depth_view(), scene.image());
      const DepthGrid grid = builder.build_grid(scene.depth_view(), scene.image());
      CAPTURE(built.size());
      CHECK(grid.num_points == built.size());
      const PointCloud unprojected = depthcloud::unproject(grid, Axes::v1);
      CHECK(relative_difference(unprojected, built) == 0);
      CHECK(color_difference(unprojected, built) == 0);

      const Packet packet = sent(grid, {.encoding = Encoding::depth});
      CHECK(packet.encoding == Encoding::depth);
      CHECK(packet.cloud.axes == Axes::v1);
      CHECK(relative_difference(packet.cloud, built) <= 0.001);
      CHECK(color_difference(packet.cloud, built) <= 30);
      REQUIRE(packet.grid);
      CHECK(packet.grid->num_points == built.size());
      CHECK(packet.grid->stride == option.stride.value_or(1));
      CHECK(packet.grid->intrinsics == grid.intrinsics);
    }
  }

  TEST_CASE("depth: the error stays within each bound, and a looser one takes fewer bytes") {
    const Scene scene(0.002f);
    depthcloud::CloudBuilder builder;
    const DepthGrid grid = builder.build_grid(scene.depth_view(), scene.image());
    std::size_t last_size = std::numeric_limits<std::size_t>::max();
    for (const double bound : {0.0001, 0.0003, 0.001, 0.01, 0.1}) {
      CAPTURE(bound);
      const WireFormat format{.encoding = Encoding::depth, .relative_error = bound};
      const auto bytes = depthcloud::pack(grid, {.format = format});
      const auto packet = depthcloud::unpack(bytes);
      double worst = 0;
      for (std::size_t i = 0; i < grid.depth.size(); ++i) {
        const double z = grid.depth[i];
        const double restored = packet.grid->depth[i];
        if (z == 0) {
          CHECK(restored == 0);
        } else {
          worst = std::max(worst, std::fabs(restored - z) / z);
        }
      }
      CHECK(worst <= bound);
      CHECK(worst > bound / 2);
      CHECK(bytes.size() < last_size);
      last_size = bytes.size();
    }
  }

  TEST_CASE("depth: extreme depths keep the bound") {
    std::mt19937 random(3);
    for (const double octaves : {0.0, 1e-6, 0.01, 3.0, 17.0}) {
      for (const double nearest : {1e-38, 1e-3, 1.0, 5000.0, 1e30}) {
        DepthGrid grid{.width = 61, .height = 33, .intrinsics = {50, 50, 30, 15}};
        grid.depth.resize(grid.size());
        std::uniform_real_distribution<double> exponent(0, octaves + 1e-12);
        for (float& z : grid.depth) z = static_cast<float>(nearest * std::exp2(exponent(random)));
        const Packet packet = sent(grid, {Encoding::depth, 0.0001, GridColors::client});
        double worst = 0;
        for (std::size_t i = 0; i < grid.depth.size(); ++i) {
          const double z = grid.depth[i];
          worst = std::max(worst, std::fabs(packet.grid->depth[i] - z) / z);
        }
        CAPTURE(octaves);
        CAPTURE(nearest);
        CHECK(worst <= 0.0001);
      }
    }
  }

  TEST_CASE("depth: depths too far apart are refused") {
    DepthGrid grid{.width = 2, .height = 1, .intrinsics = {1, 1, 0, 0}};
    grid.depth.resize(2);
    const auto error = [&](float near, float far, double bound) {
      grid.depth[0] = near;
      grid.depth[1] = far;
      return error_of([&] { sent(grid, {Encoding::depth, bound, GridColors::client}); });
    };
    CHECK(error(1, 100'000, 0.0001) == "nothing");
    CHECK(error(1, 1'000'000, 0.0001).starts_with("limit_exceeded pack"));
    CHECK(error(1e-10f, 1e10f, 0.001) == "nothing");
    CHECK(error(1e-30f, 1e30f, 0.1).starts_with("limit_exceeded pack"));
  }

  TEST_CASE("depth: colours of the client") {
    const Scene scene;
    depthcloud::CloudBuilder builder;
    const PointCloud built = builder.build(scene.depth_view(), scene.image());
    const DepthGrid grid = builder.build_grid(scene.depth_view(), scene.image());
    Packet packet = sent(grid, {.encoding = Encoding::depth, .colors = GridColors::client});
    REQUIRE(packet.grid);
    CHECK(packet.grid->colors.empty());
    CHECK(std::ranges::count(packet.cloud.colors, 255) ==
          static_cast<std::ptrdiff_t>(packet.cloud.colors.size()));
    set_colors(*packet.grid, scene.image());
    CHECK(color_difference(depthcloud::unproject(*packet.grid), built) == 0);

    DepthGrid colorless = grid;
    colorless.colors.resize(0);
    CHECK(error_of([&] {
            sent(colorless, {.encoding = Encoding::depth});
          }).starts_with("invalid_argument pack: the grid has no colours"));
  }

  TEST_CASE("depth: a better JPEG takes more bytes and is closer") {
    const Scene scene;
    depthcloud::CloudBuilder builder;
    const PointCloud built = builder.build(scene.depth_view(), scene.image());
    const DepthGrid grid = builder.build_grid(scene.depth_view(), scene.image());
    const auto with_quality = [&](int quality) {
      return depthcloud::pack(grid,
                              {.format = {.encoding = Encoding::depth, .jpeg_quality = quality}});
    };
    CHECK(with_quality(95).size() > with_quality(30).size());
    CHECK(color_difference(depthcloud::unpack(with_quality(95)).cloud, built) <
          color_difference(depthcloud::unpack(with_quality(30)).cloud, built));
  }

  TEST_CASE("q16: off by at most half its scale, 9 bytes a point") {
    const Scene scene;
    for (const Axes axes : {Axes::opencv, Axes::opengl, Axes::v1, Axes::ros}) {
      depthcloud::CloudBuilder builder({.axes = axes});
      const PointCloud built = builder.build(scene.depth_view(), scene.image());
      const auto bytes = depthcloud::pack(built.view(), {.format = {.encoding = Encoding::q16}});
      const auto plain = depthcloud::pack(built.view());
      CHECK(bytes.size() - 9 * built.size() <= plain.size() - 15 * built.size() + 64);
      const Packet packet = depthcloud::unpack(bytes);
      PointCloud exact = built;
      convert_axes(exact, Axes::v1);
      double low = infinity, high = -infinity, worst = 0;
      for (std::size_t i = 0; i < exact.positions.size(); ++i) {
        low = std::min(low, double{exact.positions[i]});
        high = std::max(high, double{exact.positions[i]});
        worst = std::max(worst, std::fabs(double{packet.cloud.positions[i]} - exact.positions[i]));
      }
      // The longest side has at least 65,534 steps less one; float32 rounds what is read.
      CHECK(worst <= 0.5 * (high - low) / 65532 + 3e-7);
      CHECK(packet.encoding == Encoding::q16);
      CHECK(color_difference(packet.cloud, exact) == 0);
    }
  }

  TEST_CASE("q16: any box") {
    std::mt19937 random(5);
    for (const double size : {0.0, 1e-30, 1e-3, 1.0, 1e6, 1e38}) {
      for (const double middle : {0.0, 1.0, -1e5}) {
        PointCloud cloud;
        cloud.positions.resize(3 * 100);
        cloud.colors.resize(3 * 100);
        std::uniform_real_distribution<double> side(-1, 1);
        float largest = 0;
        for (float& x : cloud.positions) {
          x = static_cast<float>(middle + size * side(random));
          largest = std::max(largest, std::fabs(x));
        }
        const Packet packet = sent(cloud, {.encoding = Encoding::q16});
        convert_axes(cloud, Axes::v1);
        double worst = 0;
        for (std::size_t i = 0; i < cloud.positions.size(); ++i) {
          worst =
              std::max(worst, std::fabs(double{packet.cloud.positions[i]} - cloud.positions[i]));
        }
        CAPTURE(size);
        CAPTURE(middle);
        CHECK(worst <= std::max({size / 65532, largest * 0x1p-22, 1e-30}));
      }
    }
    CHECK(sent(PointCloud(), {.encoding = Encoding::q16}).cloud.empty());
  }

  TEST_CASE("q16: a coordinate that is not finite is refused, wherever it stands") {
    for (const float bad : {not_a_number, infinity, -infinity}) {
      for (std::size_t i = 0; i < 300; i += 7) {
        PointCloud cloud;
        cloud.positions.resize(300);
        cloud.colors.resize(300);
        std::fill(cloud.positions.begin(), cloud.positions.end(), 1.0f);
        cloud.positions[i] = bad;
        CHECK(error_of([&] {
                sent(cloud, {.encoding = Encoding::q16});
              }).starts_with("invalid_argument pack: q16"));
      }
    }
  }

  TEST_CASE("a grid goes out in every encoding, a cloud in those that need no grid") {
    const Scene scene;
    depthcloud::CloudBuilder builder;
    const PointCloud built = builder.build(scene.depth_view(), scene.image());
    const DepthGrid grid = builder.build_grid(scene.depth_view(), scene.image());
    const depthcloud::WireOptions plain{.timestamp = {}};
    depthcloud::WireOptions with_camera = plain;
    with_camera.camera = {grid.width, grid.height, grid.intrinsics};
    CHECK(depthcloud::pack(grid, plain) == depthcloud::pack(built.view(), with_camera));
    CHECK(sent(grid, {.encoding = Encoding::q16}).cloud.size() == built.size());
    CHECK(error_of([&] {
            sent(built, {.encoding = Encoding::depth});
          }).starts_with("invalid_argument pack: a cloud has lost the grid"));
    DepthGrid broken = grid;
    broken.height += 1;
    CHECK(error_of([&] {
            sent(broken, {.encoding = Encoding::depth});
          }).starts_with("invalid_argument cloud: a depth grid"));
  }

  TEST_CASE("wire format: options out of range, names") {
    CHECK(format_error({}) == "nothing");
    for (const double bad : {0.0, 0.00009, 0.11, -1.0, std::nan("")}) {
      CHECK(format_error({.relative_error = bad})
                .starts_with("invalid_argument pack: relative_error"));
    }
    for (const int bad : {0, -1, 101}) {
      CHECK(format_error({.jpeg_quality = bad}).starts_with("invalid_argument pack: jpeg_quality"));
    }
    CHECK(format_error({.encoding = static_cast<Encoding>(9)}).starts_with("invalid_argument"));
    CHECK(format_error({.colors = static_cast<GridColors>(9)}).starts_with("invalid_argument"));
    check_names(depthcloud::parse_encoding, depthcloud::encoding_names(),
                {Encoding::f32, Encoding::q16, Encoding::depth});
    check_names(depthcloud::parse_grid_colors, depthcloud::grid_colors_names(),
                {GridColors::jpeg, GridColors::client});
    CHECK(error_of([] { depthcloud::parse_encoding("png"); }).starts_with("invalid_argument pack"));
    CHECK(error_of([] { depthcloud::parse_grid_colors(""); }).starts_with("invalid_argument pack"));
  }
}
