// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <png.h>
#include <depthcloud/decode.hpp>

#include <algorithm>
#include <vector>

#include "expect_error.hpp"
#include "image/samples.hpp"

using depthcloud::decode_png;
using depthcloud::Image;
using depthcloud::PixelFormat;
using samples::Bytes;

namespace {

Bytes pixel(const Image& image, int u, int v) {
  const int samples = channels(image.format());
  const std::uint8_t* at = image.row(v) + u * samples;
  return {at, at + samples};
}

}  // namespace

TEST_SUITE("image") {
  TEST_CASE("decode_png gives the pixels back, interlaced or not") {
    for (const bool interlaced : {false, true}) {
      for (const auto format : {PixelFormat::rgb, PixelFormat::rgba, PixelFormat::gray}) {
        const Image image = samples::picture(37, 23, format);
        const Image decoded = decode_png(samples::png(image, interlaced), {.format = format});
        CHECK(samples::largest_difference(decoded, image) == 0);
        CHECK(decoded.photo().width == 37);
        CHECK(decoded.photo().height == 23);
      }
    }
  }

  TEST_CASE("decode_png converts to every format") {
    const Bytes color =
        samples::png(1, 1, {.color_type = PNG_COLOR_TYPE_RGB_ALPHA}, {10, 20, 30, 40});
    const Bytes gray = samples::png(1, 1, {.color_type = PNG_COLOR_TYPE_GRAY}, {50});
    const auto decoded = [](const Bytes& bytes, PixelFormat format) {
      return pixel(decode_png(bytes, {.format = format}), 0, 0);
    };
    CHECK(decoded(color, PixelFormat::rgb) == Bytes{10, 20, 30});
    CHECK(decoded(color, PixelFormat::bgr) == Bytes{30, 20, 10});
    CHECK(decoded(color, PixelFormat::rgba) == Bytes{10, 20, 30, 40});
    CHECK(decoded(color, PixelFormat::bgra) == Bytes{30, 20, 10, 40});
    CHECK(decoded(color, PixelFormat::gray) == Bytes{18});  // 2.99 + 11.74 + 3.42
    CHECK(decoded(gray, PixelFormat::rgb) == Bytes{50, 50, 50});
    CHECK(decoded(gray, PixelFormat::bgra) == Bytes{50, 50, 50, 255});
    CHECK(decoded(gray, PixelFormat::gray) == Bytes{50});
  }

  TEST_CASE("16-bit samples keep their high byte") {
    const Bytes bytes = samples::png(1, 1, {.color_type = PNG_COLOR_TYPE_RGB, .bit_depth = 16},
                                     {0x12, 0xFF, 0x34, 0x80, 0x56, 0x00});
    CHECK(pixel(decode_png(bytes), 0, 0) == Bytes{0x12, 0x34, 0x56});
  }

  TEST_CASE("palettes, low bit depths and transparent colours are expanded") {
    const samples::PngKind palette{.color_type = PNG_COLOR_TYPE_PALETTE,
                                   .bit_depth = 4,
                                   .palette = {1, 2, 3, 101, 102, 103},
                                   .transparent = {255, 7}};
    const Bytes bytes = samples::png(2, 1, palette, {0x01});
    CHECK(pixel(decode_png(bytes), 1, 0) == Bytes{101, 102, 103});
    CHECK(pixel(decode_png(bytes, {.format = PixelFormat::rgba}), 0, 0) == Bytes{1, 2, 3, 255});
    CHECK(pixel(decode_png(bytes, {.format = PixelFormat::rgba}), 1, 0) == Bytes{101, 102, 103, 7});
    const Bytes bits =
        samples::png(2, 1, {.color_type = PNG_COLOR_TYPE_GRAY, .bit_depth = 1}, {0x40});
    CHECK(pixel(decode_png(bits), 0, 0) == Bytes{0, 0, 0});
    CHECK(pixel(decode_png(bits), 1, 0) == Bytes{255, 255, 255});
  }

  TEST_CASE("an eXIf chunk turns the image unless that is not wished for") {
    const Image image = samples::picture(5, 3);
    const Bytes bytes =
        samples::png(image, false, samples::tiff({.orientation = 6, .focal_35mm = 36}));
    const Image upright = decode_png(bytes);
    CHECK(upright.width() == 3);
    CHECK(upright.height() == 5);
    CHECK(upright.photo().width == 3);
    CHECK(upright.photo().focal_px > 0);
    CHECK(pixel(upright, 2, 0) == pixel(image, 0, 0));
    const Image stored = decode_png(bytes, {.apply_orientation = false});
    CHECK(samples::largest_difference(stored, image) == 0);
  }

  TEST_CASE("alpha is kept where there is some and it is asked for") {
    const auto rgba = samples::picture(8, 6, PixelFormat::rgba);
    const Image kept = decode_png(samples::png(rgba), {.alpha = true});
    CHECK(samples::largest_difference(kept, rgba) == 0);
    CHECK(decode_png(samples::png(rgba)).format() == PixelFormat::rgb);
    CHECK(decode_png(samples::png(rgba), {.format = PixelFormat::bgr, .alpha = true}).format() ==
          PixelFormat::bgra);
    CHECK(decode_png(samples::png(rgba), {.format = PixelFormat::gray, .alpha = true}).format() ==
          PixelFormat::gray);
    CHECK(decode_png(samples::png(samples::picture(8, 6)), {.alpha = true}).format() ==
          PixelFormat::rgb);
    samples::PngKind palette;
    palette.color_type = PNG_COLOR_TYPE_PALETTE;
    palette.palette = {255, 0, 0, 0, 0, 255};
    palette.transparent = {0};
    const Image expanded = decode_png(samples::png(2, 1, palette, {0, 1}), {.alpha = true});
    CHECK(expanded.format() == PixelFormat::rgba);
    CHECK(pixel(expanded, 0, 0) == Bytes{255, 0, 0, 0});
    CHECK(pixel(expanded, 1, 0) == Bytes{0, 0, 255, 255});
  }

  TEST_CASE("the size is checked before anything is allocated") {
    Bytes bytes = samples::png(samples::picture(8, 8));
    const Bytes huge = {0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF};
    std::copy(huge.begin(), huge.end(), bytes.begin() + 16);
    // The header's check sum, over its 17 bytes from "IHDR" on.
    const auto crc = [&] {
      std::uint32_t value = 0xFFFFFFFF;
      for (int i = 12; i < 29; ++i) {
        value ^= bytes[static_cast<std::size_t>(i)];
        for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320 : 0);
      }
      return ~value;
    }();
    for (int i = 0; i < 4; ++i) bytes[29u + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    const auto error = error_of([&] { decode_png(bytes, {.max_pixels = 32'000'000}); });
    CHECK(contains(error, "limit_exceeded decode"));
    CHECK(contains(error, "2147483647 x 2147483647"));
    CHECK(contains(error_of([&] { decode_png(bytes); }),
                   "out_of_memory decode: PNG of 2147483647 x 2147483647 pixels needs"));
    const Bytes small = samples::png(samples::picture(8, 8));
    CHECK(contains(error_of([&] { decode_png(small, {.max_pixels = 63}); }), "limit of 63 pixels"));
    CHECK(error_of([&] { decode_png(small, {.max_pixels = 64}); }) == "nothing");
  }

  TEST_CASE("a truncated PNG is an error wherever it ends") {
    const Bytes bytes = samples::png(samples::picture(20, 20));
    for (std::size_t size = 0; size < bytes.size(); size += 7) {
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK(contains(error_of([&] { decode_png(cut); }), "corrupt_data decode: PNG: "));
    }
    CHECK(contains(error_of([&] { decode_png(samples::without_end(bytes, 1)); }), "too soon"));
  }

  TEST_CASE("salvage takes the rows that are there; the rest is black") {
    const auto image = samples::picture(64, 64);
    const Bytes bytes = samples::png(image);
    const Bytes cut = samples::without_end(bytes, bytes.size() / 2);
    const auto salvaged = decode_png(cut, {.salvage = true});
    CHECK(std::equal(salvaged.data(), salvaged.row(8), image.data()));
    CHECK(pixel(salvaged, 63, 63) == Bytes(3, 0));
    const auto with_alpha = decode_png(cut, {.format = PixelFormat::rgba, .salvage = true});
    CHECK(pixel(with_alpha, 63, 63) == Bytes(4, 0));
    CHECK(pixel(with_alpha, 0, 0)[3] == 255);
    CHECK(samples::largest_difference(decode_png(bytes, {.salvage = true}), image) == 0);
    CHECK(contains(
        error_of([&] { decode_png(Bytes(cut.begin(), cut.begin() + 20), {.salvage = true}); }),
        "corrupt_data decode"));
  }

  TEST_CASE("damaged bytes are an error or an image, never a crash") {
    const Bytes bytes = samples::png(samples::picture(20, 20));
    int errors = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
      Bytes damaged = bytes;
      damaged[i] ^= 0x55;
      errors += error_of([&] { decode_png(damaged); }) != "nothing";
    }
    CHECK(errors > 0);
  }

  TEST_CASE("a chunk that claims to be huge is refused") {
    const Bytes bytes = samples::png(samples::picture(8, 8));
    const Bytes chunk = {0x7F, 0xFF, 0xFF, 0xFF, 't', 'E', 'X', 't'};
    CHECK(contains(error_of([&] { decode_png(samples::with_inserted(bytes, 33, chunk)); }),
                   "corrupt_data"));
  }
}
