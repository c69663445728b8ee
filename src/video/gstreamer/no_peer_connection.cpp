// SPDX-License-Identifier: Apache-2.0
// In place of webrtc_connection.cpp where GStreamer's libraries for WebRTC are missing.
#include "video/gstreamer/peer_connection.hpp"

namespace depthcloud {

// The connection that this stands for keeps them.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
std::unique_ptr<PeerConnection> make_peer_connection(WebRtcCallbacks, const WebRtcOptions&) {
  throw Error(ErrorCode::unavailable, Stage::load,
              "this build has no WebRTC: install libgstreamer-plugins-bad1.0-dev and build again");
}

}  // namespace depthcloud
