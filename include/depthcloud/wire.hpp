// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <depthcloud/point_cloud.hpp>
#include <depthcloud/stage.hpp>

namespace depthcloud {

/// What a version 1 message says beside the points. Keys that are not set are not written.
struct WireOptions {
  /// Written as ISO 8601 in UTC with microseconds: 2026-01-31T12:00:00.000000+00:00.
  std::chrono::system_clock::time_point timestamp = std::chrono::system_clock::now();
  std::optional<std::uint64_t> frame_id{};
  std::optional<double> capture_ts{};  ///< the client's own clock, seconds; echoed unchanged
  std::optional<StageTimes> stage_ms{};
};

/// Serialises a cloud as wire version 1, a msgpack map that equals Python's
/// packb({...}, use_bin_type=True) byte for byte: type, timestamp, num_points, points, colors, then
/// num_views when the cloud was merged from registered cameras, then frame_id, capture_ts,
/// stage_ms. Points leave in axes `v1` whatever the cloud's axes are. One allocation.
/// Errors: invalid_argument (stage cloud, see check), limit_exceeded (stage pack: more than
/// msgpack's 2^32 - 1 bytes).
/// Thread-safety: share freely.
std::vector<std::uint8_t> pack(const CloudView& cloud, const WireOptions& options = {});

/// Bounds on what unpack accepts from a stranger.
struct UnpackLimits {
  std::size_t max_bytes = std::size_t{256} << 20;  ///< of the whole message
  std::size_t max_points = 16'000'000;
  std::size_t max_keys = 64;      ///< of any map
  std::size_t max_depth = 8;      ///< of nested maps and arrays
  std::size_t max_string = 4096;  ///< bytes of any string
};

/// A message, read.
struct Packet {
  PointCloud cloud;       ///< axes v1
  std::string timestamp;  ///< as it was written
  std::optional<std::uint64_t> frame_id{};
  std::optional<double> capture_ts{};
  std::optional<StageTimes> stage_ms{};
};

/// The inverse of pack. Unknown keys are ignored, in any order of keys. Errors (stage pack):
/// corrupt_data (not msgpack, truncated, a key of the wrong type, sizes that disagree),
/// unsupported (another type or encoding), limit_exceeded. Thread-safety: share freely.
Packet unpack(std::span<const std::uint8_t> bytes, const UnpackLimits& limits = {});

}  // namespace depthcloud
