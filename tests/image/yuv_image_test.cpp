// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/raw_frame.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

using Triple = std::array<int, 3>;

/// The colour of one pixel of Y, U and V.
Triple rgb_of(int y, int u, int v, YuvMatrix matrix, YuvRange range) {
  const std::array<std::uint8_t, 4> pair = {
      static_cast<std::uint8_t>(y), static_cast<std::uint8_t>(u), static_cast<std::uint8_t>(y),
      static_cast<std::uint8_t>(v)};
  const Image image = to_rgb({.format = YuvFormat::yuyv,
                              .width = 1,
                              .height = 1,
                              .planes = {pair.data()},
                              .strides = {4},
                              .matrix = matrix,
                              .range = range});
  return {image.data()[0], image.data()[1], image.data()[2]};
}

bool near(const Triple& a, const Triple& b) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (std::abs(a[i] - b[i]) > 1) return false;
  }
  return true;
}

/// An nv12 image of 5 x 3 pixels whose luma is 16 + 10 (raster position) and whose chroma pairs
/// tell their place; rows are padded.
struct Nv12 {
  std::vector<std::uint8_t> luma = std::vector<std::uint8_t>(3 * 8, 255);
  std::vector<std::uint8_t> chroma = std::vector<std::uint8_t>(2 * 10, 255);

  Nv12() {
    for (int v = 0; v < 3; ++v) {
      for (int u = 0; u < 5; ++u)
        luma[8 * v + u] = static_cast<std::uint8_t>(16 + 10 * (5 * v + u));
    }
    for (int v = 0; v < 2; ++v) {
      for (int u = 0; u < 3; ++u) {
        chroma[10 * v + 2 * u] = static_cast<std::uint8_t>(100 + 10 * u);
        chroma[10 * v + 2 * u + 1] = static_cast<std::uint8_t>(110 + 20 * v);
      }
    }
  }
  YuvView view() const {
    return {.format = YuvFormat::nv12,
            .width = 5,
            .height = 3,
            .planes = {luma.data(), chroma.data()},
            .strides = {8, 10}};
  }
};

}  // namespace

TEST_SUITE("image") {
  TEST_CASE("yuv: the colours of the standards' colour bars") {
    using enum YuvMatrix;
    using enum YuvRange;
    // 100 % bars as Y'CbCr, from the matrices of the standards.
    CHECK(near(rgb_of(16, 128, 128, bt601, limited), {0, 0, 0}));
    CHECK(near(rgb_of(235, 128, 128, bt601, limited), {255, 255, 255}));
    CHECK(near(rgb_of(81, 90, 240, bt601, limited), {255, 0, 0}));
    CHECK(near(rgb_of(145, 54, 34, bt601, limited), {0, 255, 0}));
    CHECK(near(rgb_of(41, 240, 110, bt601, limited), {0, 0, 255}));
    CHECK(near(rgb_of(63, 102, 240, bt709, limited), {255, 0, 0}));
    CHECK(near(rgb_of(173, 42, 26, bt709, limited), {0, 255, 0}));
    CHECK(near(rgb_of(32, 240, 118, bt709, limited), {0, 0, 255}));
    CHECK(near(rgb_of(76, 85, 255, bt601, full), {254, 0, 0}));
    CHECK(near(rgb_of(150, 44, 21, bt601, full), {0, 255, 1}));
    CHECK(near(rgb_of(0, 128, 128, bt601, full), {0, 0, 0}));
    CHECK(near(rgb_of(255, 128, 128, bt709, full), {255, 255, 255}));
    // Beyond white and below black.
    CHECK(rgb_of(255, 128, 128, bt601, limited) == Triple{255, 255, 255});
    CHECK(rgb_of(0, 128, 128, bt601, limited) == Triple{0, 0, 0});
  }

  TEST_CASE("yuv: nv12 of odd size and with padded rows takes each chroma pair for its pixels") {
    const Nv12 nv12;
    YuvView view = nv12.view();
    view.photo.focal_px = 7;
    const Image image = to_rgb(view);
    REQUIRE(image.width() == 5);
    REQUIRE(image.height() == 3);
    CHECK(image.format() == PixelFormat::rgb);
    CHECK(image.photo().focal_px == 7);
    for (int v = 0; v < 3; ++v) {
      for (int u = 0; u < 5; ++u) {
        const Triple expected = rgb_of(16 + 10 * (5 * v + u), 100 + 10 * (u / 2),
                                       110 + 20 * (v / 2), YuvMatrix::bt601, YuvRange::limited);
        const std::uint8_t* const p = image.row(v) + 3 * u;
        CHECK(Triple{p[0], p[1], p[2]} == expected);
      }
    }
  }

  TEST_CASE("yuv: memory serves the next image") {
    const Nv12 nv12;
    Image image;
    to_rgb(nv12.view(), image);
    const std::uint8_t* const pixels = image.data();
    YuvView smaller = nv12.view();
    smaller.width = 3;
    to_rgb(smaller, image);
    CHECK(image.data() == pixels);
    CHECK(image.width() == 3);
  }

  TEST_CASE("yuv: what cannot be read is refused and named") {
    const Nv12 nv12;
    const auto refused = [&](auto change) {
      YuvView view = nv12.view();
      change(view);
      return error_of([&] { to_rgb(view); });
    };
    CHECK(contains(refused([](YuvView& view) { view.width = 0; }), "0 x 3"));
    CHECK(contains(refused([](YuvView& view) { view.height = -1; }), "5 x -1"));
    CHECK(contains(refused([](YuvView& view) { view.planes[0] = nullptr; }), "Y plane"));
    CHECK(contains(refused([](YuvView& view) { view.planes[1] = nullptr; }), "UV plane"));
    CHECK(contains(refused([](YuvView& view) { view.strides[0] = 4; }),
                   "the stride 4 of the Y plane"));
    CHECK(contains(refused([](YuvView& view) { view.strides[1] = 5; }),
                   "the stride 5 of the UV plane of an nv12 image is less than a row of 6 bytes"));
    CHECK(contains(refused([](YuvView& view) { view.strides[1] = -10; }), "stride -10"));
    CHECK(contains(refused([](YuvView& view) {
                     view.strides[0] = std::numeric_limits<std::ptrdiff_t>::max();
                   }),
                   "fit no memory"));
    for (const int plane : {0, 1}) {  // no overflow, and no memory either
      CHECK(contains(refused([plane](YuvView& view) {
                       view.strides[static_cast<std::size_t>(plane)] = std::ptrdiff_t{1} << 48;
                     }),
                     "fit no memory"));
    }
    CHECK(contains(refused([](YuvView& view) {
                     view.format = YuvFormat::yuyv;
                     view.strides[0] = 11;
                   }),
                   "less than a row of 12 bytes"));
    CHECK(contains(refused([](YuvView& view) { view.format = static_cast<YuvFormat>(9); }),
                   "format 9"));
    CHECK(contains(refused([](YuvView& view) { view.matrix = static_cast<YuvMatrix>(9); }),
                   "matrix 9"));
    CHECK(
        contains(refused([](YuvView& view) { view.range = static_cast<YuvRange>(9); }), "range 9"));
    CHECK(refused([](YuvView& view) { view.width = 0; }).starts_with("invalid_argument decode"));
  }

  TEST_CASE("a raw image becomes one of its own: YUV as RGB, other formats as they are") {
    const std::array<std::uint8_t, 16> pixels = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const ImageView padded{.data = pixels.data(),
                           .width = 1,
                           .height = 2,
                           .stride = 8,
                           .format = PixelFormat::bgra,
                           .photo = {.focal_px = 3}};
    const Image copy = to_image(padded);
    CHECK(copy.format() == PixelFormat::bgra);
    CHECK(copy.photo().focal_px == 3);
    CHECK(std::vector<int>(copy.data(), copy.data() + 8) ==
          std::vector<int>{1, 2, 3, 4, 9, 10, 11, 12});
    const Nv12 nv12;
    CHECK(to_image(nv12.view()).format() == PixelFormat::rgb);
    CHECK(error_of([] { to_image(ImageView{}); }).starts_with("invalid_argument"));
    CHECK(error_of([] { validate(RawImage(YuvView{})); }).starts_with("invalid_argument"));
  }
}

}  // namespace depthcloud
