// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// Writes a binary little-endian PLY file: float x y z and, if the cloud has colours, uchar red
/// green blue. The points are converted from the cloud's axes to `axes`, which a comment in the
/// file names. The default is what viewers of such files show upright; `v1` is left-handed and
/// looks mirrored in them. The file is written under a temporary name beside `path` and renamed
/// when it is complete. Throws Error{io or not_found, stage file} if the file cannot be written,
/// Error{invalid_argument, stage cloud} if the cloud is not valid, see validate(CloudView),
/// Error{out_of_memory, stage file}. Thread-safe.
void write_ply(const std::filesystem::path& path, const CloudView& cloud, Axes axes = Axes::opengl);

/// Writes a binary PCD 0.7 file: x y z and, if the cloud has colours, packed rgb, as PCL reads it.
/// Otherwise as write_ply().
void write_pcd(const std::filesystem::path& path, const CloudView& cloud, Axes axes = Axes::opengl);

/// The bytes of these files. Errors: out_of_memory (stage file), invalid_argument (stage cloud).
std::vector<std::uint8_t> encode_ply(const CloudView& cloud, Axes axes = Axes::opengl);
std::vector<std::uint8_t> encode_pcd(const CloudView& cloud, Axes axes = Axes::opengl);

}  // namespace depthcloud
