// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/decode.hpp>

#include <fmt/format.h>

#include <string>

#include <depthcloud/photo_reader.hpp>

#include "core/available_memory.hpp"
#include "image/decode_common.hpp"

namespace depthcloud {

void validate(const DecodeOptions& options) {
  const auto fail = [](const std::string& message) {
    throw Error(ErrorCode::invalid_argument, Stage::decode, message);
  };
  if (channels(options.format) == 0) fail("decode format is not a pixel format");
  if (options.min_width < 0 || options.min_height < 0) {
    fail(fmt::format("decode min_width {} and min_height {} must not be negative",
                     options.min_width, options.min_height));
  }
  if (options.max_pixels < 0) {
    fail(fmt::format("decode max_pixels {} must not be negative", options.max_pixels));
  }
  if (options.formats.empty()) fail("decode formats are none");
  if (options.max_scans <= 0) {
    fail(fmt::format("decode max_scans {} is not positive", options.max_scans));
  }
}

void check_pixels(const char* format, std::int64_t width, std::int64_t height,
                  std::int64_t max_pixels, Stage stage) {
  // Sizes of 32 bits: their product is one of 64.
  const bool is_more = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height) >
                       static_cast<std::uint64_t>(max_pixels);
  if (max_pixels == 0 || !is_more) return;
  throw Error(ErrorCode::limit_exceeded, stage,
              fmt::format("{} of {} x {} pixels is larger than the limit of {} pixels", format,
                          width, height, max_pixels));
}

void check_memory_for(const char* format, int width, int height, double bytes) {
  check_memory(bytes, Stage::decode, fmt::format("{} of {} x {} pixels", format, width, height));
}

Image decode_image(std::span<const std::uint8_t> bytes, const DecodeOptions& options) {
  return PhotoReader(bytes, options).decode();
}

}  // namespace depthcloud
