// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <span>
#include <string_view>
#include <vector>

#include <depthcloud/decode.hpp>
#include <depthcloud/error.hpp>

namespace depthcloud {

/// How libjpeg takes the Huffman codes apart. Its fast way passes over codes that do not exist.
enum class HuffmanCodes { fast, checked };

/// libjpeg's decompressor over bytes in memory, with Error in place of its longjmp. libjpeg's own
/// interface rather than TurboJPEG's, because only it distinguishes warnings: bytes that
/// are missing or corrupt are errors here, bytes too many before a marker are not, nor is an end
/// marker that is missing behind all pixels.
/// The bytes must outlive the reader. Thread-safety: one thread at a time.
class JpegReader {
 public:
  /// Reads the header and checks it against the limits; no memory for pixels is taken yet.
  JpegReader(std::span<const std::uint8_t> bytes, const DecodeOptions& options,
             HuffmanCodes codes = HuffmanCodes::fast);
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  /// The stored size, before scaling and orientation.
  int width() const { return static_cast<int>(handle_.info.image_width); }
  int height() const { return static_cast<int>(handle_.info.image_height); }
  /// Stored as CMYK or YCCK: its rows come as CMYK, whatever format is asked for.
  bool is_cmyk() const { return handle_.info.num_components == 4; }
  /// The EXIF record with its "Exif\0\0"; empty where there is none. Valid until finish().
  std::span<const std::uint8_t> exif() const;
  /// The ICC profile; empty where there is none, or a broken one, which is remarked. Before
  /// start().
  std::vector<std::uint8_t> profile();
  bool is_gray() const { return handle_.info.num_components == 1; }

  /// Starts decoding at 1 / `denominator` of the size: 1, 2, 4 or 8.
  void start(PixelFormat format, int denominator);
  /// The size of what is decoded, once started.
  int output_width() const { return static_cast<int>(handle_.info.output_width); }
  int output_height() const { return static_cast<int>(handle_.info.output_height); }
  /// Decodes the next `count` rows. With DecodeOptions::salvage what cannot be decoded is gray.
  void read_rows(std::uint8_t* rows, std::ptrdiff_t stride, int count);
  /// Reads on to the end marker, so that an image that ends too soon is an error.
  void finish();
  /// Bytes were left over behind a scan or restart interval: stray ones, which cost nothing, or
  /// those of codes that were misread. Decoding with HuffmanCodes::checked tells.
  bool has_doubt() const { return errors_.left_over; }
  /// What was lost first, in libjpeg's words, where DecodeOptions::salvage let it be; else empty.
  std::string_view loss() const { return errors_.loss; }

 private:
  struct Errors : jpeg_error_mgr {
    std::jmp_buf escape;
    ErrorCode code = ErrorCode::corrupt_data;
    char message[JMSG_LENGTH_MAX] = {};
    bool salvage = false;
    bool bad_profile = false;
    bool left_over = false;  ///< see has_doubt()
    bool ended = false;      ///< before the end marker, which `message` says
    char loss[JMSG_LENGTH_MAX] = {};
  };
  struct Source : jpeg_source_mgr {
    std::span<const std::uint8_t> rest{};
    std::size_t piece = 0;  ///< bytes that libjpeg gets at a time
  };
  struct Progress : jpeg_progress_mgr {
    int max_scans = 0;
  };
  struct Handle {
    jpeg_decompress_struct info{};
    ~Handle() { jpeg_destroy_decompress(&info); }
  };

  template <typename Calls>
  void guard(Calls calls);
  template <typename Step>
  void salvage(Step step);
  void read_whole_rows(std::uint8_t* rows, std::ptrdiff_t stride, int count);
  double needed_bytes();
  void open(std::span<const std::uint8_t> bytes, HuffmanCodes codes);
  bool has_all_scans() const;
  void check_header(const DecodeOptions& options) const;

  [[noreturn]] static void fail(Errors& errors);
  static void note_loss(Errors& errors);
  [[noreturn]] static void on_error(j_common_ptr info);
  static void on_message(j_common_ptr info, int level);
  static boolean on_empty(j_decompress_ptr info);
  static void on_skip(j_decompress_ptr info, long count);
  static void on_progress(j_common_ptr info);

  Errors errors_;
  Source source_;
  Progress progress_;
  Handle handle_;
  bool broken_ = false;  ///< decoding has ended before the image did
};

}  // namespace depthcloud
