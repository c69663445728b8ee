// SPDX-License-Identifier: Apache-2.0
#include "io/tiff.hpp"

#include <algorithm>
#include <bit>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include <fmt/format.h>
#include <tiffio.h>

#include <depthcloud/buffer.hpp>
#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "io/depth_samples.hpp"
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "TIFF: " + message);
}

/// A file in memory, as libtiff reads it, and the first thing that it says is wrong.
struct Source {
  std::span<const std::uint8_t> bytes;
  std::uint64_t at = 0;
  char complaint[200] = {};
};

tmsize_t on_read(thandle_t handle, void* out, tmsize_t size) {
  auto& source = *static_cast<Source*>(handle);
  if (size <= 0 || source.at >= source.bytes.size()) return 0;
  const std::size_t count =
      std::min<std::size_t>(static_cast<std::size_t>(size), source.bytes.size() - source.at);
  std::memcpy(out, source.bytes.data() + source.at, count);
  source.at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t on_write(thandle_t, void*, tmsize_t) { return 0; }

toff_t on_seek(thandle_t handle, toff_t offset, int whence) {
  auto& source = *static_cast<Source*>(handle);
  source.at = whence == SEEK_CUR   ? source.at + offset
              : whence == SEEK_END ? source.bytes.size() + offset
                                   : offset;
  return source.at;
}

int on_close(thandle_t) { return 0; }

toff_t on_size(thandle_t handle) { return static_cast<Source*>(handle)->bytes.size(); }

int on_error(TIFF*, void* user, const char*, const char* format, va_list values) {
  auto& source = *static_cast<Source*>(user);
  if (source.complaint[0] == 0) {
    std::vsnprintf(source.complaint, sizeof source.complaint, format, values);
  }
  return 1;  // nothing goes to standard error
}

int on_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct Close {
  void operator()(TIFF* file) const { TIFFClose(file); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};
using File = std::unique_ptr<TIFF, Close>;

[[noreturn]] void fail_reading(const Source& source) {
  fail(ErrorCode::corrupt_data, source.complaint[0] != 0 ? quote(source.complaint) : "truncated");
}

File open(Source& source) {
  // Directories and strips that a header claims; pixels have a limit of their own.
  constexpr tmsize_t most_at_once = 1 << 30;
  const std::unique_ptr<TIFFOpenOptions, Close> options(TIFFOpenOptionsAlloc());
  if (!options) throw std::bad_alloc();
  TIFFOpenOptionsSetMaxSingleMemAlloc(
      options.get(), std::min<tmsize_t>(most_at_once, static_cast<tmsize_t>(
                                                          16 * source.bytes.size() + (1 << 20))));
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, nullptr);
  File file(TIFFClientOpenExt("depth", "rm", &source, on_read, on_write, on_seek, on_close, on_size,
                              nullptr, nullptr, options.get()));
  if (!file) fail_reading(source);
  return file;
}

template <typename T>
T field(TIFF* file, std::uint32_t tag, T missing) {
  T value = missing;
  return TIFFGetFieldDefaulted(file, tag, &value) == 1 ? value : missing;
}

SampleType sample_type(TIFF* file) {
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

void check_reading(TIFF* file) {
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

void read_rows(TIFF* file, const Source& source, std::size_t row_bytes, int height,
               std::uint8_t* out) {
  if (TIFFScanlineSize64(file) != row_bytes) fail_reading(source);
  for (int v = 0; v < height; ++v) {
    if (TIFFReadScanline(file, out, static_cast<std::uint32_t>(v), 0) != 1) fail_reading(source);
    out += row_bytes;
  }
}

void read_tiles(TIFF* file, const Source& source, const SampleType& type, const Plane& plane,
                const DepthFileOptions& options, std::uint8_t* out) {
  const auto tile_width = field<std::uint32_t>(file, TIFFTAG_TILEWIDTH, 0);
  const auto tile_height = field<std::uint32_t>(file, TIFFTAG_TILELENGTH, 0);
  const std::size_t tile_pixels = checked_pixels(tile_width, tile_height, options);
  if (TIFFTileSize64(file) != tile_pixels * type.bytes) fail_reading(source);
  Buffer<std::uint8_t> tile(tile_pixels * type.bytes);
  const auto width = static_cast<std::uint32_t>(plane.width);
  const auto height = static_cast<std::uint32_t>(plane.height);
  for (std::uint32_t top = 0; top < height; top += tile_height) {
    for (std::uint32_t left = 0; left < width; left += tile_width) {
      if (TIFFReadTile(file, tile.data(), left, top, 0, 0) < 0) fail_reading(source);
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
  Source source{bytes};
  const File file = open(source);
  const SampleType type = sample_type(file.get());
  check_reading(file.get());
  const auto width = field<std::uint32_t>(file.get(), TIFFTAG_IMAGEWIDTH, 0);
  const auto height = field<std::uint32_t>(file.get(), TIFFTAG_IMAGELENGTH, 0);
  const std::size_t pixels = checked_pixels(width, height, options);
  unit_of(type, options);
  Plane plane{static_cast<int>(width), static_cast<int>(height), {}};
  Buffer<std::uint8_t> samples(pixels * type.bytes);  // in this machine's byte order
  if (TIFFIsTiled(file.get()) != 0) {
    read_tiles(file.get(), source, type, plane, options, samples.data());
  } else {
    read_rows(file.get(), source, width * type.bytes, plane.height, samples.data());
  }
  convert_samples(samples.span(), type, row_by_row(plane.width, /*swap=*/false), options, plane);
  return plane;
}

}  // namespace depthcloud
