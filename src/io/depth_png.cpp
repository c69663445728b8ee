// SPDX-License-Identifier: Apache-2.0
#include "io/depth_png.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <new>
#include <string>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "image/png_reader.hpp"
#include "image/png_writer.hpp"
#include "io/depth_samples.hpp"
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "PNG: " + message);
}

[[noreturn]] void fail_kind(const PngReader& reader) {
  fail(ErrorCode::unsupported,
       fmt::format("{} picture of {} bits a sample: depth is gray, of 8 or 16 bits",
                   reader.has_color()   ? "a colour"
                   : reader.has_alpha() ? "a grayscale and alpha"
                                        : "a grayscale",
                   reader.bit_depth()));
}

/// One channel of a picture whose three channels are the same everywhere, as some networks write
/// theirs.
std::vector<std::uint8_t> gray_of_color(PngReader& reader, std::size_t pixels) {
  std::vector<std::uint8_t> rgb(3 * pixels);
  reader.read(PixelFormat::rgb, rgb.data(), std::ptrdiff_t{3} * reader.width());
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint8_t* const pixel = rgb.data() + 3 * i;
    if (pixel[0] != pixel[1] || pixel[0] != pixel[2]) fail_kind(reader);
    rgb[i] = pixel[0];
  }
  rgb.resize(pixels);
  return rgb;
}

/// One sample a pixel, in this machine's byte order.
std::vector<std::uint8_t> read_samples(PngReader& reader, std::size_t pixels) {
  if (reader.has_color()) return gray_of_color(reader, pixels);
  std::vector<std::uint8_t> samples(pixels * static_cast<std::size_t>(reader.bit_depth() / 8));
  if (reader.bit_depth() == 16) {
    reader.read_gray16(reinterpret_cast<std::uint16_t*>(samples.data()));
  } else {
    reader.read(PixelFormat::gray, samples.data(), reader.width());
  }
  return samples;
}

}  // namespace

Plane read_depth_png(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();  // see checked_pixels
  PngReader reader(bytes, no_limit, Stage::file);
  const int bits = reader.bit_depth();
  if (reader.has_alpha() || (bits != 8 && (bits != 16 || reader.has_color()))) fail_kind(reader);
  Plane plane{reader.width(), reader.height(), {}};
  const std::size_t pixels = checked_pixels(static_cast<std::uint64_t>(plane.width),
                                            static_cast<std::uint64_t>(plane.height), options);
  const SampleType type{'u', static_cast<std::size_t>(bits / 8)};
  unit_of(type, options);
  convert_samples(read_samples(reader, pixels), type, row_by_row(plane.width, /*swap=*/false),
                  options, plane);
  return plane;
}

std::vector<std::uint8_t> encode_depth_png16(std::span<const float> depth, int width, int height,
                                             double units_per_depth) try {
  check_plane(depth, width, height);
  if (!std::isfinite(units_per_depth) || units_per_depth <= 0) {
    fail(ErrorCode::invalid_argument,
         fmt::format("units_per_depth {} is not positive", units_per_depth));
  }
  std::vector<std::uint16_t> samples;
  samples.reserve(depth.size());
  for (const float z : depth) {
    const bool has_depth = std::isfinite(z) && z > 0;
    const double units = has_depth ? std::round(z * units_per_depth) : 0.0;
    samples.push_back(static_cast<std::uint16_t>(std::min(units, 65535.0)));
  }
  return write_gray16_png(samples.data(), width, height);
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, fmt::format("no memory for {} x {} pixels", width, height));
}

std::vector<std::uint8_t> encode_png(const ImageView& image) {
  validate(image);
  return write_png(image);
}

}  // namespace depthcloud
