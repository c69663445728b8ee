// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <depthcloud/depth_grid.hpp>
#include <depthcloud/point_cloud.hpp>
#include <depthcloud/stage.hpp>

namespace depthcloud {

/// How the points of a message are written; docs/wire-format.md is the specification.
enum class Encoding {
  f32,    ///< float32 coordinates, 15 bytes a point: what every viewer reads
  q16,    ///< 16-bit coordinates in a box, 9 bytes a point
  depth,  ///< the quantised depth grid, losslessly compressed: the reader unprojects
};

/// "f32", "q16" or "depth".
const char* to_string(Encoding encoding) noexcept;
/// The inverse of to_string(); anything else is Error{invalid_argument, stage pack}.
Encoding parse_encoding(std::string_view text);
/// All of these names, in the order of the enum.
std::span<const char* const> encoding_names() noexcept;

/// Where a reader of the `depth` encoding has its colours from.
enum class GridColors {
  jpeg,    ///< the message holds them, as a JPEG of the grid
  client,  ///< the reader keeps the frame that it sent, and finds it by frame_id
};

/// "jpeg" or "client".
const char* to_string(GridColors colors) noexcept;
/// The inverse of to_string(); anything else is Error{invalid_argument, stage pack}.
GridColors parse_grid_colors(std::string_view text);
/// All of these names, in the order of the enum.
std::span<const char* const> grid_colors_names() noexcept;

/// How a message's points are encoded, and how exactly.
struct WireFormat {
  Encoding encoding = Encoding::f32;
  /// Of `depth`: no depth z comes back further off than this share of z; 0.0001 to 0.1.
  double relative_error = 0.001;
  GridColors colors = GridColors::jpeg;  ///< of `depth`
  int jpeg_quality = 80;                 ///< of `depth` with JPEG colours; 1 to 100
};

/// Throws Error{invalid_argument, stage pack} that names the first option out of its range.
void validate(const WireFormat& format);

/// What a version 1 message says beside the points, and how. Keys that are not set are not written.
struct WireOptions {
  /// Written as ISO 8601 in UTC with microseconds: 2026-01-31T12:00:00.000000+00:00.
  std::chrono::system_clock::time_point timestamp = std::chrono::system_clock::now();
  std::optional<std::uint64_t> frame_id{};
  std::optional<double> capture_ts{};  ///< the client's own clock, seconds; echoed unchanged
  std::optional<StageTimes> stage_ms{};
  WireFormat format{};
};

/// Serialises a cloud as wire version 1, a msgpack map. In `f32` it equals Python's
/// packb({...}, use_bin_type=True) byte for byte: type, timestamp, num_points, points, colors, then
/// num_views when the cloud was merged from registered cameras, then frame_id, capture_ts,
/// stage_ms. `q16` adds encoding, origin and scale and is off by at most half of that scale in each
/// coordinate. Points leave in axes `v1` whatever the cloud's axes are. One allocation.
/// Errors: invalid_argument (stage cloud, see validate; stage pack: an option out of its range, the
/// encoding `depth`, a coordinate that q16 cannot hold because it is not finite), limit_exceeded
/// (stage pack: more than msgpack's 2^32 - 1 bytes).
/// Thread-safety: share freely.
std::vector<std::uint8_t> pack(const CloudView& cloud, const WireOptions& options = {});

/// The same from a grid, in any encoding: `depth` sends the grid itself, the others its points.
/// Cheap beside a network: one frame can be packed for each client as it wishes.
/// Errors as above, and limit_exceeded where depths lie too far apart for 16 bits at the relative
/// error (at 0.001, the farthest 10^56 times as far as the nearest). Thread-safety: share freely.
std::vector<std::uint8_t> pack(const DepthGrid& grid, const WireOptions& options = {});

/// Bounds on what unpack accepts from a stranger.
struct UnpackLimits {
  std::size_t max_bytes = std::size_t{256} << 20;  ///< of the whole message
  std::size_t max_points = 16'000'000;             ///< and pixels of a grid
  std::size_t max_keys = 64;                       ///< of any map
  std::size_t max_depth = 8;                       ///< of nested maps and arrays
  std::size_t max_string = 4096;                   ///< bytes of any string
};

/// A message, read.
struct Packet {
  Encoding encoding = Encoding::f32;
  PointCloud cloud;       ///< axes v1; white where the reader keeps the colours
  std::string timestamp;  ///< as it was written
  std::optional<std::uint64_t> frame_id{};
  std::optional<double> capture_ts{};
  std::optional<StageTimes> stage_ms{};
  /// The grid of a message in `depth`. Without colours where the reader keeps them: set_colors()
  /// and unproject() then make the coloured cloud.
  std::optional<DepthGrid> grid{};
};

/// The inverse of pack. Unknown keys are ignored, in any order of keys. Errors (stage pack):
/// corrupt_data (not msgpack, truncated, a key of the wrong type, sizes that disagree, a compressed
/// part that does not decode), unsupported (another type or encoding), limit_exceeded. Sizes are
/// checked before memory is taken for them. Thread-safety: share freely.
Packet unpack(std::span<const std::uint8_t> bytes, const UnpackLimits& limits = {});

}  // namespace depthcloud
