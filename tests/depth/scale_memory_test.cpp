// SPDX-License-Identifier: Apache-2.0
#include "depth/scale_memory.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "depth/flat_image.hpp"

using depthcloud::DepthMap;
using depthcloud::FrameSketch;
using depthcloud::Image;
using depthcloud::PixelFormat;
using depthcloud::scale_between;
using depthcloud::ScaleMemory;
using depthcloud::sketch;

namespace {

constexpr int width = 64, height = 48;

/// A picture with texture, another one for each seed.
Image picture(unsigned seed, PixelFormat format = PixelFormat::rgb) {
  Image image = flat_image(width, height, 0, format);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto cell = static_cast<unsigned>((y / 8) * 8 + x / 8) * 2654435761U + seed * 40503U;
      const auto level = static_cast<std::uint8_t>((cell ^ cell >> 13) * 2246822519U >> 24);
      for (int c = 0; c < channels(format); ++c) {
        image.data()[y * image.stride() + x * channels(format) + c] = level;
      }
    }
  }
  return image;
}

/// A room in this unit: from 1 m on the left to 5 m on the right.
DepthMap room(double metres_of_unit, double far = 5) {
  depthcloud::DepthPlanes planes;
  for (int i = 0; i < width * height; ++i) {
    planes.depth.push_back(
        static_cast<float>((1 + (far - 1) * (i % width) / (width - 1)) / metres_of_unit));
  }
  return {width, height, std::move(planes), {.intrinsics = {50, 50, 32, 24}}};
}

FrameSketch frame(double metres_of_unit, unsigned seed = 1) {
  const Image image = picture(seed);
  return sketch(room(metres_of_unit), image.view());
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("scale memory: the unit of a frame follows from the one before") {
    const auto scale = scale_between(frame(1), frame(2));
    REQUIRE(scale);
    CHECK(*scale == doctest::Approx(2));
    CHECK(*scale_between(frame(0.5), frame(4)) == doctest::Approx(8));
  }

  TEST_CASE("scale memory: part of the picture may have moved") {
    FrameSketch now = frame(2);
    for (std::size_t i = 0; i < now.depth.size(); i += 6) now.depth[i] = 0.3F;
    CHECK(*scale_between(frame(1), now) == doctest::Approx(2));
    for (std::size_t i = 0; i < now.depth.size(); i += 4) now.depth[i] = 0.3F;
    CHECK_FALSE(scale_between(frame(1), now));
  }

  TEST_CASE("scale memory: what does not show the same has no scale") {
    const Image image = picture(1);
    CHECK_FALSE(scale_between(frame(1), frame(2, 7)));  // another picture
    CHECK_FALSE(scale_between(frame(1), sketch(room(2, 30), image.view())));
    const Image wall = flat_image(width, height);  // no texture: any wall looks like it
    CHECK_FALSE(scale_between(sketch(room(1), wall.view()), sketch(room(2), wall.view())));
    FrameSketch empty = frame(2);
    std::fill(empty.depth.begin() + 100, empty.depth.end(), 0.0F);
    CHECK_FALSE(scale_between(frame(1), empty));
    FrameSketch other_grid = frame(2);
    other_grid.width = 7;
    CHECK_FALSE(scale_between(frame(1), other_grid));
  }

  TEST_CASE("scale memory: every order of samples is read") {
    const Image rgb = picture(3);
    for (const PixelFormat format : {PixelFormat::bgra, PixelFormat::gray}) {
      const Image image = picture(3, format);
      CHECK(sketch(room(1), image.view()).light == sketch(room(1), rgb.view()).light);
    }
  }

  TEST_CASE("scale memory: a scale is carried interval - 1 times") {
    ScaleMemory memory(3);
    CHECK_FALSE(memory.carry(frame(1)));
    memory.keep(frame(1), 2);
    CHECK(*memory.carry(frame(2)) == doctest::Approx(4));  // twice the unit
    CHECK(*memory.carry(frame(0.5)) == doctest::Approx(1));
    CHECK_FALSE(memory.carry(frame(1)));
    memory.keep(frame(1), 2.5);  // found anew
    CHECK(*memory.carry(frame(1)) == doctest::Approx(2.5));
    ScaleMemory each(1);
    each.keep(frame(1), 2);
    CHECK_FALSE(each.carry(frame(1)));
  }

  TEST_CASE("scale memory: cameras that take turns keep their own scales") {
    ScaleMemory memory(100);
    for (unsigned camera = 1; camera <= 8; ++camera) memory.keep(frame(1, camera), camera);
    for (int round = 0; round < 3; ++round) {
      for (unsigned camera = 1; camera <= 8; ++camera) {
        const auto scale = memory.carry(frame(2, camera));
        REQUIRE(scale);
        CHECK(*scale == doctest::Approx(2 * camera));
      }
    }
    memory.keep(frame(1, 9), 9);  // one more: the one that waited longest is forgotten
    CHECK_FALSE(memory.carry(frame(1, 1)));
    CHECK(memory.carry(frame(1, 2)));
  }
}
