// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace server {

/// An access unit of a client's video, as docs/server.md describes its message.
struct VideoUnit {
  std::span<const std::uint8_t> data;  ///< borrowed from the message
  bool is_key = false;
  std::chrono::microseconds time{};  ///< by the sender's clock
};

/// Returns whether a binary message is an access unit, by its first bytes. No photo begins so.
bool is_video_unit(std::span<const std::uint8_t> message) noexcept;

/// Reads a message for which is_video_unit() holds. Throws Error{corrupt_data} if its header is cut
/// off, its time out of range or its data empty, Error{unsupported} if it is of a kind, or has a
/// flag, that is not known. Thread-safe.
VideoUnit read_video_unit(std::span<const std::uint8_t> message);

}  // namespace server
