// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "video/video_library.hpp"

namespace depthcloud {

/// Makes a WebRtcPeer on GStreamer's webrtcbin. Throws Error{unavailable} that names the package
/// where a part of it is missing.
std::unique_ptr<PeerConnection> make_peer_connection(WebRtcCallbacks callbacks,
                                                     const WebRtcOptions& options);

}  // namespace depthcloud
