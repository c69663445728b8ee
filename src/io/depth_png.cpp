// SPDX-License-Identifier: Apache-2.0
#include "io/depth_png.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <csetjmp>
#include <cstddef>
#include <cstring>
#include <new>
#include <string>

#include <fmt/format.h>
#include <png.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

constexpr std::size_t signature_bytes = 8;

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "png: " + message);
}

/// libpng reports an error by a jump. Whoever calls it therefore sits in a function of its own,
/// which holds nothing that needs a destructor and returns false after the jump.
struct Failure {
  std::array<char, 128> message{};
  bool out_of_memory = false;
};

void on_error(png_structp png, png_const_charp message) {
  auto& failure = *static_cast<Failure*>(png_get_error_ptr(png));
  std::strncpy(failure.message.data(), message, failure.message.size() - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

struct Source {
  std::span<const std::uint8_t> bytes;
};

void read_bytes(png_structp png, png_bytep target, std::size_t size) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  if (size > source.bytes.size()) png_error(png, "the file is truncated");
  std::memcpy(target, source.bytes.data(), size);
  source.bytes = source.bytes.subspan(size);
}

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : source_{bytes} {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure_, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png_, &source_, read_bytes);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // see checked_pixels
  }
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void read_header() { check(try_read_header()); }
  void read_rows(png_bytepp rows) { check(try_read_rows(rows)); }

  std::uint32_t width() const { return png_get_image_width(png_, info_); }
  std::uint32_t height() const { return png_get_image_height(png_, info_); }
  int bit_depth() const { return png_get_bit_depth(png_, info_); }
  bool gray() const { return png_get_color_type(png_, info_) == PNG_COLOR_TYPE_GRAY; }

 private:
  bool try_read_header() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_info(png_, info_);
    return true;
  }

  bool try_read_rows(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_swap(png_);  // to little-endian
    png_set_interlace_handling(png_);
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }

  void check(bool ok) const {
    if (!ok) fail(ErrorCode::corrupt_data, quote(failure_.message.data()));
  }

  Failure failure_;
  Source source_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

struct Picture {
  int width;
  int height;
  int bit_depth;
  int color_type;
  bool bgr;
  std::vector<png_bytep> rows;  ///< libpng only reads them, but is not const-correct
};

class Writer {
 public:
  Writer() {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure_, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_write_struct(&png_, nullptr);
      throw std::bad_alloc();
    }
    png_set_write_fn(png_, this, write_bytes, nullptr);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  }
  ~Writer() { png_destroy_write_struct(&png_, &info_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::vector<std::uint8_t> write(Picture picture) {
    if (try_write(picture)) return std::move(bytes_);
    if (failure_.out_of_memory) throw std::bad_alloc();
    fail(ErrorCode::internal, quote(failure_.message.data()));
  }

 private:
  static constexpr int compression_level = 3;  // of 9: pictures are written once a photo

  static void write_bytes(png_structp png, png_bytep data, std::size_t size) {
    auto& writer = *static_cast<Writer*>(png_get_io_ptr(png));
    try {
      writer.bytes_.insert(writer.bytes_.end(), data, data + size);
    } catch (const std::bad_alloc&) {
      writer.failure_.out_of_memory = true;  // no jump out of a handler
    }
    if (writer.failure_.out_of_memory) png_error(png, "out of memory");
  }

  bool try_write(Picture& picture) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_compression_level(png_, compression_level);
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(picture.width),
                 static_cast<png_uint_32>(picture.height), picture.bit_depth, picture.color_type,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    if (picture.bit_depth == 16) png_set_swap(png_);  // from little-endian
    if (picture.bgr) png_set_bgr(png_);
    png_write_image(png_, picture.rows.data());
    png_write_end(png_, nullptr);
    return true;
  }

  Failure failure_;
  std::vector<std::uint8_t> bytes_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

/// Pointers to the rows of `height` rows of `stride` bytes.
std::vector<png_bytep> rows_of(const void* data, int height, std::ptrdiff_t stride) {
  auto* first = static_cast<png_bytep>(const_cast<void*>(data));
  std::vector<png_bytep> rows;
  rows.reserve(static_cast<std::size_t>(height));
  for (int v = 0; v < height; ++v) rows.push_back(first + v * stride);
  return rows;
}

int color_type(PixelFormat format) {
  switch (channels(format)) {
    case 1:
      return PNG_COLOR_TYPE_GRAY;
    case 3:
      return PNG_COLOR_TYPE_RGB;
    default:
      return PNG_COLOR_TYPE_RGB_ALPHA;
  }
}

}  // namespace

bool is_png(std::span<const std::uint8_t> bytes) noexcept {
  return bytes.size() >= signature_bytes && png_sig_cmp(bytes.data(), 0, signature_bytes) == 0;
}

Plane read_png16(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  Reader reader(bytes);
  reader.read_header();
  if (!reader.gray() || reader.bit_depth() != 16) {
    fail(ErrorCode::unsupported,
         fmt::format("{} picture of {} bits a sample: depth is 16-bit grayscale",
                     reader.gray() ? "a grayscale" : "a colour", reader.bit_depth()));
  }
  const std::size_t pixels = checked_pixels(reader.width(), reader.height(), options);
  Plane plane;
  plane.width = static_cast<int>(reader.width());
  plane.height = static_cast<int>(reader.height());
  std::vector<std::uint16_t> samples(pixels);
  auto rows = rows_of(samples.data(), plane.height, plane.width * std::ptrdiff_t{2});
  reader.read_rows(rows.data());

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
  return Writer().write({width, height, 16, PNG_COLOR_TYPE_GRAY, false,
                         rows_of(samples.data(), height, width * std::ptrdiff_t{2})});
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, fmt::format("no memory for {} x {} pixels", width, height));
}

std::vector<std::uint8_t> encode_png(const ImageView& image) try {
  check(image);
  const bool bgr = image.format == PixelFormat::bgr || image.format == PixelFormat::bgra;
  return Writer().write({image.width, image.height, 8, color_type(image.format), bgr,
                         rows_of(image.data, image.height, image.stride)});
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory,
       fmt::format("no memory for {} x {} pixels", image.width, image.height));
}

}  // namespace depthcloud
