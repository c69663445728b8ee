// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/depth_file.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <new>
#include <string>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/file_kind.hpp"
#include "io/depth_png.hpp"
#include "io/exr.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
#include "io/pfm.hpp"
#include "io/pgm.hpp"
#include "io/plane_size.hpp"
#include "io/tiff.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, message);
}

void check_options(const DepthFileOptions& options) {
  if (options.scale && (!std::isfinite(*options.scale) || *options.scale <= 0)) {
    fail(ErrorCode::invalid_argument,
         fmt::format("depth scale {} is not positive", *options.scale));
  }
  if (options.max_pixels <= 0) {
    fail(ErrorCode::invalid_argument,
         fmt::format("max_pixels {} is not positive", options.max_pixels));
  }
}

[[noreturn, maybe_unused]] void fail_library(const char* format, const char* debian,
                                             const char* homebrew) {
  fail(ErrorCode::unavailable,
       fmt::format("{} is read in builds with '{}' (Debian, Ubuntu) or '{}' (Homebrew)", format,
                   debian, homebrew));
}

[[noreturn]] void fail_unknown(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) fail(ErrorCode::corrupt_data, "the depth file has no bytes");
  fail(ErrorCode::unsupported,
       fmt::format("not a depth file (.npy, .npz, .pfm, .png, .pgm, .tiff or .exr) but {}",
                   describe_file(bytes, ".npy or .pfm")));
}

Plane read_by_format(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  const FileKind kind = file_kind(bytes);
  const bool has_arrays = kind == FileKind::npz || kind == FileKind::zip || kind == FileKind::exr;
  if (!options.array.empty() && !has_arrays) {
    fail(ErrorCode::invalid_argument,
         "one array of several can be chosen of .npz and .exr, which this is not");
  }
  switch (kind) {
    case FileKind::numpy:
      return read_npy(bytes, options);
    case FileKind::npz:
    case FileKind::zip:
      return read_npz(bytes, options);
    case FileKind::png:
      return read_depth_png(bytes, options);
    case FileKind::pfm:
      return read_pfm(bytes, options);
    case FileKind::netpbm:
      if (is_pgm(bytes)) return read_pgm(bytes, options);
      break;
    case FileKind::exr:
#ifdef DEPTHCLOUD_WITH_EXR
      return read_exr(bytes, options);
#else
      fail_library("EXR", "libopenexr-dev", "openexr");
#endif
    case FileKind::tiff:
#ifdef DEPTHCLOUD_WITH_TIFF
      return read_tiff(bytes, options);
#else
      fail_library("TIFF", "libtiff-dev", "libtiff");
#endif
    default:
      break;
  }
  fail_unknown(bytes);
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
  return read_by_format(bytes, options);
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, "no memory for the depth file's pixels");
}

}  // namespace depthcloud
