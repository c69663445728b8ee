// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// Writes a binary little-endian PLY: float x y z, uchar red green blue; the axes are named in a
/// comment. The file appears under its name only when it is complete: it is written beside it and
/// renamed. Errors: io, not_found (stage file), invalid_argument (stage cloud, see validate).
/// Thread-safety: share freely.
void write_ply(const std::filesystem::path& path, const CloudView& cloud);

/// Writes a binary PCD 0.7: x y z and packed rgb as PCL reads it. Errors as write_ply.
void write_pcd(const std::filesystem::path& path, const CloudView& cloud);

/// The bytes of these files. Errors: out_of_memory (stage file), invalid_argument (stage cloud).
std::vector<std::uint8_t> encode_ply(const CloudView& cloud);
std::vector<std::uint8_t> encode_pcd(const CloudView& cloud);

}  // namespace depthcloud
