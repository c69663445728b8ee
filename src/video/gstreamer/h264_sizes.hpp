// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace depthcloud {

/// Throws Error{limit_exceeded, stage decode} if a parameter set in an access unit (Annex B) is of
/// pictures of more pixels, Error{corrupt_data} if one cannot be read. A unit may hold several, of
/// which the parser tells the last and a slice names any: the decoder would take memory for it.
void check_h264_sizes(std::span<const std::uint8_t> unit, std::int64_t max_pixels);

}  // namespace depthcloud
