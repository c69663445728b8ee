// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

namespace cli {

/// What a file is and holds, for `info FILE`: a cloud, a recording, depth or a photo. Throws
/// depthcloud::Error where it is none of these, or cannot be read.
nlohmann::ordered_json file_report(const std::filesystem::path& file);

}  // namespace cli
