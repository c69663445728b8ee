// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace depthcloud {

/// The Highway targets that this is compiled for, one bit each: the test runs all of them.
std::int64_t resize_targets();

}  // namespace depthcloud
