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
#include <depthcloud/intrinsics.hpp>
#include <depthcloud/point_cloud.hpp>
#include <depthcloud/stage.hpp>

namespace depthcloud {

/// How the points of a message are written; docs/wire-format.md is the specification.
enum class Encoding {
  f32,    ///< float32 coordinates, 15 bytes per point; every viewer reads it
  q16,    ///< 16-bit coordinates in a box, 9 bytes per point
  depth,  ///< the quantised depth grid, losslessly compressed; the reader unprojects it
};

/// Returns "f32", "q16" or "depth".
const char* to_string(Encoding encoding) noexcept;
/// The inverse of to_string(). Throws Error{invalid_argument, stage pack} for any other text.
Encoding parse_encoding(std::string_view text);
/// Returns all these names, in the order of the enum.
std::span<const char* const> encoding_names() noexcept;

/// The source of the colours for a reader of the encoding `depth`.
enum class GridColors {
  jpeg,    ///< a JPEG of the grid in the message
  client,  ///< the frame that the reader sent and kept, found by frame_id
};

/// Returns "jpeg" or "client".
const char* to_string(GridColors colors) noexcept;
/// The inverse of to_string(). Throws Error{invalid_argument, stage pack} for any other text.
GridColors parse_grid_colors(std::string_view text);
/// Returns all these names, in the order of the enum.
std::span<const char* const> grid_colors_names() noexcept;

/// The encoding of a message's points and its accuracy.
struct WireFormat {
  Encoding encoding = Encoding::f32;
  /// With `depth`: the largest error of a depth, relative to it; 0.0001 to 0.1.
  double relative_error = 0.001;
  GridColors colors = GridColors::jpeg;  ///< with `depth`
  int jpeg_quality = 80;                 ///< with `depth` and JPEG colours; 1 to 100
};

/// Throws Error{invalid_argument, stage pack} if an option is out of range; the message names the
/// first one.
void validate(const WireFormat& format);

/// The camera of a cloud's points: its image plane is `width` x `height` pixels, in which the
/// intrinsics count.
struct PacketCamera {
  int width = 0;
  int height = 0;
  Intrinsics intrinsics{};
  bool operator==(const PacketCamera&) const = default;
};

/// The contents of a version 1 message other than its points, and the format of the points. Keys
/// that are not set are not written.
struct WireOptions {
  /// Written as ISO 8601 in UTC with microseconds: 2026-01-31T12:00:00.000000+00:00.
  std::chrono::system_clock::time_point timestamp = std::chrono::system_clock::now();
  std::optional<std::uint64_t> frame_id{};
  std::optional<double> capture_ts{};  ///< time by the client's own clock, seconds; unchanged
  std::optional<StageTimes> stage_ms{};
  /// If set, `pack` in stage_ms is the time from then until stage_ms itself is written, behind the
  /// points.
  std::optional<std::chrono::steady_clock::time_point> pack_since{};
  std::optional<bool> is_metric{};       ///< whether coordinates are metres
  std::optional<PacketCamera> camera{};  ///< of a cloud; a grid has its own
  WireFormat format{};
};

/// Returns the message of a cloud in wire version 1, a msgpack map. In `f32` it equals Python's
/// packb({...}, use_bin_type=True) byte for byte: type, timestamp, num_points, points, colors, then
/// num_views if the cloud was merged from registered cameras, then frame_id, capture_ts, stage_ms,
/// is_metric, and width, height, intrinsics of the camera.
/// `q16` adds encoding, origin and scale; the error of each coordinate is at most half of the
/// scale. Points are always written in axes `v1`, white if the cloud has no colours. Allocates
/// once, for a cloud in `ros` twice. Throws Error{invalid_argument, stage cloud} if the cloud is
/// not valid; Error{invalid_argument, stage pack} if an option is out of range, the encoding is
/// `depth`, or in q16 a coordinate is not finite; Error{limit_exceeded, stage pack} if a part needs
/// more than msgpack's 2^32 - 1 bytes. Thread-safe.
std::vector<std::uint8_t> pack(const CloudView& cloud, const WireOptions& options = {});

/// Returns the message of a grid, in any encoding: `depth` contains the grid, the others its
/// points. This is fast compared with a network, so one frame can be packed differently for each
/// client. Throws as above, and Error{limit_exceeded} if depths are too far apart for 16 bits at
/// the relative error (at 0.001, if the largest is 10^56 times the smallest). Thread-safe.
std::vector<std::uint8_t> pack(const DepthGrid& grid, const WireOptions& options = {});

/// Limits for untrusted messages.
struct UnpackLimits {
  std::size_t max_bytes = std::size_t{256} << 20;  ///< of the whole message
  std::size_t max_points = 16'000'000;             ///< and pixels of a grid
  std::size_t max_keys = 64;                       ///< of any map
  std::size_t max_depth = 8;                       ///< of nested maps and arrays
  std::size_t max_string = 4096;                   ///< bytes of any string
};

/// The contents of a message.
struct Packet {
  Encoding encoding = Encoding::f32;
  PointCloud cloud;       ///< axes v1; white if the message has no colours
  std::string timestamp;  ///< unchanged
  std::optional<std::uint64_t> frame_id{};
  std::optional<double> capture_ts{};
  std::optional<StageTimes> stage_ms{};
  std::optional<bool> is_metric{};
  std::optional<PacketCamera> camera{};  ///< in any encoding
  /// The grid of a message in `depth`. If the message has no colours, call set_colors() and
  /// unproject() for the coloured cloud.
  std::optional<DepthGrid> grid{};
};

/// Returns the contents of a message. Keys may have any order; unknown keys are ignored. Sizes are
/// checked before memory is allocated for them. Throws Error{code, stage pack}: corrupt_data (not
/// msgpack, truncated, a key of the wrong type, inconsistent sizes, a compressed part that does not
/// decode), unsupported (another type or encoding), limit_exceeded. Thread-safe.
Packet unpack(std::span<const std::uint8_t> bytes, const UnpackLimits& limits = {});

}  // namespace depthcloud
