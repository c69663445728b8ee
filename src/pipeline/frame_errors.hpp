// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/error.hpp>

namespace depthcloud {

/// The exception that is being handled, thrown by what `who` names, as an Error of the stage
/// control that says who threw it.
Error error_thrown_by(const char* who);

/// The same, but an Error stays as it is.
Error current_error(const char* who);

/// Tells the log of a frame's error that has no callback to go to.
void log_failed_frame(const Error& error);

}  // namespace depthcloud
