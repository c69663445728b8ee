// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <depthcloud/error.hpp>

namespace depthcloud {

/// A server that helps two ends of a WebRTC connection to reach each other.
struct IceServer {
  enum class Kind {
    stun,   ///< says under which address a machine is seen from outside
    turn,   ///< relays
    turns,  ///< relays, and is itself reached over TLS
  };
  Kind kind = Kind::stun;
  std::string host;
  std::uint16_t port = 3478;
  bool over_tcp = false;  ///< of turn: how it is reached; turns always over TCP
  std::string user{};     ///< of turn and turns
  std::string password{};
};

/// Reads "stun:HOST[:PORT]", "turn:USER:PASSWORD@HOST[:PORT][?transport=udp|tcp]" or "turns:...";
/// characters of the user and of the password may be percent-encoded, and an IPv6 address stands in
/// brackets. Throws Error{invalid_argument}; no message holds the password. Thread-safety of this
/// header: share freely.
IceServer parse_ice_server(std::string_view text);

/// Returns the URL that browsers take (RFC 7064, RFC 7065), without user and password.
std::string to_url(const IceServer& server);

}  // namespace depthcloud
