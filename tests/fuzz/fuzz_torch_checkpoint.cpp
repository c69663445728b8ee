// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <depthcloud/error.hpp>

#include "io/pickle.hpp"
#include "io/torch_checkpoint.hpp"

namespace {

/// An archive whose checksums seldom survive a change would hide the machine.
void read_pickle(std::span<const std::uint8_t> bytes) {
  try {
    const depthcloud::Pickle pickle = depthcloud::read_pickle(bytes);
    if (pickle.root >= pickle.values.size()) std::abort();
  } catch (const depthcloud::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_pickle({data, size});
  try {
    const auto table = depthcloud::read_torch_checkpoint({data, size});
    std::size_t total = 0;
    for (const auto& [name, tensor] : table.tensors) {
      if (depthcloud::byte_size(tensor.type, tensor.shape) != tensor.bytes.size()) std::abort();
      for (const std::uint8_t byte : tensor.bytes) total += 1 + (byte & 0);
    }
  } catch (const depthcloud::Error&) {
  }
  return 0;
}
