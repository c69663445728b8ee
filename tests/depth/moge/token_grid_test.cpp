// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/token_grid.hpp"

#include <doctest/doctest.h>

using namespace depthcloud;

TEST_SUITE("depth") {
  TEST_CASE("MoGe: a resolution level is a number of tokens") {
    constexpr int published[] = {1200, 1466, 1733, 2000, 2266, 2533, 2800, 3066, 3333, 3600};
    for (int level = 0; level <= 9; ++level) {
      CHECK(tokens_of_level(level, {1200, 3600}) == published[level]);
    }
  }

  TEST_CASE("MoGe: tokens are divided by the shape of the image") {
    CHECK(token_grid(1200, {640, 480}) == Grid{40, 30});
    CHECK(token_grid(2000, {640, 480}) == Grid{52, 39});
    CHECK(token_grid(3600, {640, 480}) == Grid{69, 52});
    CHECK(token_grid(1200, {1920, 1080}) == Grid{46, 26});
    CHECK(token_grid(3600, {1920, 1080}) == Grid{80, 45});
    CHECK(token_grid(3600, {480, 640}) == Grid{52, 69});
    CHECK(token_grid(3600, {518, 518}) == Grid{60, 60});
  }

  TEST_CASE("MoGe: a strip has one row, and no more columns than tokens") {
    CHECK(token_grid(1200, {100'000, 1}) == Grid{1200, 1});
    CHECK(token_grid(1200, {1, 100'000}) == Grid{1, 1200});
    CHECK(token_grid(1, {4, 3}) == Grid{1, 1});
  }

  TEST_CASE("MoGe: the longer side of what the network sees can be stated") {
    CHECK(token_grid(tokens_of_longer_side(560, {640, 480}), {640, 480}) == Grid{40, 30});
    CHECK(token_grid(tokens_of_longer_side(560, {480, 640}), {480, 640}) == Grid{30, 40});
    CHECK(tokens_of_longer_side(1, {640, 480}) == 1);
  }

  TEST_CASE("MoGe: the map has the size of the image, up to 16 million pixels") {
    CHECK(moge_map_size({4000, 3000}) == Grid{4000, 3000});
    CHECK(moge_map_size({8000, 6000}) == Grid{4618, 3464});
    const Grid strip = moge_map_size({1, 100'000'000});
    CHECK(strip.width == 1);
    CHECK(strip.height == 16'000'000);
  }

  TEST_CASE("MoGe: pixel centres are symmetric") {
    const std::vector<float> centres = pixel_centres(4, 0.8);
    CHECK(centres == std::vector<float>{-0.6F, centres[1], -centres[1], 0.6F});
    CHECK(centres[1] == doctest::Approx(-0.2));
    CHECK(pixel_centres(1, 0.8) == std::vector<float>{0.0F});
  }
}
