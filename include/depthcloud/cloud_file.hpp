// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// Writes a binary little-endian PLY file: float x y z, if the cloud has normals float nx ny nz,
/// and if it has colours uchar red green blue. The points are converted from the cloud's axes to
/// `axes`, which a comment in the file names. The default is what viewers of such files show
/// upright; `v1` is left-handed and looks mirrored in them. The file is written under a temporary
/// name beside `path` and renamed when it is complete. Throws Error{io or not_found, stage file} if
/// the file cannot be written, Error{invalid_argument, stage cloud} if the cloud is not valid, see
/// validate(CloudView), Error{out_of_memory, stage file}. Thread-safe.
void write_ply(const std::filesystem::path& path, const CloudView& cloud, Axes axes = Axes::opengl);

/// Writes a binary PCD 0.7 file: x y z, if the cloud has normals normal_x normal_y normal_z, and if
/// it has colours packed rgb, as PCL reads it.
/// Otherwise as write_ply().
void write_pcd(const std::filesystem::path& path, const CloudView& cloud, Axes axes = Axes::opengl);

/// The bytes of these files. Errors: out_of_memory (stage file), invalid_argument (stage cloud).
std::vector<std::uint8_t> encode_ply(const CloudView& cloud, Axes axes = Axes::opengl);
std::vector<std::uint8_t> encode_pcd(const CloudView& cloud, Axes axes = Axes::opengl);

/// Returns the points of a PLY file: ASCII or binary in either byte order, with coordinates `x`,
/// `y`, `z` of any type. Colours are `red`, `green`, `blue` (or `r`, `g`, `b`, or with `diffuse_`
/// in front): integers of 8 bits, of 16, whose upper 8 bits count, or floats from 0 to 1; a cloud
/// without them has none. Normals are `nx`, `ny`, `nz` (or `normal_x`, ...); values that are not
/// finite become 0. Other properties and elements are passed over. A comment `axes NAME`,
/// as write_ply() writes it, decides the axes; without it they are `opengl`. Points with a
/// coordinate that is not finite, which stand for missing ones, are dropped. `num_views` is 0.
/// Sizes are checked against the bytes of the file before memory is allocated for them. Throws
/// Error{code, stage file}: corrupt_data, unsupported (another kind of file), limit_exceeded (a
/// header of more than 64 KiB), out_of_memory. Thread-safe.
PointCloud decode_ply(std::span<const std::uint8_t> bytes);

/// Returns the points of a PCD file: ASCII, binary or, if the build has liblzf, compressed.
/// Coordinates and separate colours as in decode_ply(); a packed colour is a field `rgb` or `rgba`
/// of 4 bytes, whose highest byte has no effect. The viewpoint has no effect on the points. Throws
/// Error{unavailable} if the build lacks liblzf for a compressed file. Otherwise as decode_ply().
PointCloud decode_pcd(std::span<const std::uint8_t> bytes);

/// Returns the points of a file. Throws as decode_ply() and decode_pcd(), with the name of the file
/// in front, and as read_file(). Thread-safe.
PointCloud read_ply(const std::filesystem::path& path, std::uint64_t max_bytes = 4ull << 30);
PointCloud read_pcd(const std::filesystem::path& path, std::uint64_t max_bytes = 4ull << 30);

}  // namespace depthcloud
