// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "torch_doctest.hpp"

#include "depth/backend/preprocess.hpp"

using depthcloud::Grid;
using depthcloud::Image;
using depthcloud::ImageView;
using depthcloud::PixelFormat;
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

TEST_SUITE("preprocess") {
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
