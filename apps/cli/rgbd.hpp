// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "known_depth.hpp"
#include "pairs.hpp"
#include "photo.hpp"

namespace cli {

/// Known depth with its photo, which may have another size and be turned; without a photo the image
/// is empty. Of `network` the camera and the decoding count. Throws FileError that names whichever
/// of the two is at fault.
PhotoDepth known_depth_of(const Pair& pair, const KnownDepth& known, const NetworkOptions& network,
                          bool full_size);

}  // namespace cli
