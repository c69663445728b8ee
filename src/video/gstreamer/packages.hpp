// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <gst/gst.h>

namespace depthcloud {

/// A message for a codec or container that no plugin reads: "no H.264 decoder: install
/// gstreamer1.0-libav". Thread-safety of this header: share freely.
std::string missing_decoder(const GstStructure* media);

/// The same for the elements that open a kind of URI, "rtsp".
std::string missing_protocol(std::string_view scheme);

/// The same for an element, by its name.
std::string missing_element(std::string_view name);

}  // namespace depthcloud
