// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <depthcloud/point_cloud.hpp>

namespace cli {

enum class CloudFormat { ply, pcd, msgpack };

/// "ply", "pcd" or "msgpack": the value of --format and, behind a dot, the file's extension.
const char* to_string(CloudFormat format);

/// The extension of a path in lower case, with its dot.
std::string extension(const std::filesystem::path& path);

/// The inverse of to_string(). Throws std::invalid_argument for another name.
CloudFormat parse_cloud_format(std::string_view name);

/// Writes a .ply or .pcd file in the axes of the cloud, or to standard output.
void write_cloud(const std::filesystem::path& path, CloudFormat format,
                 const depthcloud::CloudView& cloud);

}  // namespace cli
