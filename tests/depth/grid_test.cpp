// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "depth/grid.hpp"

using depthcloud::Grid;
using depthcloud::reduced_grid;

TEST_SUITE("depth") {
  TEST_CASE("the grid keeps the aspect and bounds the longer side") {
    CHECK(reduced_grid(640, 480, 504) == Grid{504, 378});
    CHECK(reduced_grid(480, 640, 504) == Grid{378, 504});
    CHECK(reduced_grid(1920, 1080, 504) == Grid{504, 284});
    CHECK(reduced_grid(504, 504, 504) == Grid{504, 504});
  }

  TEST_CASE("the grid is never larger than the image, nor empty") {
    CHECK(reduced_grid(1, 1, 504) == Grid{1, 1});
    CHECK(reduced_grid(3, 2, 504) == Grid{3, 2});
    CHECK(reduced_grid(10000, 1, 504) == Grid{504, 1});
    CHECK(reduced_grid(1, 10000, 504) == Grid{1, 504});
    CHECK(reduced_grid(100, 1, 1) == Grid{1, 1});
  }

  TEST_CASE("sides are multiples where the image is large enough for one") {
    CHECK(reduced_grid(640, 480, 504, 14) == Grid{504, 378});
    CHECK(reduced_grid(1920, 1080, 504, 14) == Grid{504, 280});
    CHECK(reduced_grid(1920, 1080, 500, 14) == Grid{504, 280});
    CHECK(reduced_grid(500, 500, 504, 14) == Grid{490, 490});
    CHECK(reduced_grid(1000, 20, 504, 14) == Grid{504, 14});
    CHECK(reduced_grid(1000, 13, 504, 14) == Grid{504, 7});
    CHECK(reduced_grid(3, 2, 504, 14) == Grid{3, 2});
  }
}
