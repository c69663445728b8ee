// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

namespace depthcloud {

enum class LogLevel { debug, info, warning };

/// Receives one line of the log, without a line end. Called from any thread, but never from two
/// threads at once.
using LogCallback = std::function<void(LogLevel, std::string_view)>;

/// Sets the callback that receives the library's log. Without one (the default, or `nullptr`), log
/// lines are discarded; the library never prints. The callback must not throw and must not call
/// this function. After this function returns, the previous callback is not called again.
/// Thread-safe.
void set_log_callback(LogCallback callback);

}  // namespace depthcloud
