// SPDX-License-Identifier: Apache-2.0
#include "image/png_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "image/color_order.hpp"
#include "image/color_profile.hpp"
#include "image/decode_common.hpp"

namespace depthcloud {
namespace {

constexpr std::size_t chunk_header_bytes = 8;

}  // namespace

/// Runs libpng calls; an error in them comes back here by longjmp and leaves as Error. No
/// destructor runs on that way, so `calls` must hold nothing that needs one.
template <typename Calls>
void PngReader::guard(Calls calls) {
  static_assert(std::is_trivially_destructible_v<Calls>);
  if (setjmp(errors_.escape) != 0) {
    throw Error(errors_.code, stage_, fmt::format("PNG: {}", errors_.message));
  }
  calls();
}

void PngReader::on_error(png_structp png, png_const_charp message) {
  auto& errors = *static_cast<Errors*>(png_get_error_ptr(png));
  std::strncpy(errors.message, message, sizeof errors.message - 1);
  const bool out_of_memory = std::string_view(message) == "Out of memory";
  errors.code = out_of_memory ? ErrorCode::out_of_memory : ErrorCode::corrupt_data;
  std::longjmp(errors.escape, 1);
}

/// Of what libpng only remarks on, broken profiles are of interest.
void PngReader::on_warning(png_structp png, png_const_charp message) {
  auto& errors = *static_cast<Errors*>(png_get_error_ptr(png));
  const std::string_view text(message);
  errors.bad_profile |= text.starts_with("iCCP") && text.find("sRGB") == std::string_view::npos;
}

void PngReader::on_read(png_structp png, png_bytep out, std::size_t size) {
  auto& [rest, cut_chunk] = *static_cast<Input*>(png_get_io_ptr(png));
  if (size > rest.size()) png_error(png, "file ends too soon");
  std::memcpy(out, rest.data(), size);
  if (rest.data() == cut_chunk && size == chunk_header_bytes) {
    png_save_uint_32(out, static_cast<png_uint_32>(rest.size() - chunk_header_bytes));
  }
  rest = rest.subspan(size);
}

/// A chunk without its end is declared as long as what is there of it: libpng asks for large
/// pieces, and would not get the last one.
void PngReader::find_cut_chunk() {
  constexpr std::size_t signature_bytes = 8;
  constexpr std::size_t check_bytes = 4;
  auto rest = input_.rest.subspan(std::min(signature_bytes, input_.rest.size()));
  while (rest.size() > chunk_header_bytes) {
    const std::size_t size = chunk_header_bytes + png_get_uint_32(rest.data()) + check_bytes;
    if (size > rest.size()) {
      input_.cut_chunk = rest.data();
      return;
    }
    rest = rest.subspan(size);
  }
}

PngReader::PngReader(std::span<const std::uint8_t> bytes, std::int64_t max_pixels, Stage stage,
                     bool salvage)
    : stage_(stage), input_{bytes}, salvage_(salvage) {
  create();
  if (salvage) {
    png_set_crc_action(handle_.png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
    find_cut_chunk();
  }
  guard([this] {
    limit_chunks();
    png_set_read_fn(handle_.png, &input_, on_read);
    png_read_info(handle_.png, handle_.info);
  });
  check_pixels("PNG", width(), height(), max_pixels, stage_);
  copy_exif();
}

void PngReader::create() {
  handle_.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &errors_, on_error, on_warning);
  if (handle_.png != nullptr) handle_.info = png_create_info_struct(handle_.png);
  if (handle_.info == nullptr) throw std::bad_alloc();
}

/// Of everything beside the pixels only palette, transparency, colour profile and EXIF are read,
/// and a chunk that claims to be huge is refused. The image's size is checked by the reader, with a
/// clearer message.
void PngReader::limit_chunks() {
  constexpr png_alloc_size_t max_chunk_bytes = 1 << 20;
  png_set_user_limits(handle_.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(handle_.png, max_chunk_bytes);
  png_set_keep_unknown_chunks(handle_.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  constexpr png_byte read[] = "eXIf\0iCCP\0sRGB";
  png_set_keep_unknown_chunks(handle_.png, PNG_HANDLE_CHUNK_AS_DEFAULT, read, 3);
}

int PngReader::width() const {
  return static_cast<int>(png_get_image_width(handle_.png, handle_.info));
}

int PngReader::height() const {
  return static_cast<int>(png_get_image_height(handle_.png, handle_.info));
}

bool PngReader::has_color() const {
  return (png_get_color_type(handle_.png, handle_.info) & PNG_COLOR_MASK_COLOR) != 0;
}

bool PngReader::has_alpha() const {
  return (png_get_color_type(handle_.png, handle_.info) & PNG_COLOR_MASK_ALPHA) != 0;
}

bool PngReader::has_transparency() const {
  return has_alpha() || png_get_valid(handle_.png, handle_.info, PNG_INFO_tRNS) != 0;
}

int PngReader::bit_depth() const { return png_get_bit_depth(handle_.png, handle_.info); }

void PngReader::copy_exif() {
  png_uint_32 size = 0;
  png_bytep data = nullptr;
  if (png_get_eXIf_1(handle_.png, handle_.info, &size, &data) == 0) return;
  exif_.assign({'E', 'x', 'i', 'f', 0, 0});
  exif_.insert(exif_.end(), data, data + size);
}

std::vector<std::uint8_t> PngReader::profile() const {
  png_charp name = nullptr;
  png_bytep data = nullptr;
  png_uint_32 size = 0;
  int compression = 0;
  if (png_get_valid(handle_.png, handle_.info, PNG_INFO_sRGB) != 0) return {};
  if (png_get_iCCP(handle_.png, handle_.info, &name, &compression, &data, &size) != 0) {
    return {data, data + size};
  }
  if (errors_.bad_profile) remark_broken_profile("it is broken");
  return {};
}

void PngReader::convert_to(PixelFormat format) {
  png_structp png = handle_.png;
  png_set_expand(png);  // palettes to RGB, low bit depths to 8, a transparent colour to alpha
  png_set_strip_16(png);
  if (format != PixelFormat::gray) png_set_gray_to_rgb(png);
  if (channels(format) == 4) {
    png_set_add_alpha(png, 0xFF, PNG_FILLER_AFTER);
  } else {
    png_set_strip_alpha(png);
  }
  if (is_blue_first(format)) png_set_bgr(png);
}

void PngReader::read_passes(std::uint8_t* rows, std::ptrdiff_t stride) {
  const int passes = png_set_interlace_handling(handle_.png);
  png_read_update_info(handle_.png, handle_.info);
  for (int pass = 0; pass < passes; ++pass) {
    for (int v = 0; v < height(); ++v) png_read_row(handle_.png, rows + v * stride, nullptr);
  }
  png_read_end(handle_.png, nullptr);
}

void PngReader::read(PixelFormat format, std::uint8_t* rows, std::ptrdiff_t stride) try {
  guard([=, this] {
    convert_to(format);
    read_passes(rows, stride);
  });
} catch (const Error& error) {
  if (!salvage_ || error.code() != ErrorCode::corrupt_data) throw;
  loss_ = error.what();
}

void PngReader::read_gray16(std::uint16_t* rows) {
  guard([=, this] {
    png_set_swap(handle_.png);  // to little-endian
    read_passes(reinterpret_cast<std::uint8_t*>(rows), std::ptrdiff_t{2} * width());
  });
}

}  // namespace depthcloud
