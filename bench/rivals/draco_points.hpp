// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <depthcloud/point_cloud.hpp>

namespace rivals {

/// A cloud through Google's Draco: positions of `bits` bits in their box, colours too if asked for.
/// Speed 10 keeps the order of points, 7 sorts them into a k-d tree.
std::vector<std::uint8_t> draco_encode(const depthcloud::CloudView& cloud, int bits, int speed,
                                       bool with_colors);
/// The positions.
std::vector<float> draco_decode(std::span<const std::uint8_t> bytes);

}  // namespace rivals
