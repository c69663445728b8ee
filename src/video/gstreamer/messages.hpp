// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <gst/gst.h>

#include <depthcloud/error.hpp>

namespace depthcloud {

/// The error that an element posted, in the terms of this library, without the password of this
/// URI. Thread-safety of this header: share freely.
Error error_of_message(GstMessage* message, std::string_view uri);

/// What to install, if the message is that a plugin for pictures or for what holds them is missing.
std::optional<std::string> missing_plugin(GstMessage* message);

}  // namespace depthcloud
