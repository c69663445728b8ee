// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace depthcloud {

/// Cuts a message into the chunks that travel on a data channel (docs/server.md): 12 bytes of
/// header, three little-endian numbers, then a part of the message. Thread-safety: one thread at a
/// time.
class MessageChunks {
 public:
  static constexpr std::size_t header_bytes = 12;
  static constexpr std::size_t chunk_bytes = std::size_t{16} * 1024;  ///< at most, with the header

  /// `number`: of the message among those of its channel.
  MessageChunks(std::shared_ptr<const std::vector<std::uint8_t>> message, std::uint32_t number);

  bool is_done() const { return offset_ == message_->size(); }
  /// Returns the next chunk.
  std::vector<std::uint8_t> next();

 private:
  std::shared_ptr<const std::vector<std::uint8_t>> message_;
  std::uint32_t number_;
  std::size_t offset_ = 0;
};

}  // namespace depthcloud
