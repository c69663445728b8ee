// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <depthcloud/depth_map.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/point_cloud.hpp>
#include <depthcloud/stage.hpp>

namespace depthcloud {

/// The caller's identification of a frame; returned with the result and written to its packet.
struct FrameTag {
  std::optional<std::uint64_t> frame_id{};
  std::optional<double> capture_ts{};  ///< time by the caller's own clock, seconds
};

/// A decoded frame, ready for the network.
struct DecodedFrame {
  Image image;
  double decode_ms = 0;
};

/// The result of one frame. Owns all its parts.
struct Frame {
  FrameTag tag{};
  Image image;       ///< decoded pixels, to pack the frame again; empty if made from a view
  DepthMap depth;    ///< on the estimator's device
  PointCloud cloud;  ///< in the axes of the cloud options
  std::vector<std::uint8_t> packet;  ///< wire version 1, see PipelineOptions::wire
  StageTimes times{};
};

/// The first stage: decodes the pixels for the network.
class FrameDecoder {
 public:
  virtual ~FrameDecoder() = default;
  /// Returns the pixels of encoded bytes. Must be thread-safe: it is called from several threads at
  /// once.
  virtual DecodedFrame decode(std::span<const std::uint8_t> encoded) const = 0;
};

/// A pipeline in two halves, which FrameStream runs at the same time on different frames. Pipeline
/// implements it; implement it yourself to use FrameStream with another network.
class FrameProcessor : public FrameDecoder {
 public:
  /// Returns the result of a decoded frame. Called from FrameStream's work thread, one frame at a
  /// time.
  virtual Frame finish(DecodedFrame decoded, const FrameTag& tag) = 0;
};

}  // namespace depthcloud
