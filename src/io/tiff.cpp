// SPDX-License-Identifier: Apache-2.0
#include "io/tiff.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include <depthcloud/buffer.hpp>
#include <depthcloud/error.hpp>

#include "core/log.hpp"
#include "core/quote.hpp"
#include "image/tiff_file.hpp"
#include "io/depth_samples.hpp"
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "TIFF: " + message);
}

[[noreturn]] void fail_reading(const TiffFile& file) {
  fail(ErrorCode::corrupt_data, file.error().empty() ? "truncated" : quote(file.error()));
}

/// For the directories and strips that a header claims; pixels have a limit of their own.
tmsize_t most_at_once(std::size_t file_bytes) {
  constexpr tmsize_t most = 1 << 30;
  return std::min<tmsize_t>(most, static_cast<tmsize_t>(16 * file_bytes + (1 << 20)));
}

/// A field that libtiff knows a default of.
template <typename T>
T field(const TiffFile& file, std::uint32_t tag, T missing) {
  T value = missing;
  return TIFFGetFieldDefaulted(file.get(), tag, &value) == 1 ? value : missing;
}

SampleType sample_type(const TiffFile& file) {
  const auto channels = field<std::uint16_t>(file, TIFFTAG_SAMPLESPERPIXEL, 1);
  if (channels != 1) {
    fail(ErrorCode::unsupported, fmt::format("{} samples a pixel: depth has one", channels));
  }
  const auto bits = field<std::uint16_t>(file, TIFFTAG_BITSPERSAMPLE, 1);
  const auto format = field<std::uint16_t>(file, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  const char kind = format == SAMPLEFORMAT_IEEEFP                                ? 'f'
                    : format == SAMPLEFORMAT_INT                                 ? 'i'
                    : format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID ? 'u'
                                                                                 : '\0';
  const bool whole = bits == 8 || bits == 16 || bits == 32 || bits == 64;
  if (kind == '\0' || !whole || (kind == 'f' && bits == 8)) {
    fail(ErrorCode::unsupported,
         fmt::format("samples of {} bits in format {}: integers of 8 to 64 bits and floats of 16, "
                     "32 and 64 are read",
                     bits, format));
  }
  return {kind, static_cast<std::size_t>(bits / 8)};
}

void check_reading(const TiffFile& file) {
  const auto compression = field<std::uint16_t>(file, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (TIFFIsCODECConfigured(compression) != 1) {
    fail(ErrorCode::unsupported,
         fmt::format("compression {}, which this libtiff does not read", compression));
  }
  const auto orientation = field<std::uint16_t>(file, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  if (orientation != ORIENTATION_TOPLEFT) {
    fail(ErrorCode::unsupported,
         fmt::format("a picture that is turned (orientation {})", orientation));
  }
}

void read_rows(const TiffFile& file, std::size_t row_bytes, int height, std::uint8_t* out) {
  if (TIFFScanlineSize64(file.get()) != row_bytes) fail_reading(file);
  for (int v = 0; v < height; ++v) {
    if (TIFFReadScanline(file.get(), out, static_cast<std::uint32_t>(v), 0) != 1)
      fail_reading(file);
    out += row_bytes;
  }
}

void read_tiles(const TiffFile& file, const SampleType& type, const Plane& plane,
                const DepthFileOptions& options, std::uint8_t* out) {
  const auto tile_width = field<std::uint32_t>(file, TIFFTAG_TILEWIDTH, 0);
  const auto tile_height = field<std::uint32_t>(file, TIFFTAG_TILELENGTH, 0);
  const std::size_t tile_pixels = checked_pixels(tile_width, tile_height, options);
  if (TIFFTileSize64(file.get()) != tile_pixels * type.bytes) fail_reading(file);
  Buffer<std::uint8_t> tile(tile_pixels * type.bytes);
  const auto width = static_cast<std::uint32_t>(plane.width);
  const auto height = static_cast<std::uint32_t>(plane.height);
  for (std::uint32_t top = 0; top < height; top += tile_height) {
    for (std::uint32_t left = 0; left < width; left += tile_width) {
      if (TIFFReadTile(file.get(), tile.data(), left, top, 0, 0) < 0) fail_reading(file);
      const std::size_t row_bytes = std::min(tile_width, width - left) * type.bytes;
      for (std::uint32_t v = 0; v < std::min(tile_height, height - top); ++v) {
        std::memcpy(out + (std::size_t{top + v} * width + left) * type.bytes,
                    tile.data() + std::size_t{v} * tile_width * type.bytes, row_bytes);
      }
    }
  }
}

}  // namespace

Plane read_tiff(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  const TiffFile file(bytes, most_at_once(bytes.size()));
  if (!file.is_open()) fail_reading(file);
  const SampleType type = sample_type(file);
  check_reading(file);
  if (TIFFLastDirectory(file.get()) == 0) {
    log(LogLevel::warning, "TIFF: of several pictures in the file the first was taken");
  }
  const auto width = field<std::uint32_t>(file, TIFFTAG_IMAGEWIDTH, 0);
  const auto height = field<std::uint32_t>(file, TIFFTAG_IMAGELENGTH, 0);
  const std::size_t pixels = checked_pixels(width, height, options);
  unit_of(type, options);
  Plane plane{static_cast<int>(width), static_cast<int>(height), {}};
  Buffer<std::uint8_t> samples(pixels * type.bytes);  // in this machine's byte order
  if (TIFFIsTiled(file.get()) != 0) {
    read_tiles(file, type, plane, options, samples.data());
  } else {
    read_rows(file, width * type.bytes, plane.height, samples.data());
  }
  convert_samples(samples.span(), type, row_by_row(plane.width, /*swap=*/false), options, plane);
  return plane;
}

}  // namespace depthcloud
