// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/decode.hpp>

#include <fmt/format.h>

#include <string>

#include <depthcloud/photo_reader.hpp>

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
  if (options.max_pixels <= 0) {
    fail(fmt::format("decode max_pixels {} is not positive", options.max_pixels));
  }
  if (options.max_scans <= 0) {
    fail(fmt::format("decode max_scans {} is not positive", options.max_scans));
  }
}

Image decode_image(std::span<const std::uint8_t> bytes, const DecodeOptions& options) {
  return PhotoReader(bytes, options).decode();
}

}  // namespace depthcloud
