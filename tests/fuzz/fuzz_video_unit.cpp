// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <depthcloud/error.hpp>

#include "server/video_unit.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> message(data, size);
  if (!server::is_video_unit(message)) return 0;
  try {
    const server::VideoUnit unit = server::read_video_unit(message);
    if (unit.data.empty() || unit.data.data() + unit.data.size() != data + size) std::abort();
    if (unit.time.count() < 0) std::abort();
  } catch (const depthcloud::Error&) {
  }
  return 0;
}
