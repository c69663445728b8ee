// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include <depthcloud/decode.hpp>
#include <depthcloud/error.hpp>

namespace {

void decode(const std::uint8_t* data, std::size_t size, const depthcloud::DecodeOptions& options) {
  try {
    static_cast<void>(depthcloud::decode_jpeg({data, size}, options));
  } catch (const depthcloud::Error&) {
    // Bad bytes are expected; anything but an Error or an image is a finding.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  depthcloud::DecodeOptions options;
  options.max_pixels = 1 << 18;
  options.max_scans = 30;
  decode(data, size, options);
  options.format = static_cast<depthcloud::PixelFormat>(size % 5);
  options.min_width = options.min_height = 5;
  options.salvage = true;
  decode(data, size, options);
  return 0;
}
