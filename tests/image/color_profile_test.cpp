// SPDX-License-Identifier: Apache-2.0
#include "image/color_profile.hpp"

#include <doctest/doctest.h>
#include <depthcloud/decode.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/log.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "expect_error.hpp"
#include "image/samples.hpp"

using depthcloud::ColorModel;
using depthcloud::decode_image;
using depthcloud::DecodeOptions;
using depthcloud::Image;
using depthcloud::PixelFormat;
using depthcloud::transform_to_srgb;
using samples::Bytes;

namespace {

/// A wide profile, as phones write: of the stored green (59, 200, 60) sRGB's is (0, 201, 37).
Bytes wide_profile() {
  return depthcloud::read_file(std::filesystem::path(DEPTHCLOUD_TEST_IMAGES) / "wide.icc");
}

/// Whether this build has Little CMS.
bool has_lcms() { return DEPTHCLOUD_TEST_PROFILES != 0; }

Image green(PixelFormat format = PixelFormat::rgb) {
  Image image(32, 16, format);
  const bool blue_first = format == PixelFormat::bgr || format == PixelFormat::bgra;
  for (int i = 0; i < 32 * 16; ++i) {
    std::uint8_t* const pixel = image.data() + i * channels(format);
    pixel[blue_first ? 2 : 0] = 59;
    pixel[1] = 200;
    pixel[blue_first ? 0 : 2] = 60;
    if (channels(format) == 4) pixel[3] = 77;
  }
  return image;
}

bool is_near(const Image& image, std::array<int, 3> color) {
  const bool blue_first = image.format() == PixelFormat::bgr || image.format() == PixelFormat::bgra;
  const std::uint8_t* const pixel = image.row(image.height() / 2);
  for (std::size_t i = 0; i < 3; ++i) {
    if (std::abs(pixel[blue_first ? 2 - i : i] - color[i]) > 3) return false;
  }
  return true;
}

constexpr std::array<int, 3> stored{59, 200, 60};
constexpr std::array<int, 3> in_srgb{0, 201, 37};

}  // namespace

TEST_SUITE("image") {
  TEST_CASE("colours of a JPEG with a profile become sRGB, however it is decoded") {
    if (!has_lcms()) return;
    const auto jpeg = [](int orientation) {
      return samples::jpeg(green(), {.quality = 98,
                                     .subsample = false,
                                     .exif = samples::exif({.orientation = orientation}),
                                     .profile = wide_profile()});
    };
    for (const auto format :
         {PixelFormat::rgb, PixelFormat::bgr, PixelFormat::rgba, PixelFormat::bgra}) {
      CHECK(is_near(decode_image(jpeg(1), {.format = format}), in_srgb));
      CHECK(is_near(decode_image(jpeg(6), {.format = format}), in_srgb));
      CHECK(is_near(decode_image(jpeg(1), {.format = format, .min_width = 8, .min_height = 4}),
                    in_srgb));
    }
    CHECK(is_near(decode_image(jpeg(1), {.apply_color_profile = false}), stored));
    const Image gray = decode_image(jpeg(1), {.format = PixelFormat::gray});
    CHECK(std::abs(gray.data()[0] - (59 * 299 + 200 * 587 + 60 * 114) / 1000) <= 2);
  }

  TEST_CASE("colours of a PNG with a profile become sRGB; alpha stays") {
    if (!has_lcms()) return;
    samples::PngKind kind;
    kind.profile = wide_profile();
    const Image rgb = green();
    const Bytes png = samples::png(32, 16, kind, Bytes(rgb.data(), rgb.data() + 3 * 32 * 16));
    CHECK(is_near(decode_image(png), in_srgb));
    CHECK(is_near(decode_image(png, {.apply_color_profile = false}), stored));
    kind.color_type = 6;
    const Image rgba = green(PixelFormat::rgba);
    const Bytes with_alpha =
        samples::png(32, 16, kind, Bytes(rgba.data(), rgba.data() + 4 * 32 * 16));
    const Image decoded = decode_image(with_alpha, {.alpha = true});
    CHECK(is_near(decoded, in_srgb));
    CHECK(decoded.data()[3] == 77);
  }

  TEST_CASE("profiles are read from the other formats, too") {
    if (!has_lcms()) return;
    for (const char* name : {"wide.webp", "wide.tiff", "wide.heic"}) {
      const Bytes bytes =
          depthcloud::read_file(std::filesystem::path(DEPTHCLOUD_TEST_IMAGES) / name);
      Image converted, as_stored;
      try {
        converted = decode_image(bytes);
        as_stored = decode_image(bytes, {.apply_color_profile = false});
      } catch (const depthcloud::Error& error) {
        REQUIRE(error.code() == depthcloud::ErrorCode::unavailable);
        continue;
      }
      CAPTURE(name);
      CHECK(std::abs(as_stored.row(4)[0] - 200) <= 6);
      CHECK(converted.row(4)[0] > as_stored.row(4)[0] + 10);  // a stronger red
    }
  }

  TEST_CASE("a profile that is sRGB, or none, changes nothing and costs no transform") {
    CHECK(transform_to_srgb({}, ColorModel::rgb, PixelFormat::rgb) == nullptr);
    CHECK(transform_to_srgb(wide_profile(), ColorModel::rgb, PixelFormat::gray) == nullptr);
    if (!has_lcms()) return;
    const Bytes srgb =
        depthcloud::read_file(std::filesystem::path(DEPTHCLOUD_TEST_IMAGES) / "srgb.icc");
    CHECK(transform_to_srgb(srgb, ColorModel::rgb, PixelFormat::rgb) == nullptr);
    CHECK(transform_to_srgb(srgb, ColorModel::rgb, PixelFormat::bgra) == nullptr);
    // The frames of a camera share one transform.
    CHECK(transform_to_srgb(wide_profile(), ColorModel::rgb, PixelFormat::rgb) ==
          transform_to_srgb(wide_profile(), ColorModel::rgb, PixelFormat::rgb));
  }

  TEST_CASE("broken profiles are remarked and ignored") {
    if (!has_lcms()) return;
    std::string remark;
    depthcloud::set_log_callback([&](depthcloud::LogLevel level, std::string_view line) {
      CHECK(level == depthcloud::LogLevel::info);
      remark = line;
    });
    const auto decoded_with = [&](const Bytes& profile, ColorModel model = ColorModel::rgb) {
      remark.clear();
      return transform_to_srgb(profile, model, PixelFormat::rgb) == nullptr;
    };
    CHECK(decoded_with(Bytes(100, 7)));
    CHECK(remark == "the photo's colour profile is ignored: it is broken");
    Bytes cut = wide_profile();
    cut.resize(200);
    CHECK(decoded_with(cut));
    CHECK(contains(remark, "it is broken"));
    CHECK(decoded_with(wide_profile(), ColorModel::cmyk));
    CHECK(contains(remark, "other colours than the photo has"));
    CHECK(decoded_with(Bytes((4 << 20) + 1, 0)));
    CHECK(contains(remark, "larger than 4 MB"));

    const Bytes jpeg = samples::jpeg(green(), {.quality = 98, .profile = Bytes(300, 9)});
    remark.clear();
    CHECK(is_near(decode_image(jpeg), stored));
    CHECK(contains(remark, "it is broken"));
    // few: each good one builds a table of colours, a second under an emulator
    for (std::size_t i = 0; i < wide_profile().size(); i += 29) {
      Bytes damaged = wide_profile();
      damaged[i] ^= 0x55;
      transform_to_srgb(damaged, ColorModel::rgb, PixelFormat::rgb);
    }
    depthcloud::set_log_callback(nullptr);
  }
}
