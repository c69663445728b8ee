// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <depthcloud/cloud_packer.hpp>
#include <depthcloud/stream_hub.hpp>

#include "client_options.hpp"

namespace server {

/// Makes the packets of one receiver, by its options. Keeps its memory from frame to frame.
/// Thread-safety: one thread at a time.
class PacketMaker {
 public:
  /// The packet of one camera's frame. Adds to the `times` of cloud and pack. Throws
  /// Error{bad_model, stage infer} if the network gave no pixel of any view a depth; a cloud
  /// without a point, because filters left none, is a packet as every other.
  std::vector<std::uint8_t> pack(const depthcloud::EstimatedFrame& frame,
                                 const ClientOptions& options, depthcloud::StageTimes& times);

  /// The packet of several cameras' views, merged in the world frame. `placed` holds a place or
  /// nothing for each view that was offered; where it holds nothing, the network's counts. Throws
  /// as above.
  std::vector<std::uint8_t> pack_merged(
      const depthcloud::EstimatedFrame& frame,
      std::span<const std::optional<depthcloud::Extrinsics>> placed, const ClientOptions& options,
      depthcloud::StageTimes& times);

 private:
  void use(const ClientOptions& options);

  depthcloud::CloudPacker packer_;
  depthcloud::PointCloud cloud_;
};

}  // namespace server
