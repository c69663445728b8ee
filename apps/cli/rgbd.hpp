// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "known_depth.hpp"
#include "photo.hpp"

namespace cli {

/// A photo with a known depth map, which may have another size and lie as the photo was stored.
/// Of `network` the camera and the decoding count. Throws FileError that names whichever of the two
/// is at fault.
PhotoDepth photo_with_depth(const std::filesystem::path& photo, const std::filesystem::path& depth,
                            const KnownDepth& known, const NetworkOptions& network, bool full_size);

}  // namespace cli
