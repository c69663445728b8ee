// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/wire.hpp>

#include "core/enum_names.hpp"

namespace depthcloud {

inline constexpr EnumNames<Encoding, 3> encodings{{"f32", "q16", "depth"}};

}  // namespace depthcloud
