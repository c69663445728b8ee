// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace depthcloud {

/// Whether a value is a depth: those that are not finite or not positive mean that there is none.
inline bool is_depth(double z) { return std::isfinite(z) && z > 0; }

}  // namespace depthcloud
