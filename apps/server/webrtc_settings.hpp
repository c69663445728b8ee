// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <depthcloud/ice_candidate.hpp>
#include <depthcloud/ice_server.hpp>

namespace server {

struct WebRtcSettings {
  bool is_on = false;  ///< it opens UDP ports
  std::optional<depthcloud::IceServer> stun{};
  std::vector<depthcloud::IceServer> turn{};          ///< for the server's leg and the browsers'
  std::vector<depthcloud::IceServer> browser_turn{};  ///< for the browsers' alone
  std::uint16_t first_port = 0;                       ///< of UDP; 0: any
  std::uint16_t last_port = 0;
  std::size_t peers = 8;  ///< connections at once
};

/// Returns the first and the last port of "A-B". Throws UsageError.
std::pair<std::uint16_t, std::uint16_t> parse_port_range(const std::string& text);

/// What a browser's RTCPeerConnection takes as iceServers, with the users and passwords.
nlohmann::json ice_servers_for_browsers(const WebRtcSettings& settings);

/// Reads the value of "candidate" in a message: what RTCIceCandidate.toJSON() gives, its text
/// alone, or the parts of which it consists. Returns nothing for null and for an empty text, which
/// say that no more candidates come. Throws depthcloud::Error.
std::optional<depthcloud::IceCandidate> read_candidate(const nlohmann::json& message);

/// What a browser's addIceCandidate() takes; null of nothing.
nlohmann::json to_json(const std::optional<depthcloud::IceCandidate>& candidate);

}  // namespace server
