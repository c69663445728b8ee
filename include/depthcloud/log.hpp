// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

namespace depthcloud {

enum class LogLevel { debug, info, warning };

/// Called with one line without a line end. May be called from any thread, never from two at once.
using LogCallback = std::function<void(LogLevel, std::string_view)>;

/// Where the library's remarks go; without a callback (the default, or `nullptr`) they go nowhere.
/// The library itself never prints. A callback must not throw and must not set a callback.
/// Thread-safety: share freely; after it returns, the previous callback runs no more.
void set_log_callback(LogCallback callback);

}  // namespace depthcloud
