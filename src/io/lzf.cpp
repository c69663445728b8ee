// SPDX-License-Identifier: Apache-2.0
#include "io/lzf.hpp"

#include <fmt/format.h>
#include <lzf.h>

#include <depthcloud/error.hpp>

namespace depthcloud {

Buffer<std::uint8_t> decompress_lzf(std::span<const std::uint8_t> compressed, std::size_t size) {
  constexpr std::size_t largest_ratio = 88;  // a reference of 3 bytes stands for 264 at most
  const auto fail = [&] {
    throw Error(
        ErrorCode::corrupt_data, Stage::file,
        fmt::format("{} compressed bytes are not those of {} bytes", compressed.size(), size));
  };
  if (size / largest_ratio > compressed.size()) fail();
  Buffer<std::uint8_t> bytes(size);
  if (size == 0) return bytes;
  const std::size_t written =
      lzf_decompress(compressed.data(), static_cast<unsigned>(compressed.size()), bytes.data(),
                     static_cast<unsigned>(size));
  if (written != size) fail();
  return bytes;
}

}  // namespace depthcloud
