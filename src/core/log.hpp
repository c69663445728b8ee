// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <depthcloud/log.hpp>

namespace depthcloud {

/// Hands one line to the callback that is set, if any.
void log(LogLevel level, std::string_view message);

}  // namespace depthcloud
