// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/wire.hpp>

#include "cloud_format.hpp"

namespace cli {

/// What a file may be that holds points.
enum class Contents { ply, pcd, message, recording, other };

/// Told by the first bytes of a file.
Contents contents_of(std::span<const std::uint8_t> start);

/// A cloud, and what its file says of it: of a .ply or .pcd nothing else.
struct CloudInput {
  CloudFormat format = CloudFormat::msgpack;
  depthcloud::Packet packet;
};

/// Reads a cloud in any format. Throws depthcloud::Error.
CloudInput decode_cloud(std::span<const std::uint8_t> bytes);

/// Reads a message. A file of one's own may be larger than a message from a stranger.
depthcloud::Packet unpack_own(std::span<const std::uint8_t> bytes);

}  // namespace cli
