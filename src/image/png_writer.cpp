// SPDX-License-Identifier: Apache-2.0
#include "image/png_writer.hpp"

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <png.h>

#include <depthcloud/error.hpp>

#include "core/memory_errors.hpp"
#include "core/quote.hpp"
#include "image/color_order.hpp"

namespace depthcloud {
namespace {

/// libpng reports an error by a longjmp. Calls to it are therefore in separate functions without
/// objects that need a destructor; they return false after the jump.
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
    throw Error(ErrorCode::internal, Stage::file, "PNG: " + quote(failure_.message.data()));
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

std::vector<std::uint8_t> write_png(const ImageView& image) {
  return with_memory_errors(Stage::file, "not enough memory to write a PNG", [&] {
    return Writer().write({image.width, image.height, 8, color_type(image.format),
                           is_blue_first(image.format),
                           rows_of(image.data, image.height, image.stride)});
  });
}

std::vector<std::uint8_t> write_gray16_png(const std::uint16_t* samples, int width, int height) {
  return with_memory_errors(Stage::file, "not enough memory to write a PNG", [&] {
    return Writer().write({width, height, 16, PNG_COLOR_TYPE_GRAY, false,
                           rows_of(samples, height, width * std::ptrdiff_t{2})});
  });
}

}  // namespace depthcloud
