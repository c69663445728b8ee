// SPDX-License-Identifier: Apache-2.0
// Access units of a stranger: a byte for the codec, then units, each with a byte that is odd for a
// key frame and its length in two bytes.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <thread>

#include <depthcloud/video_decoder.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depthcloud;
  if (size == 0) return 0;
  constexpr int codecs = 4;
  std::span<const std::uint8_t> rest(data, size);
  const auto codec = static_cast<VideoCodec>(rest[0] % codecs);
  rest = rest.subspan(1);
  VideoDecoder decoder(codec, {.picture = [](VideoFrame&&) {}}, {.max_pixels = 256 * 256});
  constexpr std::size_t header_size = 3;
  for (int time = 0; rest.size() > header_size; ++time) {
    const std::size_t length = rest[1] | rest[2] << 8;
    const auto unit = rest.subspan(header_size).first(std::min(length, rest.size() - header_size));
    if (!unit.empty()) {
      decoder.push({.data = unit,
                    .is_key = (rest[0] & 1) != 0,
                    .time = std::chrono::milliseconds(40 * time)});
    }
    rest = rest.subspan(header_size + unit.size());
  }
  const VideoDecoderCounters c = decoder.counters();
  if (c.units != c.decoded + c.failed + c.dropped + c.waiting) std::abort();
  // Units that wait when the decoder ends are not decoded.
  for (int i = 0; i < 100 && decoder.counters().waiting > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return 0;
}
