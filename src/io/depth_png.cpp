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
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "PNG: " + message);
}

}  // namespace

Plane read_png16(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();  // see checked_pixels
  PngReader reader(bytes, no_limit, Stage::file);
  if (reader.has_color() || reader.has_alpha() || reader.bit_depth() != 16) {
    fail(ErrorCode::unsupported,
         fmt::format("{} picture of {} bits a sample: depth is 16-bit grayscale",
                     reader.has_color()   ? "a colour"
                     : reader.has_alpha() ? "a grayscale and alpha"
                                          : "a grayscale",
                     reader.bit_depth()));
  }
  Plane plane;
  plane.width = reader.width();
  plane.height = reader.height();
  const std::size_t pixels = checked_pixels(static_cast<std::uint64_t>(plane.width),
                                            static_cast<std::uint64_t>(plane.height), options);
  std::vector<std::uint16_t> samples(pixels);
  reader.read_gray16(samples.data());

  plane.values.reserve(pixels);
  for (const std::uint16_t sample : samples) {
    plane.values.push_back(static_cast<float>(sample * options.scale));
  }
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
