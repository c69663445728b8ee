// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <depthcloud/error.hpp>

namespace depthcloud {

/// An address at which one end of a WebRTC connection may be reached, in its parts (RFC 8839).
struct IceCandidate {
  std::string foundation;
  int component = 1;             ///< 1: RTP and all that shares its port; 2: RTCP
  std::string protocol = "udp";  ///< or "tcp"
  std::uint32_t priority = 0;
  std::string address;  ///< IPv4, IPv6, or a name: browsers hide theirs as "....local"
  std::uint16_t port = 0;
  std::string type = "host";      ///< or "srflx", "prflx", "relay"
  std::string related_address{};  ///< of all types but host; may be empty
  std::uint16_t related_port = 0;
  std::string tcp_type{};  ///< "active", "passive" or "so"; empty for udp
  std::string mid{};       ///< of the part of the session that it is for; may be empty
  int line = 0;            ///< number of that part, from 0
};

/// Reads the text of a candidate, "candidate:842163049 1 udp 1677729535 192.0.2.1 46154 typ srflx
/// raddr 10.0.0.2 rport 46154", with "a=" before it or without. Extensions are left out. Throws
/// Error{corrupt_data} that names the part at fault, Error{limit_exceeded} above 1024 bytes.
IceCandidate parse_ice_candidate(std::string_view text);

/// Throws Error{corrupt_data} that names the part at fault.
void validate(const IceCandidate& candidate);

/// Returns the text that parse_ice_candidate() reads, without "a=". Thread-safety of this header:
/// share freely.
std::string to_string(const IceCandidate& candidate);

/// Whether the address is an IPv4 or IPv6 address, not a name to be looked up.
bool has_ip_address(const IceCandidate& candidate) noexcept;

}  // namespace depthcloud
