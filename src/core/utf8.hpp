// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace depthcloud {

/// Whether these bytes are UTF-8: no longer form of a character than needed, no surrogates, nothing
/// above U+10FFFF (RFC 3629).
bool is_utf8(std::string_view bytes) noexcept;

}  // namespace depthcloud
