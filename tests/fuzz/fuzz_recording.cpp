// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <depthcloud/error.hpp>
#include <depthcloud/recording.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    depthcloud::RecordingReader reader(std::span<const std::uint8_t>(data, size));
    depthcloud::RecordedMessage message;
    std::size_t bytes = 0;
    while (reader.next(message)) bytes += message.bytes.size();
    if (bytes > size) std::abort();
    if ((reader.end() == depthcloud::RecordingEnd::whole) != reader.problem().empty()) std::abort();
  } catch (const depthcloud::Error&) {
  }
  return 0;
}
