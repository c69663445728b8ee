// SPDX-License-Identifier: Apache-2.0
// Whatever a stranger sends, in any encoding: unpack either throws its own error or gives a cloud
// that packs again. What lies behind the compression of `depth` is for fuzz_unpack_depth.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <depthcloud/error.hpp>
#include <depthcloud/wire.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  depthcloud::UnpackLimits limits;
  limits.max_depth = 4;
  limits.max_string = 64;
  limits.max_points = 65'536;
  try {
    const auto packet = depthcloud::unpack({data, size}, limits);
    depthcloud::WireOptions options;
    options.frame_id = packet.frame_id;
    options.capture_ts = packet.capture_ts;
    const auto again = depthcloud::unpack(depthcloud::pack(packet.cloud.view(), options));
    if (again.cloud.size() != packet.cloud.size() || again.frame_id != packet.frame_id ||
        again.capture_ts != packet.capture_ts) {
      std::abort();
    }
  } catch (const depthcloud::Error&) {
  }
  return 0;
}
