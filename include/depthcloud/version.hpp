// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The version of the headers; CMake reads it from here.
#define DEPTHCLOUD_VERSION "0.2.0"

namespace depthcloud {

/// Returns the version of the linked library, "MAJOR.MINOR.PATCH". Thread-safe.
const char* version() noexcept;

}  // namespace depthcloud
