// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <depthcloud/depth_map.hpp>
#include <depthcloud/estimator.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/intrinsics.hpp>

namespace cli {

/// Three rows of four numbers, or null.
nlohmann::ordered_json rows_of(const std::optional<depthcloud::Extrinsics>& extrinsics);

/// Where the metres of a depth map come from, null without.
nlohmann::ordered_json metres_from(const depthcloud::DepthMap& depth);

/// The cameras of a file {"views": [{"width", "height", "fx", "fy", "cx", "cy", "extrinsics"}]},
/// their intrinsics scaled from width and height to the photo of the same number; other keys are
/// passed over. Throws Error{corrupt_data, stage file} that names what is missing.
std::vector<depthcloud::KnownCamera> read_cameras(const std::filesystem::path& path,
                                                  const std::vector<depthcloud::PhotoInfo>& photos);

void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& json);

}  // namespace cli
