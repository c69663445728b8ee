// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <depthcloud/depth_file.hpp>
#include <depthcloud/error.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  depthcloud::DepthFileOptions options;
  options.max_pixels = 1 << 16;
  options.kind = depthcloud::DepthKind::ray;  // 8 bits have no unit without one
  try {
    auto plane = depthcloud::read_depth({data, size}, options);
    if (plane.values.size() !=
        static_cast<std::size_t>(plane.width) * static_cast<std::size_t>(plane.height)) {
      std::abort();
    }
    depthcloud::convert_to_depth(plane.values, plane.width, {depthcloud::DepthKind::ray},
                                 {1, 1, 0, 0});
    depthcloud::encode_depth_png16(plane.values, plane.width, plane.height);
    depthcloud::color_map({plane.width, plane.height, plane.values.data(), nullptr, {1, 1, 0, 0}});
  } catch (const depthcloud::Error&) {
  }
  return 0;
}
