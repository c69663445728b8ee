// SPDX-License-Identifier: Apache-2.0
#include "cloud/unproject_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "simd_targets.hpp"
#include "special_floats.hpp"

using depthcloud::KeepRange;
using depthcloud::max_lanes;
using depthcloud::SampledRows;

namespace {

struct Points {
  std::vector<float> positions;
  std::vector<std::uint8_t> colors;
};

Points plainly_unprojected(const SampledRows& in, const KeepRange& keep) {
  Points points;
  for (int v = 0; v < in.rows; ++v) {
    for (int u = 0; u < in.columns; ++u) {
      const std::ptrdiff_t sample = v * in.pitch + u * std::ptrdiff_t{in.step};
      const float z = in.depth[sample];
      if (!(z >= keep.min_depth && z <= keep.max_depth)) continue;
      if (in.confidence != nullptr && !(in.confidence[sample] >= keep.min_confidence)) continue;
      const float xyz[] = {in.ray_x[u] * z, in.ray_y[v] * z, in.sign_z * z};
      points.positions.insert(points.positions.end(), xyz, xyz + 3);
      const std::uint8_t* const pixel =
          in.colors + v * in.color_pitch + u * std::ptrdiff_t{in.step} * in.color_bytes;
      const int red = in.blue_first ? 2 : 0;
      points.colors.insert(points.colors.end(), {pixel[red], pixel[1], pixel[2 - red]});
    }
  }
  return points;
}

Points unprojected(const SampledRows& in, const KeepRange& keep) {
  const auto room = static_cast<std::size_t>(in.columns * in.rows + max_lanes);
  Points points{std::vector<float>(3 * room), std::vector<std::uint8_t>(4 * room)};
  const std::size_t count =
      depthcloud::unproject_rows(in, keep, {points.positions.data(), points.colors.data()});
  points.positions.resize(3 * count);
  points.colors.resize(3 * count);
  return points;
}

}  // namespace

TEST_SUITE("cloud") {
  TEST_CASE("unproject_rows: every target has the plain method's bits") {
    using Limits = std::numeric_limits<float>;
    const KeepRange ranges[] = {{Limits::denorm_min(), Limits::max(), 0.0f},
                                {0.1f, 0.8f, 0.3f},
                                {Limits::min(), 0.5f, -Limits::infinity()},
                                {2.0f, 3.0f, 0.0f}};
    on_every_simd_target(depthcloud::unproject_rows_targets(), [&] {
      std::mt19937 random(4);
      for (int columns = 0; columns <= 2 * 16 + 3; ++columns) {
        for (unsigned variant = 0; variant < 16; ++variant) {
          CAPTURE(columns);
          CAPTURE(variant);
          SampledRows in;
          in.columns = columns;
          in.rows = 3;
          in.step = variant & 1 ? 2 : 1;
          in.color_bytes = variant & 2 ? 4 : 3;
          in.blue_first = (variant & 4) != 0;
          in.sign_z = variant & 8 ? -1.0f : 1.0f;
          in.pitch = columns * in.step + 1;  // rows begin anywhere
          in.color_pitch = in.pitch * in.color_bytes + 1;
          const auto samples = static_cast<std::size_t>(in.pitch * in.rows + 2 * max_lanes);
          const auto depth = mixed_floats(samples, random);
          const auto confidence = mixed_floats(samples, random);
          auto ray_x = mixed_floats(static_cast<std::size_t>(columns + max_lanes), random);
          const auto ray_y = mixed_floats(3, random);
          std::vector<std::uint8_t> colors(samples * 4 + 4);
          for (auto& byte : colors) byte = static_cast<std::uint8_t>(random());
          in.depth = depth.data();
          in.confidence = random() % 3 == 0 ? nullptr : confidence.data();
          in.colors = colors.data();
          in.ray_x = ray_x.data();
          in.ray_y = ray_y.data();
          for (const KeepRange& keep : ranges) {
            const Points expected = plainly_unprojected(in, keep);
            const Points points = unprojected(in, keep);
            REQUIRE(first_difference(points.positions, expected.positions) == -1);
            REQUIRE(points.colors == expected.colors);
          }
        }
      }
    });
  }
}
