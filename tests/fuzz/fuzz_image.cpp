// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include <depthcloud/decode.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/photo_reader.hpp>

/// Every kind of photo, told apart by its first bytes; the corpus holds all but JPEG, which
/// fuzz_jpeg has.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  depthcloud::DecodeOptions options;
  options.max_pixels = 1 << 18;
  options.max_scans = 30;
  options.salvage = size % 3 == 0;
  options.alpha = size % 2 == 0;
  options.format = static_cast<depthcloud::PixelFormat>(size % 5);
  try {
    static_cast<void>(depthcloud::PhotoReader({data, size}, options).info());
    static_cast<void>(depthcloud::decode_image({data, size}, options));
  } catch (const depthcloud::Error&) {
    // Bad bytes are expected; anything but an Error or an image is a finding.
  }
  return 0;
}
