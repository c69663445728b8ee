// SPDX-License-Identifier: Apache-2.0
#include "image/yuv_rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "simd_targets.hpp"

namespace depthcloud {
namespace {

struct Rgb {
  double red, green, blue;
};

/// The definition of the standards, in double: ITU-R BT.601-7, BT.709-6 and, of the full range,
/// JFIF 1.02.
Rgb reference(YuvMatrix matrix, YuvRange range, int y, int u, int v) {
  const double kr = matrix == YuvMatrix::bt601 ? 0.299 : 0.2126;
  const double kb = matrix == YuvMatrix::bt601 ? 0.114 : 0.0722;
  const bool full = range == YuvRange::full;
  const double luma = full ? y / 255.0 : (y - 16) / 219.0;
  const double cb = (u - 128) / (full ? 255.0 : 224.0);
  const double cr = (v - 128) / (full ? 255.0 : 224.0);
  const double red = luma + 2 * (1 - kr) * cr;
  const double blue = luma + 2 * (1 - kb) * cb;
  const double green = (luma - kr * red - kb * blue) / (1 - kr - kb);
  const auto level = [](double value) { return 255 * std::clamp(value, 0.0, 1.0); };
  return {level(red), level(green), level(blue)};
}

struct Row {
  std::vector<std::uint8_t> luma, chroma, u, v, yuyv;
  std::size_t width;

  Row(std::size_t pixels, std::mt19937& random)
      : luma(pixels), chroma((pixels + 1) / 2 * 2), yuyv((pixels + 1) / 2 * 4), width(pixels) {
    for (auto& y : luma) y = static_cast<std::uint8_t>(random());
    for (auto& c : chroma) c = static_cast<std::uint8_t>(random());
    for (std::size_t i = 0; i < chroma.size(); ++i) (i % 2 == 0 ? u : v).push_back(chroma[i]);
    for (std::size_t i = 0; i < pixels; ++i) yuyv[2 * i] = luma[i];
    for (std::size_t i = 0; i < chroma.size(); ++i) yuyv[2 * i + 1] = chroma[i];
  }
  Rgb expected(YuvMatrix matrix, YuvRange range, std::size_t i) const {
    return reference(matrix, range, luma[i], chroma[i / 2 * 2], chroma[i / 2 * 2 + 1]);
  }
};

}  // namespace

TEST_SUITE("image") {
  TEST_CASE("yuv rows: within one level of the standards, the same on every target") {
    std::mt19937 random(5);
    for (const YuvMatrix matrix : {YuvMatrix::bt601, YuvMatrix::bt709}) {
      for (const YuvRange range : {YuvRange::limited, YuvRange::full}) {
        const YuvCoefficients coefficients = yuv_coefficients(matrix, range);
        for (const std::size_t width : {1u, 2u, 3u, 31u, 64u, 131u, 4096u}) {
          const Row row(width, random);
          std::vector<std::uint8_t> first;
          on_every_simd_target(depthcloud::yuv_rows_targets(), [&] {
            // A byte behind the row shows what writes beyond it.
            std::vector<std::uint8_t> packed(3 * width + 1, 77), planar(3 * width + 1, 77);
            yuyv_row(row.yuyv.data(), width, coefficients, packed.data());
            nv12_row(row.luma.data(), row.chroma.data(), width, coefficients, planar.data());
            REQUIRE(packed == planar);
            std::vector<std::uint8_t> three_planes(3 * width + 1, 77);
            i420_row(row.luma.data(), row.u.data(), row.v.data(), width, coefficients,
                     three_planes.data());
            REQUIRE(packed == three_planes);
            REQUIRE(packed.back() == 77);
            if (first.empty()) first = packed;
            REQUIRE(packed == first);
          });
          double worst = 0;
          for (std::size_t i = 0; i < width; ++i) {
            const Rgb expected = row.expected(matrix, range, i);
            worst = std::max({worst, std::abs(first[3 * i] - expected.red),
                              std::abs(first[3 * i + 1] - expected.green),
                              std::abs(first[3 * i + 2] - expected.blue)});
          }
          CHECK(worst <= 0.51);  // rounded to the nearest level, but for the coefficients' rounding
        }
      }
    }
  }
}

}  // namespace depthcloud
