// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <depthcloud/depth_file.hpp>

namespace depthcloud {

/// width * height of what a file's header claims. Errors (stage file): corrupt_data (no pixels),
/// limit_exceeded.
std::size_t checked_pixels(std::uint64_t width, std::uint64_t height,
                           const DepthFileOptions& options);

/// Throws Error{invalid_argument} unless there are width * height values and at least one.
void check_plane(std::span<const float> values, int width, int height);

}  // namespace depthcloud
