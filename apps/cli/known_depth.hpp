// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <depthcloud/depth_file.hpp>
#include <depthcloud/depth_kind.hpp>
#include <depthcloud/image.hpp>

#include "size.hpp"

namespace cli {

/// How a depth file is read and laid on its photo.
struct KnownDepth {
  /// A file of one's own may be larger than one from a stranger: the photos of phones have up to
  /// 200 million pixels, and --full-size gives depth as many.
  depthcloud::DepthFileOptions file{.max_pixels = 250'000'000};
  depthcloud::DepthMeaning meaning;
  /// Whether the depth lies as the photo was stored, before EXIF turned it. Nothing: what its size
  /// tells.
  std::optional<bool> as_stored;
  bool stretch = false;  ///< a depth map of another shape shows the same view
};

/// The EXIF orientation that the depth map is turned by to lie as the upright photo does: the
/// photo's, or 1. Throws std::runtime_error where the sizes of both say that they do not belong
/// together, or do not say enough.
int orientation_of_depth(const depthcloud::PhotoInfo& photo, const Size& depth,
                         const KnownDepth& known);

}  // namespace cli
