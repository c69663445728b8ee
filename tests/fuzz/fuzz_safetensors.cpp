// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <depthcloud/error.hpp>

#include "io/weights_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto file = depthcloud::WeightsFile::parse({data, size});
    std::size_t total = 0;
    for (const auto name : file.names()) {
      const auto tensor = file.find(name);
      if (!tensor) std::abort();
      for (const std::uint8_t byte : tensor->bytes) total += 1 + (byte & 0);
    }
    if (total > size) std::abort();  // tensors overlap
    for (const auto& [alias, name] : file.metadata()) file.find(alias);
  } catch (const depthcloud::Error&) {
  }
  return 0;
}
