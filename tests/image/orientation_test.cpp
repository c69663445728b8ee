// SPDX-License-Identifier: Apache-2.0
#include "image/orientation.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

using depthcloud::Image;
using depthcloud::Orientation;
using depthcloud::PixelFormat;

TEST_SUITE("image") {
  TEST_CASE("put_upright turns a 3 x 2 image as the EXIF specification pictures it") {
    const std::vector<std::uint8_t> stored = {1, 2, 3,  //
                                              4, 5, 6};
    const std::array<std::vector<std::uint8_t>, 8> upright = {{
        {1, 2, 3, 4, 5, 6},  // 3 x 2
        {3, 2, 1, 6, 5, 4},
        {6, 5, 4, 3, 2, 1},
        {4, 5, 6, 1, 2, 3},
        {1, 4, 2, 5, 3, 6},  // 2 x 3
        {4, 1, 5, 2, 6, 3},
        {6, 3, 5, 2, 4, 1},
        {3, 6, 2, 5, 1, 4},
    }};
    for (int value = 1; value <= 8; ++value) {
      CAPTURE(value);
      const auto orientation = static_cast<Orientation>(value);
      const bool swapped = swaps_axes(orientation);
      CHECK(swapped == (value >= 5));
      Image out(swapped ? 2 : 3, swapped ? 3 : 2, PixelFormat::gray);
      // One row at a time, as the decoder hands them over.
      put_upright({stored.data(), 3, 3, 0, 1}, orientation, out);
      put_upright({stored.data() + 3, 3, 3, 1, 1}, orientation, out);
      CHECK(std::vector<std::uint8_t>(out.data(), out.data() + 6) == upright[value - 1u]);
    }
  }

  TEST_CASE("put_upright keeps the samples of a pixel together and heeds the stride") {
    for (const auto format : {PixelFormat::rgb, PixelFormat::bgra}) {
      const int samples = channels(format);
      const int stride = 2 * samples + 5;
      std::vector<std::uint8_t> stored(static_cast<std::size_t>(stride) * 2, 0xEE);
      for (int v = 0; v < 2; ++v) {
        for (int i = 0; i < 2 * samples; ++i) {
          stored[static_cast<std::size_t>(v * stride + i)] = static_cast<std::uint8_t>(10 * v + i);
        }
      }
      Image out(2, 2, format);
      put_upright({stored.data(), stride, 2, 0, 2}, Orientation::right_top, out);
      CHECK(out.row(0)[0] == 10);            // top left was the last row's first pixel
      CHECK(out.row(0)[samples] == 0);       // top right was the first row's first pixel
      CHECK(out.row(1)[0] == 10 + samples);  // and below it the next column
      CHECK(out.row(1)[1] == 10 + samples + 1);
    }
  }
}
