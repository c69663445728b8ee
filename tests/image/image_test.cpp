// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <utility>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <depthcloud/image.hpp>

#include "expect_error.hpp"

using namespace std::string_literals;
using depthcloud::Image;
using depthcloud::ImageView;
using depthcloud::PixelFormat;

TEST_SUITE("image") {
  TEST_CASE("an image has packed rows of its format") {
    Image image(5, 3, PixelFormat::rgba);
    CHECK(image.stride() == 20);
    CHECK(image.row(2) == image.data() + 40);
    CHECK_FALSE(image.empty());
    CHECK(Image().empty());
  }

  TEST_CASE("reshape keeps the memory that is large enough and forgets the photo") {
    Image image(8, 8, PixelFormat::rgb);
    image.set_photo({100, 200, 50});
    const auto* memory = image.data();
    image.reshape(4, 4, PixelFormat::bgra);
    CHECK(image.data() == memory);
    CHECK(image.width() == 4);
    CHECK(image.format() == PixelFormat::bgra);
    CHECK(image.photo().width == 0);
  }

  TEST_CASE("a size that is not positive is refused") {
    CHECK(contains(error_of([] { Image(0, 4); }), "invalid_argument"));
    CHECK(contains(error_of([] { Image(4, -1); }), "4 x -1"));
  }

  TEST_CASE("a region is cropped to whole pixels of the same memory") {
    Image image(10, 4, PixelFormat::bgr);
    image.set_photo({100, 40, 50});
    const ImageView part = crop(image.view(), {0.24, 0.5, 0.5, 0.5});
    CHECK(part.data == image.row(2) + 2 * 3);
    CHECK(part.width == 5);
    CHECK(part.height == 2);
    CHECK(part.stride == image.stride());
    CHECK(part.format == PixelFormat::bgr);
    CHECK(part.photo.width == 0);
    CHECK(crop(image.view(), {}).data == image.data());
    CHECK(crop(image.view(), {}).width == 10);
    const ImageView corner = crop(image.view(), {0.999, 0.999, 0.001, 0.001});
    CHECK(corner.data == image.row(3) + 9 * 3);
    CHECK(corner.width == 1);
    CHECK(corner.height == 1);
  }

  TEST_CASE("a region outside of the image is refused") {
    const Image image(10, 4);
    for (const depthcloud::ImageRegion& region :
         {depthcloud::ImageRegion{-0.1, 0, 1, 1}, depthcloud::ImageRegion{0.1, 0, 1, 1},
          depthcloud::ImageRegion{0, 0, 0, 1}, depthcloud::ImageRegion{0, 0.5, 1, 0.6},
          depthcloud::ImageRegion{0, std::nan(""), 1, 1}}) {
      CHECK(contains(error_of([&] { crop(image.view(), region); }),
                     "invalid_argument preprocess: the region"));
    }
  }

  TEST_CASE("a view that cannot be read is refused") {
    const Image image(4, 4);
    const auto error_with = [&](auto change) {
      ImageView view = image.view();
      change(view);
      return error_of([&] { validate(view); });
    };
    CHECK(error_with([](ImageView&) {}) == "nothing");
    CHECK(contains(error_with([](ImageView& view) { view.data = nullptr; }), "no pixels"));
    CHECK(contains(error_with([](ImageView& view) { view.height = 0; }), "4 x 0"));
    CHECK(contains(error_with([](ImageView& view) { view.stride = 11; }), "stride 11"));
    CHECK(contains(error_with([](ImageView& view) { view.stride = 0; }), "stride 0"));
    CHECK(contains(error_with([](ImageView& view) { view.stride = -12; }), "stride -12"));
    CHECK(contains(error_with([](ImageView& view) { view.stride = PTRDIFF_MAX / 4 + 1; }),
                   "fit no memory"));
    const std::ptrdiff_t longest = (std::ptrdiff_t{1} << 47) / 4;
    CHECK(error_with([&](ImageView& view) { view.stride = longest; }) == "nothing");
    CHECK(contains(error_with([&](ImageView& view) { view.stride = longest + 1; }),
                   "4 rows of stride 35184372088833 fit no memory"));
    CHECK(contains(error_with([](ImageView& view) { view.format = static_cast<PixelFormat>(9); }),
                   "unknown pixel format"));
  }

  TEST_CASE("a photo that an image cannot be of is refused") {
    const Image image(4, 4);
    const auto error_with = [&](const depthcloud::PhotoInfo& photo) {
      ImageView view = image.view();
      view.photo = photo;
      return error_of([&] { validate(view); });
    };
    CHECK(error_with({.width = 8, .height = 8, .focal_px = 7.5}) == "nothing");
    CHECK(error_with({.focal_px = 3}) == "nothing");
    for (const auto& [width, height] : {std::pair{-5, 8}, {8, -5}, {-5, -5}, {8, 0}, {0, 8}}) {
      CHECK(contains(error_with({.width = width, .height = height}),
                     fmt::format("photo is of {} x {} pixels", width, height)));
    }
    for (const double focal_px : {-3.0, std::nan(""), HUGE_VAL}) {
      CHECK(contains(error_with({.focal_px = focal_px}), "focal length of the image's photo is"));
    }
  }
}
