// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The version of the headers; CMake reads it from here.
#define DEPTHCLOUD_VERSION "0.1.0"

namespace depthcloud {

/// The version of the library that is linked, "MAJOR.MINOR.PATCH". Thread-safety: share freely.
const char* version() noexcept;

}  // namespace depthcloud
