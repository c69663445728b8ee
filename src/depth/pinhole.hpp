// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fmt/format.h>

#include <depthcloud/intrinsics.hpp>

namespace depthcloud {

/// The error message for intrinsics that are not valid().
inline std::string not_pinhole(const Intrinsics& k) {
  return fmt::format("intrinsics fx {} fy {} cx {} cy {} are not a pinhole camera", k.fx, k.fy,
                     k.cx, k.cy);
}

}  // namespace depthcloud
