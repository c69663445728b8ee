// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/depth_file.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <new>
#include <string>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "image/png_reader.hpp"
#include "io/depth_png.hpp"
#include "io/npy.hpp"
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

static_assert(std::endian::native == std::endian::little, "PFM is written as values lie in memory");

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, message);
}

void check_options(const DepthFileOptions& options) {
  if (!std::isfinite(options.scale) || options.scale <= 0) {
    fail(ErrorCode::invalid_argument, fmt::format("depth scale {} is not positive", options.scale));
  }
  if (options.max_pixels <= 0) {
    fail(ErrorCode::invalid_argument,
         fmt::format("max_pixels {} is not positive", options.max_pixels));
  }
}

}  // namespace

std::size_t checked_pixels(std::uint64_t width, std::uint64_t height,
                           const DepthFileOptions& options) {
  if (width == 0 || height == 0) {
    fail(ErrorCode::corrupt_data, fmt::format("a depth file of {} x {} pixels", width, height));
  }
  // Whatever the caller allows, the bytes of the widest elements must be countable.
  constexpr std::int64_t countable = std::numeric_limits<std::ptrdiff_t>::max() / 8;
  const auto limit = static_cast<std::uint64_t>(std::min(options.max_pixels, countable));
  constexpr std::uint64_t max_side = std::numeric_limits<int>::max();
  if (width > max_side || height > max_side || width > limit / height) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("{} x {} pixels are above the limit of {}", width, height, limit));
  }
  return static_cast<std::size_t>(width * height);
}

void check_plane(std::span<const float> values, int width, int height) {
  if (width > 0 && height > 0 &&
      values.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {
    return;
  }
  fail(ErrorCode::invalid_argument,
       fmt::format("{} values for a plane of {} x {}", values.size(), width, height));
}

Plane read_depth(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) try {
  check_options(options);
  if (is_npy(bytes)) return read_npy(bytes, options);
  if (is_png(bytes)) return read_png16(bytes, options);
  fail(ErrorCode::unsupported, "a depth file is .npy or 16-bit .png, and this is neither");
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, "no memory for the depth file's pixels");
}

// The format: https://www.pauldebevec.com/Research/HDR/PFM/. A negative scale says little-endian.
std::vector<std::uint8_t> encode_pfm(std::span<const float> values, int width, int height) try {
  check_plane(values, width, height);
  const std::string header = fmt::format("Pf\n{} {}\n-1.0\n", width, height);
  const std::size_t row_bytes = static_cast<std::size_t>(width) * sizeof(float);
  const auto* data = reinterpret_cast<const std::uint8_t*>(values.data());
  std::vector<std::uint8_t> bytes;
  bytes.reserve(header.size() + values.size_bytes());
  bytes.assign(header.begin(), header.end());
  for (auto v = static_cast<std::size_t>(height); v-- > 0;) {
    bytes.insert(bytes.end(), data + v * row_bytes, data + (v + 1) * row_bytes);
  }
  return bytes;
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, fmt::format("no memory for {} x {} pixels", width, height));
}

}  // namespace depthcloud
