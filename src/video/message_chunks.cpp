// SPDX-License-Identifier: Apache-2.0
#include "video/message_chunks.hpp"

#include <algorithm>
#include <utility>

namespace depthcloud {

MessageChunks::MessageChunks(std::shared_ptr<const std::vector<std::uint8_t>> message,
                             std::uint32_t number)
    : message_(std::move(message)), number_(number) {}

std::vector<std::uint8_t> MessageChunks::next() {
  const std::size_t size = std::min(message_->size() - offset_, chunk_bytes - header_bytes);
  std::vector<std::uint8_t> chunk;
  chunk.reserve(header_bytes + size);
  for (const std::size_t field : {std::size_t{number_}, message_->size(), offset_}) {
    for (int shift = 0; shift < 32; shift += 8) {
      chunk.push_back(static_cast<std::uint8_t>(field >> shift));
    }
  }
  const auto first = message_->begin() + static_cast<std::ptrdiff_t>(offset_);
  chunk.insert(chunk.end(), first, first + static_cast<std::ptrdiff_t>(size));
  offset_ += size;
  return chunk;
}

}  // namespace depthcloud
