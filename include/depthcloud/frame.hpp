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

/// What a caller knows of a frame; echoed in its packet.
struct FrameTag {
  std::optional<std::uint64_t> frame_id{};
  std::optional<double> capture_ts{};  ///< the caller's own clock, seconds
};

/// Pixels on their way to the network.
struct DecodedFrame {
  Image image;
  double decode_ms = 0;
};

/// One frame, processed.
struct Frame {
  FrameTag tag{};
  Image image;       ///< decoded, to pack the frame in other ways; empty if made of a view
  DepthMap depth;    ///< on the estimator's device
  PointCloud cloud;  ///< in the axes of the cloud options
  std::vector<std::uint8_t> packet;  ///< wire version 1, see PipelineOptions::wire
  StageTimes times{};
};

/// The first stage: encoded bytes to the pixels that a network is to see.
class FrameDecoder {
 public:
  virtual ~FrameDecoder() = default;
  /// Called from any thread, from several at once.
  virtual DecodedFrame decode(std::span<const std::uint8_t> encoded) const = 0;
};

/// The two halves of a pipeline that can overlap on different frames. Pipeline is one; a program
/// with a network of its own can drive FrameStream with another.
class FrameProcessor : public FrameDecoder {
 public:
  /// Called from FrameStream's work thread, one frame at a time.
  virtual Frame finish(DecodedFrame decoded, const FrameTag& tag) = 0;
};

}  // namespace depthcloud
