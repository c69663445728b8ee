// SPDX-License-Identifier: Apache-2.0
// WebP, HEIC, AVIF and TIFF, in files that other programs wrote: tests/image/data. The picture is
// 48 x 32 and has a colour in each quarter.
#include <doctest/doctest.h>
#include <depthcloud/decode.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/log.hpp>
#include <depthcloud/photo_format.hpp>
#include <depthcloud/photo_reader.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "enum_names.hpp"
#include "expect_error.hpp"
#include "image/samples.hpp"

using depthcloud::decode_image;
using depthcloud::DecodeOptions;
using depthcloud::Image;
using depthcloud::PhotoFormat;
using depthcloud::PhotoFormats;
using depthcloud::PhotoReader;
using depthcloud::PixelFormat;
using samples::Bytes;

namespace {

using Color = std::array<int, 3>;
constexpr Color red{200, 40, 40};
constexpr Color green{40, 180, 60};
constexpr Color blue{50, 60, 200};
constexpr Color yellow{230, 220, 80};

Bytes file(const std::string& name) {
  return depthcloud::read_file(std::filesystem::path(DEPTHCLOUD_TEST_IMAGES) / name);
}

/// The samples of the pixel in the middle of a quarter.
Bytes sample(const Image& image, bool right, bool bottom) {
  const int u = image.width() * (right ? 3 : 1) / 4;
  const int v = image.height() * (bottom ? 3 : 1) / 4;
  const std::uint8_t* const pixel = image.row(v) + u * channels(image.format());
  return {pixel, pixel + channels(image.format())};
}

bool is_near(const Bytes& pixel, const Color& color, bool blue_first = false) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (std::abs(pixel[blue_first ? 2 - i : i] - color[i]) > 6) return false;
  }
  return true;
}

/// Where this machine's libheif has no decoder there is nothing to test.
bool reads(const std::string& name) {
  const std::string error = error_of([&] { decode_image(file(name)); });
  return !error.starts_with("unavailable");
}

/// Files of one picture in every format that this build reads.
std::vector<std::string> files(const std::string& stem, std::vector<std::string> formats = {
                                                            "webp", "heic", "avif", "tiff"}) {
  std::vector<std::string> names;
  for (const std::string& format : formats) {
    if (reads(stem + "." + format)) names.push_back(stem + "." + format);
  }
  return names;
}

}  // namespace

TEST_SUITE("image") {
  TEST_CASE("photo formats have names, and a build says what it lacks") {
    check_names(depthcloud::parse_photo_format, depthcloud::photo_format_names(),
                {PhotoFormat::jpeg, PhotoFormat::png, PhotoFormat::webp, PhotoFormat::heic,
                 PhotoFormat::avif, PhotoFormat::tiff});
    CHECK(depthcloud::photo_format_obstacle(PhotoFormat::jpeg).empty());
    CHECK(depthcloud::photo_format_obstacle(PhotoFormat::png).empty());
    for (const auto& [name, format, package] :
         {std::tuple{"photo.webp", PhotoFormat::webp, "libwebp-dev"},
          {"photo.heic", PhotoFormat::heic, "libheif-dev"},
          {"photo.avif", PhotoFormat::avif, "libheif-dev"},
          {"photo.tiff", PhotoFormat::tiff, "libtiff-dev"}}) {
      const std::string obstacle = depthcloud::photo_format_obstacle(format);
      if (obstacle.empty()) continue;
      CHECK(contains(obstacle, package));
      const std::string error = error_of([&] { decode_image(file(name)); });
      CHECK(contains(error, "unavailable decode: this is a"));
      CHECK(contains(error, package));
    }
  }

  TEST_CASE("a set of formats holds what was put in") {
    PhotoFormats formats{PhotoFormat::jpeg};
    CHECK(formats.contains(PhotoFormat::jpeg));
    CHECK_FALSE(formats.contains(PhotoFormat::webp));
    formats.insert(PhotoFormat::webp);
    CHECK(formats.contains(PhotoFormat::webp));
    CHECK(PhotoFormats::all().contains(PhotoFormat::tiff));
    CHECK(PhotoFormats().empty());
  }

  TEST_CASE("only formats that are asked for are read") {
    const DecodeOptions only_jpeg{.formats = {PhotoFormat::jpeg}};
    CHECK(error_of([&] { decode_image(file("photo.webp"), only_jpeg); }) ==
          "unsupported decode: this is a WebP photo: convert it to JPEG or PNG");
    CHECK(contains(error_of([&] { decode_image(file("photo.heic"), only_jpeg); }), "a HEIC photo"));
    CHECK(contains(error_of([&] { decode_image(samples::png(samples::picture(8, 8)), only_jpeg); }),
                   "a PNG picture"));
    CHECK(decode_image(samples::jpeg(samples::picture(8, 8)), only_jpeg).width() == 8);
    CHECK(contains(error_of([&] { decode_image(file("photo.webp"), {.formats = {}}); }),
                   "invalid_argument decode: decode formats are none"));
  }

  TEST_CASE("photos of every format are decoded, in every pixel format") {
    for (const std::string& name : files("photo")) {
      CAPTURE(name);
      for (const auto format :
           {PixelFormat::rgb, PixelFormat::bgr, PixelFormat::rgba, PixelFormat::bgra}) {
        const bool blue_first = format == PixelFormat::bgr || format == PixelFormat::bgra;
        const Image image = decode_image(file(name), {.format = format});
        REQUIRE(image.width() == 48);
        REQUIRE(image.height() == 32);
        CHECK(image.format() == format);
        CHECK(is_near(sample(image, false, false), red, blue_first));
        CHECK(is_near(sample(image, true, false), green, blue_first));
        CHECK(is_near(sample(image, false, true), blue, blue_first));
        CHECK(is_near(sample(image, true, true), yellow, blue_first));
        if (channels(format) == 4) CHECK(sample(image, true, true)[3] == 255);
      }
      const Image gray = decode_image(file(name), {.format = PixelFormat::gray});
      CHECK(std::abs(sample(gray, false, false)[0] - 88) <= 4);
      CHECK(decode_image(file(name), {.alpha = true}).format() == PixelFormat::rgb);
    }
  }

  TEST_CASE("photos are turned upright once, and the focal length follows") {
    for (const std::string& name : files("turned")) {
      CAPTURE(name);
      const Image image = decode_image(file(name));
      REQUIRE(image.width() == 32);
      REQUIRE(image.height() == 48);
      CHECK(image.photo().width == 32);
      CHECK(image.photo().height == 48);
      CHECK(is_near(sample(image, false, false), blue));
      CHECK(is_near(sample(image, true, false), red));
      CHECK(is_near(sample(image, true, true), green));
      // 36 mm of 36 mm wide film; the TIFF: 10 mm of 16 pixels each, of which a quarter is left.
      CHECK(image.photo().focal_px ==
            doctest::Approx(name == "turned.tiff" ? 40 : 48).epsilon(0.001));
      CHECK(PhotoReader(file(name)).info().height == 48);
      const Image stored = decode_image(file(name), {.apply_orientation = false});
      const bool turns_itself = name == "turned.heic" || name == "turned.avif";
      REQUIRE(stored.width() == (turns_itself ? 32 : 48));
      CHECK(is_near(sample(stored, false, false), turns_itself ? blue : red));
    }
  }

  TEST_CASE("what was cut out is transparent") {
    for (const std::string& name : files("cut_out", {"webp", "heic", "tiff"})) {
      CAPTURE(name);
      const Image image = decode_image(file(name), {.alpha = true});
      REQUIRE(image.format() == PixelFormat::rgba);
      CHECK(sample(image, false, false)[3] == 0);
      CHECK(sample(image, true, false)[3] == 255);
      CHECK(is_near(sample(image, true, false), green));
      CHECK(decode_image(file(name)).format() == PixelFormat::rgb);
    }
  }

  TEST_CASE("sizes are checked on the header of every format") {
    for (const std::string& name : files("photo")) {
      CAPTURE(name);
      CHECK(contains(error_of([&] { PhotoReader(file(name), {.max_pixels = 48 * 32 - 1}); }),
                     "limit_exceeded decode"));
      CHECK(error_of([&] { decode_image(file(name), {.max_pixels = 48 * 32}); }) == "nothing");
    }
    if (reads("photo.tiff")) {
      CHECK(contains(error_of([] { decode_image(file("tile_bomb.tiff")); }),
                     "limit_exceeded decode: TIFF: a tile of"));
    }
    if (reads("photo.heic")) {
      Bytes huge = file("photo.heic");
      const std::string name = "ispe";
      const auto at = std::search(huge.begin(), huge.end(), name.begin(), name.end());
      REQUIRE(huge.end() - at > 16);
      std::fill_n(at + 10, 2, std::uint8_t{0xFF});  // of the width
      std::fill_n(at + 14, 2, std::uint8_t{0xFF});  // of the height
      const std::string error = error_of([&] { decode_image(huge, {.max_pixels = 32'000'000}); });
      CHECK(contains(error, "decode: HEIC"));
      CHECK(error.find('\n') == std::string::npos);
    }
  }

  TEST_CASE("kinds within a format that are not read are named") {
    if (reads("photo.tiff")) {
      CHECK(contains(error_of([] { decode_image(file("float.tiff")); }),
                     "unsupported decode: TIFF: "));
      CHECK(contains(error_of([] { decode_image(file("preview.tiff")); }),
                     "unsupported decode: TIFF: its first picture is but a preview"));
    }
    if (reads("photo.heic")) {
      Bytes stub = file("photo.heic");
      stub.resize(24);
      CHECK(contains(error_of([&] { decode_image(stub); }), "corrupt_data decode: HEIC: "));
    }
    if (reads("photo.webp")) {
      CHECK(contains(error_of([] { decode_image(file("animated.webp")); }),
                     "unsupported decode: WebP: an animation"));
    }
  }

  TEST_CASE("a file that is cut short or damaged is an error or an image, never a crash") {
    for (const char* stem : {"photo", "turned", "cut_out"}) {
      for (const std::string& name : files(stem, {"webp", "heic", "avif", "tiff"})) {
        if (!std::filesystem::exists(std::filesystem::path(DEPTHCLOUD_TEST_IMAGES) / name))
          continue;
        CAPTURE(name);
        const Bytes bytes = file(name);
        const std::size_t step = 1 + bytes.size() / 60;
        int errors = 0;
        for (std::size_t size = 12; size + 8 < bytes.size(); size += step) {
          const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
          errors += error_of([&] { decode_image(cut); }) != "nothing";
        }
        CHECK(errors > 0);
        for (std::size_t i = 0; i < bytes.size(); i += step) {
          Bytes damaged = bytes;
          damaged[i] ^= 0x55;
          const DecodeOptions options{.max_pixels = 1 << 16, .salvage = i % 2 == 0};
          error_of([&] { decode_image(damaged, options); });
        }
      }
    }
  }

  TEST_CASE("salvage takes what is there of a TIFF or WebP") {
    for (const std::string& name : files("photo", {"tiff", "webp"})) {
      CAPTURE(name);
      const Bytes bytes = file(name);
      CHECK(error_of([&] { decode_image(bytes, {.salvage = true}); }) == "nothing");
    }
    if (!reads("turned.tiff")) return;
    Bytes cut = file("turned.tiff");
    cut.resize(cut.size() - 48 * 3 * 8);  // the lower quarter
    CHECK(contains(error_of([&] { decode_image(cut); }), "corrupt_data decode: TIFF: "));
    const Image salvaged = decode_image(cut, {.apply_orientation = false, .salvage = true});
    CHECK(salvaged.width() == 48);
  }
}
