// SPDX-License-Identifier: Apache-2.0
#include "image/jpeg_reader.hpp"

#include <fmt/format.h>
#include <jerror.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <type_traits>

#include "image/color_profile.hpp"
#include "image/decode_common.hpp"
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

/// Whether the message is of bytes that were left over behind entropy-coded data.
bool tells_of_left_over(const jpeg_decompress_struct& info) {
  const bool is_in_header = info.input_scan_number == 0;
  return info.err->msg_code == JWRN_EXTRANEOUS_DATA && !is_in_header;
}

/// Whether the message is of a file that ends before its end marker, which is no loss unless
/// something is missing, of which the Huffman decoder tells by JWRN_HIT_MARKER. The arithmetic one
/// takes what is missing for zeros and says nothing.
bool tells_of_harmless_end(const jpeg_decompress_struct& info) {
  return info.err->msg_code == JWRN_JPEG_EOF && info.input_scan_number > 0 && info.arith_code == 0;
}

/// Stray bytes stand before restart markers and the end marker; before a table or the next scan
/// they are those of misread codes. libjpeg may count those before a restart marker only at a later
/// marker, whatever that is.
bool may_be_stray(const jpeg_decompress_struct& info, int marker) {
  return info.restart_interval > 0 || marker == JPEG_EOI;
}

/// Whether libjpeg's current message means that pixels are lost. What it only remarks on, every
/// decoder shows alike: bytes too many before a marker, markers that do not belong there, headers
/// of an odd revision. Where bytes are missing, another message follows that is not harmless.
bool loses_pixels(const jpeg_decompress_struct& info, int level) {
  const int(&parameters)[8] = info.err->msg_parm.i;
  const bool is_warning = level < 0;
  switch (info.err->msg_code) {
    case JTRC_RECOVERY_ACTION: {  // how it goes on after JWRN_MUST_RESYNC
      constexpr int take_interval_as_empty = 3;
      return parameters[1] == take_interval_as_empty;
    }
    case JWRN_EXTRANEOUS_DATA:
      return tells_of_left_over(info) && !may_be_stray(info, parameters[1]);
    case JWRN_JPEG_EOF:
      return !tells_of_harmless_end(info);
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_JFIF_MAJOR:
    case JWRN_MUST_RESYNC:
    case JWRN_NOT_SEQUENTIAL:  // a sequential scan is decoded as one, whatever its header says
    case JWRN_TOO_MUCH_DATA:
      return false;
    case JWRN_BOGUS_PROGRESSION: {
      const bool sent_before_dc = parameters[1] == 0 && info.Ss > 0;
      const bool sent_again = info.Ah == 0;
      return !sent_before_dc && !sent_again;  // a scan is missing
    }
    default:
      return is_warning;
  }
}

constexpr int exif_marker = JPEG_APP0 + 1;
constexpr int profile_marker = JPEG_APP0 + 2;
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

/// Runs a step of decoding unless one before failed. With DecodeOptions::salvage corrupt data end
/// the decoding and not the call.
template <typename Step>
void JpegReader::salvage(Step step) {
  if (broken_) return;
  try {
    step();
  } catch (const Error& error) {
    if (!errors_.salvage || error.code() != ErrorCode::corrupt_data) throw;
    note_loss(errors_);
    broken_ = true;
  }
}

void JpegReader::fail(Errors& errors) { std::longjmp(errors.escape, 1); }

void JpegReader::on_error(j_common_ptr info) {
  auto& errors = static_cast<Errors&>(*info->err);
  errors.code = code_of(errors.msg_code);
  const bool is_of_end = errors.ended && errors.code == ErrorCode::corrupt_data;
  if (!is_of_end) errors.format_message(info, errors.message);
  fail(errors);
}

void JpegReader::on_message(j_common_ptr info, int level) {
  auto& errors = static_cast<Errors&>(*info->err);
  const auto& decoder = *reinterpret_cast<j_decompress_ptr>(info);
  errors.bad_profile |= errors.msg_code == JWRN_BOGUS_ICC;
  errors.left_over |= tells_of_left_over(decoder);
  const bool ends = tells_of_harmless_end(decoder);
  // These tell more than the message on what they lead to.
  const bool is_cause = ends || errors.msg_code == JWRN_MUST_RESYNC;
  if (is_cause && !errors.ended) errors.format_message(info, errors.message);
  errors.ended |= ends;
  if (!loses_pixels(decoder, level)) return;
  const bool has_cause = errors.ended || errors.msg_code == JTRC_RECOVERY_ACTION;
  if (!has_cause) errors.format_message(info, errors.message);
  errors.code = ErrorCode::corrupt_data;
  if (!errors.salvage) fail(errors);
  note_loss(errors);
}

/// The first loss says most about what happened.
void JpegReader::note_loss(Errors& errors) {
  if (errors.loss[0] == '\0') std::memcpy(errors.loss, errors.message, sizeof errors.loss);
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

/// libjpeg has read all that it was given.
boolean JpegReader::on_empty(j_decompress_ptr info) {
  auto& source = static_cast<Source&>(*info->src);
  if (source.rest.empty()) {
    static constexpr JOCTET end[] = {0xFF, JPEG_EOI};
    WARNMS(info, JWRN_JPEG_EOF);
    source.next_input_byte = end;
    source.bytes_in_buffer = std::size(end);
    return TRUE;
  }
  const std::size_t count = std::min(source.piece, source.rest.size());
  source.next_input_byte = source.rest.data();
  source.bytes_in_buffer = count;
  source.rest = source.rest.subspan(count);
  return TRUE;
}

void JpegReader::on_skip(j_decompress_ptr info, long count) {
  auto left = static_cast<std::size_t>(std::max(count, 0L));
  while (left > info->src->bytes_in_buffer) {
    left -= info->src->bytes_in_buffer;
    on_empty(info);
  }
  info->src->next_input_byte += left;
  info->src->bytes_in_buffer -= left;
}

/// libjpeg decodes fast only what lies well before the end of a piece.
void JpegReader::open(std::span<const std::uint8_t> bytes, HuffmanCodes codes) {
  constexpr std::size_t too_short_to_be_fast = 256;
  source_.rest = bytes;
  source_.piece = codes == HuffmanCodes::checked ? too_short_to_be_fast
                                                 : std::max<std::size_t>(bytes.size(), 1);
  source_.next_input_byte = nullptr;
  source_.bytes_in_buffer = 0;
  source_.init_source = [](j_decompress_ptr) {};
  source_.fill_input_buffer = on_empty;
  source_.skip_input_data = on_skip;
  source_.resync_to_restart = jpeg_resync_to_restart;
  source_.term_source = [](j_decompress_ptr) {};
  handle_.info.src = &source_;
}

JpegReader::JpegReader(std::span<const std::uint8_t> bytes, const DecodeOptions& options,
                       HuffmanCodes codes) {
  if (bytes.empty()) fail_decoding(ErrorCode::corrupt_data, "Empty input file");
  auto* info = &handle_.info;
  info->err = jpeg_std_error(&errors_);
  errors_.error_exit = on_error;
  errors_.emit_message = on_message;
  errors_.salvage = options.salvage;
  progress_.progress_monitor = on_progress;
  progress_.max_scans = options.max_scans;
  guard([=, this] {
    jpeg_create_decompress(info);
    info->progress = &progress_;
    open(bytes, codes);
    jpeg_save_markers(info, exif_marker, 0xFFFF);
    jpeg_save_markers(info, profile_marker, 0xFFFF);
    jpeg_read_header(info, TRUE);
  });
  check_header(options);
}

void JpegReader::check_header(const DecodeOptions& options) const {
  const auto& info = handle_.info;
  check_pixels("JPEG", info.image_width, info.image_height, options.max_pixels);
  if (info.data_precision != 8) {
    fail_decoding(
        ErrorCode::unsupported,
        fmt::format("JPEG has {} bits a sample; only 8 are supported", info.data_precision));
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

std::vector<std::uint8_t> JpegReader::profile() {
  auto* info = &handle_.info;
  JOCTET* data = nullptr;
  unsigned size = 0;
  guard([info, to = &data, &size] { jpeg_read_icc_profile(info, to, &size); });
  const std::unique_ptr<JOCTET, void (*)(void*)> owner(data, std::free);
  if (errors_.bad_profile) remark_broken_profile("it is broken");
  return data == nullptr ? std::vector<std::uint8_t>()
                         : std::vector<std::uint8_t>(data, data + size);
}

void JpegReader::start(PixelFormat format, int denominator) {
  auto* info = &handle_.info;
  info->out_color_space = is_cmyk() ? JCS_CMYK : jpeg_color_space(format);
  info->scale_num = 1;
  info->scale_denom = static_cast<unsigned>(denominator);
  guard([=] { jpeg_calc_output_dimensions(info); });
  check_memory_for("JPEG", width(), height(), needed_bytes());
  guard([=] { jpeg_start_decompress(info); });
}

/// What the pixels take, and the coefficients of an image that comes in several scans.
double JpegReader::needed_bytes() {
  const auto& info = handle_.info;
  double bytes = 1.0 * info.output_width * info.output_height * info.out_color_components;
  if (!jpeg_has_multiple_scans(&handle_.info)) return bytes;
  for (int i = 0; i < info.num_components; ++i) {
    const jpeg_component_info& component = info.comp_info[i];
    bytes += 1.0 * component.width_in_blocks * component.height_in_blocks * sizeof(JBLOCK);
  }
  return bytes;
}

void JpegReader::read_rows(std::uint8_t* rows, std::ptrdiff_t stride, int count) {
  const JDIMENSION first = handle_.info.output_scanline;
  salvage([&] { read_whole_rows(rows, stride, count); });
  if (!broken_) return;
  const auto row_bytes = static_cast<std::size_t>(handle_.info.output_width) *
                         static_cast<std::size_t>(handle_.info.output_components);
  constexpr int gray = 128;  // as libjpeg fills in what is missing
  for (int v = static_cast<int>(handle_.info.output_scanline - first); v < count; ++v) {
    std::memset(rows + v * stride, gray, row_bytes);
  }
}

void JpegReader::read_whole_rows(std::uint8_t* rows, std::ptrdiff_t stride, int count) {
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

/// Whether a scan of every component came, and of a progressive image every bit of every
/// coefficient. An image that ends without an end marker might lack some.
bool JpegReader::has_all_scans() const {
  const auto& info = handle_.info;
  for (int c = 0; c < info.num_components; ++c) {
    const bool had_scan = info.comp_info[c].quant_table != nullptr;
    if (!had_scan) return false;
    if (info.coef_bits == nullptr) continue;
    const int(&missing_bits)[DCTSIZE2] = info.coef_bits[c];
    if (std::any_of(std::begin(missing_bits), std::end(missing_bits),
                    [](int bits) { return bits != 0; })) {
      return false;
    }
  }
  return true;
}

void JpegReader::finish() {
  auto* info = &handle_.info;
  salvage([=, this] {
    const bool has_all = has_all_scans();  // libjpeg forgets them
    guard([=] { jpeg_finish_decompress(info); });
    if (errors_.ended && !has_all) fail_decoding(ErrorCode::corrupt_data, errors_.message);
  });
}

}  // namespace depthcloud
