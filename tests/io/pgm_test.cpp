// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/depth_file.hpp>

#include "expect_error.hpp"

namespace {

depthcloud::Plane read(const std::string& text, const depthcloud::DepthFileOptions& options) {
  return depthcloud::read_depth(std::vector<std::uint8_t>(text.begin(), text.end()), options);
}

std::string read_error(const std::string& text, const depthcloud::DepthFileOptions& options = {}) {
  return error_of([&] { read(text, options); });
}

const depthcloud::DepthFileOptions as_it_is{.scale = 1.0};

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("pgm: 16 bits are big-endian, 8 bits are one byte") {
    const std::string two("\x01\x00\x00\x07", 4);
    for (const std::string header :
         {"P5\n2 1\n65535\n", "P5 2 1 300 ", "P5\n# made by\n2 1\n4000\n"}) {
      const auto plane = read(header + two, as_it_is);
      CHECK(plane.width == 2);
      CHECK(plane.height == 1);
      CHECK(plane.values == std::vector<float>{256, 7});
    }
    CHECK(read("P5\n1 2\n255\n\xFF\x07", as_it_is).values == std::vector<float>{255, 7});
  }

  TEST_CASE("pgm: as text") {
    CHECK(read("P2\n3 2\n1000\n1 2 3\n# half\n4 1000 6\n", {}).values ==
          std::vector<float>{0.001f, 0.002f, 0.003f, 0.004f, 1.0f, 0.006f});
    CHECK(read("P2 1 1 9 9", as_it_is).values == std::vector<float>{9});
  }

  TEST_CASE("pgm: what is not read") {
    for (const char* text :
         {"P5\n", "P5\n2", "P5\n2 1", "P5\n2 1\n0\n", "P5\n2 1\n65536\n", "P5\n2 1\n65535\nabc",
          "P5\n2 1\n65535\nabcde", "P5\n2 x\n65535\nabcd", "P5\n0 1\n255\n", "P2\n2 1\n999\n1",
          "P2\n2 1\n999\n1 2 3", "P2\n2 1\n999\n1 1000", "P2\n2 1\n999\n1 -2",
          "P2\n4000 4000\n999\n1 2"}) {
      CAPTURE(text);
      CHECK(read_error(text, as_it_is).starts_with("corrupt_data file"));
    }
    CHECK(read_error("P5\n2 1\n4000\n\x0f\xa0\x0f\xa1") ==
          "corrupt_data file: PGM: a value of 4001 above the largest, 4000");
    CHECK(read_error("P5\n2 1\n7\n\x07\x08", as_it_is) ==
          "corrupt_data file: PGM: a value of 8 above the largest, 7");
    CHECK(contains(read_error("P2\n64 48\n65535\n1 2 x -4 70000"), "'x' in the place of a whole"));
    CHECK(contains(read_error("P2\n4000 4000\n999\n1 2"), "truncated"));
    CHECK(read_error("P5\n99999 99999\n65535\n").starts_with("limit_exceeded file"));
    CHECK(read_error("P2\n2 1\n999\n1 2", {.max_pixels = 1}).starts_with("limit_exceeded file"));
    CHECK(read_error("P6\n1 1\n255\nabc").starts_with("unsupported file"));
  }
}
