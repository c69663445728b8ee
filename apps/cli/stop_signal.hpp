// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace cli {

/// From its first call, SIGINT and SIGTERM no longer end the process but ask it to, once: another
/// one ends it.
void catch_stop_signals();

/// Whether one came.
bool stop_requested() noexcept;

/// Waits until then, or until a signal asks to end.
void wait_until(std::chrono::steady_clock::time_point time);

}  // namespace cli
