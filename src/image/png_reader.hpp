// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <png.h>

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <depthcloud/error.hpp>
#include <depthcloud/image.hpp>

namespace depthcloud {

/// libpng's reader over bytes in memory, with Error in place of its longjmp. The bytes must outlive
/// the reader. Thread-safety: one thread at a time.
class PngReader {
 public:
  /// Reads up to the pixels and checks the size against the limit; no memory for them is taken yet.
  /// Errors are of this stage. With `salvage`, corrupt data end read() and are no error, and rows
  /// that were not reached stay as they are.
  PngReader(std::span<const std::uint8_t> bytes, std::int64_t max_pixels,
            Stage stage = Stage::decode, bool salvage = false);
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  int width() const;
  int height() const;
  bool has_color() const;
  bool has_alpha() const;
  /// Alpha, or colours that stand for it.
  bool has_transparency() const;
  int bit_depth() const;
  /// The EXIF record with an "Exif\0\0" before it, as in JPEG; empty where there is none.
  const std::vector<std::uint8_t>& exif() const { return exif_; }
  /// The ICC profile; empty where there is none, or a broken one, which is remarked.
  std::vector<std::uint8_t> profile() const;

  /// What ended read() with `salvage`, in libpng's words; else empty.
  std::string_view loss() const { return loss_; }

  /// Decodes all rows as 8-bit samples in `format`, and reads on to the end of the file. `gray`
  /// needs an image without colour.
  void read(PixelFormat format, std::uint8_t* rows, std::ptrdiff_t stride);

  /// Decodes all rows of an image of one 16-bit channel, width() samples each, and reads on to the
  /// end of the file.
  void read_gray16(std::uint16_t* rows);

 private:
  struct Errors {
    std::jmp_buf escape;
    ErrorCode code = ErrorCode::corrupt_data;
    char message[256] = {};
    bool bad_profile = false;
  };
  struct Input {
    std::span<const std::uint8_t> rest;       ///< what libpng has not taken yet
    const std::uint8_t* cut_chunk = nullptr;  ///< the chunk that the file ends in
  };
  struct Handle {
    png_structp png = nullptr;
    png_infop info = nullptr;
    ~Handle() { png_destroy_read_struct(&png, &info, nullptr); }
  };

  template <typename Calls>
  void guard(Calls calls);
  void create();
  void limit_chunks();
  void find_cut_chunk();
  void convert_to(PixelFormat format);
  void read_passes(std::uint8_t* rows, std::ptrdiff_t stride);
  void copy_exif();

  [[noreturn]] static void on_error(png_structp png, png_const_charp message);
  static void on_warning(png_structp png, png_const_charp message);
  static void on_read(png_structp png, png_bytep out, std::size_t size);

  Stage stage_;
  Errors errors_;
  Input input_;
  std::vector<std::uint8_t> exif_;
  bool salvage_;
  std::string loss_;
  Handle handle_;
};

}  // namespace depthcloud
