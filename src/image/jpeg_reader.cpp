// SPDX-License-Identifier: Apache-2.0
#include "image/jpeg_reader.hpp"

#include <fmt/format.h>
#include <jerror.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "image/jpeg_color_space.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail_decoding(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::decode, message);
}

ErrorCode code_of(int libjpeg_message) {
  switch (libjpeg_message) {
    case JERR_OUT_OF_MEMORY:
      return ErrorCode::out_of_memory;
    case JERR_IMAGE_TOO_BIG:
      return ErrorCode::limit_exceeded;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
      return ErrorCode::unsupported;
    default:
      return ErrorCode::corrupt_data;
  }
}

/// Whether libjpeg's current warning means that no pixel is harmed.
bool is_harmless(const jpeg_decompress_struct& info) {
  switch (info.err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:  // a sequential scan is decoded as one, whatever its header says
      return true;
    case JWRN_EXTRANEOUS_DATA: {
      const bool in_header = info.input_scan_number == 0;
      const bool before_end = info.err->msg_parm.i[1] == JPEG_EOI;
      return in_header || before_end;
    }
    default:
      return false;
  }
}

constexpr int exif_marker = JPEG_APP0 + 1;
constexpr std::array<std::uint8_t, 6> exif_prefix = {'E', 'x', 'i', 'f', 0, 0};

}  // namespace

/// Runs libjpeg calls; an error in them comes back here by longjmp and leaves as Error. No
/// destructor runs on that way, so `calls` must hold nothing that needs one.
template <typename Calls>
void JpegReader::guard(Calls calls) {
  static_assert(std::is_trivially_destructible_v<Calls>);
  if (setjmp(errors_.escape) != 0) fail_decoding(errors_.code, errors_.message);
  calls();
}

void JpegReader::fail(Errors& errors) { std::longjmp(errors.escape, 1); }

void JpegReader::on_error(j_common_ptr info) {
  auto& errors = static_cast<Errors&>(*info->err);
  errors.format_message(info, errors.message);
  errors.code = code_of(errors.msg_code);
  fail(errors);
}

void JpegReader::on_message(j_common_ptr info, int level) {
  const bool is_warning = level < 0;
  if (!is_warning || is_harmless(*reinterpret_cast<j_decompress_ptr>(info))) return;
  on_error(info);
}

/// libjpeg calls this between the steps of reading an image of several scans.
void JpegReader::on_progress(j_common_ptr info) {
  const auto& progress = static_cast<const Progress&>(*info->progress);
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= progress.max_scans) return;
  auto& errors = static_cast<Errors&>(*info->err);
  errors.code = ErrorCode::limit_exceeded;
  *fmt::format_to_n(errors.message, sizeof errors.message - 1, "JPEG has more than {} scans",
                    progress.max_scans)
       .out = '\0';
  fail(errors);
}

JpegReader::JpegReader(std::span<const std::uint8_t> bytes, const DecodeOptions& options) {
  auto* info = &handle_.info;
  info->err = jpeg_std_error(&errors_);
  errors_.error_exit = on_error;
  errors_.emit_message = on_message;
  progress_.progress_monitor = on_progress;
  progress_.max_scans = options.max_scans;
  guard([=, this] {
    jpeg_create_decompress(info);
    info->progress = &progress_;
    jpeg_mem_src(info, bytes.data(), bytes.size());
    jpeg_save_markers(info, exif_marker, 0xFFFF);
    jpeg_read_header(info, TRUE);
  });
  check_header(options);
}

void JpegReader::check_header(const DecodeOptions& options) const {
  const auto& info = handle_.info;
  const auto pixels = std::int64_t{info.image_width} * info.image_height;
  if (pixels > options.max_pixels) {
    fail_decoding(ErrorCode::limit_exceeded,
                  fmt::format("JPEG of {} x {} pixels is larger than the limit of {} pixels",
                              info.image_width, info.image_height, options.max_pixels));
  }
  if (info.data_precision != 8) {
    fail_decoding(
        ErrorCode::unsupported,
        fmt::format("JPEG has {} bits a sample; only 8 are supported", info.data_precision));
  }
  if (info.arith_code) {
    fail_decoding(ErrorCode::unsupported, "JPEG uses arithmetic coding, which is not supported");
  }
  if (info.jpeg_color_space == JCS_UNKNOWN) {
    fail_decoding(
        ErrorCode::unsupported,
        fmt::format("JPEG has {} components; only 1, 3 and 4 are supported", info.num_components));
  }
}

std::span<const std::uint8_t> JpegReader::exif() const {
  for (auto* marker = handle_.info.marker_list; marker != nullptr; marker = marker->next) {
    const std::span<const std::uint8_t> data(marker->data, marker->data_length);
    if (data.size() > exif_prefix.size() &&
        std::equal(exif_prefix.begin(), exif_prefix.end(), data.begin())) {
      return data;
    }
  }
  return {};
}

void JpegReader::start(PixelFormat format, int denominator) {
  auto* info = &handle_.info;
  info->out_color_space = is_cmyk() ? JCS_CMYK : jpeg_color_space(format);
  info->scale_num = 1;
  info->scale_denom = static_cast<unsigned>(denominator);
  guard([=] { jpeg_start_decompress(info); });
}

void JpegReader::read_rows(std::uint8_t* rows, std::ptrdiff_t stride, int count) {
  auto* info = &handle_.info;
  guard([=] {
    const JDIMENSION first = info->output_scanline;
    const JDIMENSION end = first + static_cast<JDIMENSION>(count);
    while (info->output_scanline < end) {
      // libjpeg hands out a few rows a call; it gets pointers to that many.
      JSAMPROW next[8];
      const JDIMENSION wanted = std::min<JDIMENSION>(end - info->output_scanline, std::size(next));
      for (JDIMENSION i = 0; i < wanted; ++i) {
        next[i] = rows + static_cast<std::ptrdiff_t>(info->output_scanline - first + i) * stride;
      }
      jpeg_read_scanlines(info, next, wanted);
    }
  });
}

void JpegReader::finish() {
  auto* info = &handle_.info;
  guard([=] { jpeg_finish_decompress(info); });
}

}  // namespace depthcloud
