// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cli {

/// Where the colours of points come from.
enum class PointColor { photo, depth, gray };

struct PhotoDepth;

/// Puts a picture of the depth, or one that is gray, in the place of the photo.
void recolor(PhotoDepth& photo, PointColor color);

}  // namespace cli
