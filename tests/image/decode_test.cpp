// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <depthcloud/decode.hpp>
#include <depthcloud/photo_reader.hpp>

#include "expect_error.hpp"
#include "image/samples.hpp"

using depthcloud::decode_image;
using depthcloud::decode_jpeg;
using depthcloud::decode_png;
using depthcloud::DecodeOptions;
using depthcloud::PhotoReader;
using depthcloud::PixelFormat;
using samples::Bytes;

TEST_SUITE("image") {
  TEST_CASE("decode_image tells JPEG and PNG apart by their first bytes") {
    const auto image = samples::picture(24, 16);
    const Bytes jpeg = samples::jpeg(image);
    const Bytes png = samples::png(image);
    CHECK(samples::largest_difference(decode_image(jpeg), decode_jpeg(jpeg)) == 0);
    CHECK(samples::largest_difference(decode_image(png), image) == 0);
  }

  TEST_CASE("anything else is unsupported, nothing at all is corrupt") {
    const Bytes gif = {'G', 'I', 'F', '8', '9', 'a'};
    CHECK(error_of([&] { decode_image(gif); }) ==
          "unsupported decode: this is a GIF picture: convert it to JPEG or PNG");
    CHECK(contains(error_of([&] { PhotoReader{gif}; }), "unsupported decode"));
    CHECK(error_of([&] {
            decode_image(Bytes{0x00, 0x01, 0x02, 0x24, 0x17});
          }) == "unsupported decode: this is a file of no known kind (it starts with 00 01 02 24)");
    CHECK(error_of([] { decode_image({}); }) == "corrupt_data decode: image has no bytes");
    CHECK(contains(error_of([] { decode_image(Bytes{0xFF}); }), "unsupported"));
    CHECK(contains(error_of([] { decode_image(Bytes{0xFF, 0xD8}); }), "corrupt_data"));
  }

  TEST_CASE("options out of their range are refused by every call") {
    const Bytes jpeg = samples::jpeg(samples::picture(8, 8));
    const Bytes png = samples::png(samples::picture(8, 8));
    const auto error_with = [&](const DecodeOptions& options) {
      const auto error = error_of([&] { decode_jpeg(jpeg, options); });
      CHECK(error_of([&] { decode_png(png, options); }) == error);
      CHECK(error_of([&] { decode_image(png, options); }) == error);
      CHECK(error_of([&] { PhotoReader(jpeg, options); }) == error);
      return error;
    };
    CHECK(error_with({.min_width = -1}) ==
          "invalid_argument decode: decode min_width -1 and min_height 0 must not be negative");
    CHECK(contains(error_with({.min_height = -5}), "min_height -5"));
    CHECK(contains(error_with({.max_pixels = -1}), "max_pixels -1 must not be negative"));
    CHECK(contains(error_with({.max_scans = 0}), "max_scans 0 is not positive"));
    CHECK(contains(error_with({.format = static_cast<PixelFormat>(17)}), "pixel format"));
  }

  TEST_CASE("PhotoReader decodes once, at the size that it is asked for") {
    const Bytes jpeg = samples::jpeg(samples::picture(64, 48));
    PhotoReader reader(jpeg);
    CHECK(reader.info().width == 64);
    const depthcloud::Image half = reader.decode(32, 24);
    CHECK(half.width() == 32);
    CHECK(half.photo().width == 64);
    CHECK(contains(error_of([&] { reader.decode(); }), "invalid_argument decode: the photo has"));
    CHECK(contains(error_of([&] { PhotoReader(jpeg).decode(-1, 0); }), "min_width -1"));
  }

  TEST_CASE("PhotoReader tells the upright size and focal length without decoding") {
    const auto image = samples::picture(48, 32);
    const samples::ExifFields fields{.orientation = 8, .focal_35mm = 30};
    const Bytes jpeg = samples::jpeg(image, {.exif = samples::exif(fields)});
    const Bytes png = samples::png(image, false, samples::tiff(fields));
    for (const Bytes& bytes : {jpeg, png, samples::without_end(jpeg, 40)}) {
      const auto info = PhotoReader(bytes).info();
      CHECK(info.width == 32);
      CHECK(info.height == 48);
      CHECK(info.focal_px == doctest::Approx(40));  // 48 x 32 is 3:2: 30 / 36 of the width
      const auto stored = PhotoReader(bytes, {.apply_orientation = false}).info();
      CHECK(stored.width == 48);
      CHECK(stored.height == 32);
    }
    CHECK(contains(error_of([&] { PhotoReader(jpeg, {.max_pixels = 100}); }),
                   "limit_exceeded decode"));
    CHECK(contains(error_of([&] { PhotoReader(png, {.max_pixels = 100}); }),
                   "limit_exceeded decode"));
  }
}
