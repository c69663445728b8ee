// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "torch_doctest.hpp"

#include "depth/preprocess.hpp"

using depthcloud::Grid;
using depthcloud::Image;
using depthcloud::ImageView;
using depthcloud::PixelFormat;
using depthcloud::reduced_grid;
using depthcloud::reduced_rgb;

namespace {

/// The bytes of the pixel (10, 20, 30) in red, green, blue.
std::vector<std::uint8_t> pixel(PixelFormat format) {
  switch (format) {
    case PixelFormat::rgb:
      return {10, 20, 30};
    case PixelFormat::bgr:
      return {30, 20, 10};
    case PixelFormat::rgba:
      return {10, 20, 30, 255};
    case PixelFormat::bgra:
      return {30, 20, 10, 255};
    case PixelFormat::gray:
      return {10};
  }
  return {};
}

/// A 2 x 2 image of that pixel, with rows of 32 bytes.
struct Padded {
  explicit Padded(PixelFormat format) : bytes(64, 99) {
    const std::vector<std::uint8_t> value = pixel(format);
    for (const std::size_t row : {0, 32}) {
      for (const std::size_t column : {0, 1}) {
        std::copy(value.begin(), value.end(), bytes.data() + row + column * value.size());
      }
    }
    view = {bytes.data(), 2, 2, 32, format, {}};
  }
  std::vector<std::uint8_t> bytes;
  ImageView view;
};

}  // namespace

TEST_SUITE("estimator") {
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

  TEST_CASE("every pixel format becomes RGB, whatever the stride") {
    for (const PixelFormat format :
         {PixelFormat::rgb, PixelFormat::bgr, PixelFormat::rgba, PixelFormat::bgra}) {
      const Padded image(format);
      for (const Grid& grid : {Grid{2, 2}, Grid{1, 1}}) {
        const at::Tensor rgb = reduced_rgb(image.view, grid);
        CHECK(rgb.sizes().vec() == std::vector<std::int64_t>{3, grid.height, grid.width});
        CHECK((rgb.scalar_type() == at::kByte));
        CHECK(rgb[0].eq(10).all().item<bool>());
        CHECK(rgb[1].eq(20).all().item<bool>());
        CHECK(rgb[2].eq(30).all().item<bool>());
      }
    }
  }

  TEST_CASE("gray goes to all three channels") {
    const Padded image(PixelFormat::gray);
    CHECK(reduced_rgb(image.view, Grid{2, 2}).eq(10).all().item<bool>());
    CHECK(reduced_rgb(image.view, Grid{2, 1}).eq(10).all().item<bool>());
  }

  TEST_CASE("reduction is by area") {
    Image image(4, 1);
    for (int i = 0; i < 12; ++i) image.data()[i] = static_cast<std::uint8_t>(i < 6 ? 10 : 30);
    const at::Tensor rgb = reduced_rgb(std::as_const(image).view(), Grid{2, 1});
    CHECK(rgb[0][0][0].item<int>() == 10);
    CHECK(rgb[2][0][1].item<int>() == 30);
    CHECK(reduced_rgb(std::as_const(image).view(), Grid{1, 1})[1][0][0].item<int>() == 20);
  }

  TEST_CASE("the unit range is float, exact at its ends, channels last") {
    const at::Tensor bytes =
        at::tensor({0, 51, 255, 0, 51, 255}, at::kByte).view({1, 1, 2, 3}).permute({0, 3, 1, 2});
    const at::Tensor unit = depthcloud::to_unit_range(bytes);
    CHECK((unit.scalar_type() == at::kFloat));
    CHECK(unit.is_contiguous(at::MemoryFormat::ChannelsLast));
    CHECK(unit[0][0][0][1].item<float>() == 0.0f);
    CHECK(unit[0][1][0][0].item<float>() == 51.0f / 255.0f);
    CHECK(unit[0][2][0][0].item<float>() == 1.0f);
  }
}
