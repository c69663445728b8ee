// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <depthcloud/decode.hpp>
#include <depthcloud/error.hpp>

#include "core/log.hpp"
#include "core/memory_errors.hpp"
#include "image/exif.hpp"

namespace depthcloud {

/// Throws Error{invalid_argument} that names the first option out of its range.
void validate(const DecodeOptions& options);

/// Throws Error{limit_exceeded} for a photo of more pixels; a limit of 0 is none.
void check_pixels(const char* format, std::int64_t width, std::int64_t height,
                  std::int64_t max_pixels, Stage stage = Stage::decode);

/// Throws Error{out_of_memory} where there is no memory for that many bytes, which decoding a photo
/// of this size takes.
void check_memory_for(const char* format, int width, int height, double bytes);

/// How the image is to be turned: as its record says, if that is wished for.
inline Orientation applied_orientation(const ExifRecord& exif, const DecodeOptions& options) {
  return options.apply_orientation ? exif.orientation : Orientation::top_left;
}

/// The format of the result for a photo that has transparency, or has not.
inline PixelFormat result_format(const DecodeOptions& options, bool has_alpha) {
  if (!options.alpha || !has_alpha) return options.format;
  if (options.format == PixelFormat::rgb) return PixelFormat::rgba;
  return options.format == PixelFormat::bgr ? PixelFormat::bgra : options.format;
}

/// Tells the log what DecodeOptions::salvage passed over; nothing where that is empty.
inline void remark_loss(std::string_view loss) {
  if (loss.empty()) return;
  log(LogLevel::info, "the photo is damaged, what is there was taken: " + std::string(loss));
}

/// Runs `call`; memory that cannot be had becomes an Error of the decode stage.
template <typename Call>
auto translate_bad_alloc(Call&& call) {
  return with_memory_errors(Stage::decode, "not enough memory to decode the image", call);
}

}  // namespace depthcloud
