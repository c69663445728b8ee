// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <depthcloud/ice_candidate.hpp>
#include <depthcloud/video_decoder.hpp>

namespace depthcloud {

/// A way to send the video of which an offer says that the sender knows it.
struct OfferedFormat {
  int payload_type = 0;
  VideoCodec codec = VideoCodec::h264;
  std::string parameters;  ///< of its fmtp line, those that matter; may be empty
};

/// What an offer (SDP, RFC 8866 and RFC 8829) says that the receiver of a video has to know.
/// Nothing else of its text goes on, so the other side's text reaches no other parser.
struct SessionOffer {
  std::string user;         ///< ice-ufrag
  std::string password;     ///< ice-pwd
  std::string fingerprint;  ///< of its certificate, "sha-256 AB:CD:..."
  std::string setup;        ///< of DTLS: "actpass", "active" or "passive"
  std::string video_mid;
  std::vector<OfferedFormat> formats;  ///< the sender's favourite first
  std::vector<std::uint32_t> sources;  ///< SSRCs of the video
  /// Numbers of the RTP header extensions for transport-wide feedback and for the part of the
  /// session.
  std::optional<int> transport_cc_extension{};
  std::optional<int> mid_extension{};
  bool has_channel = false;  ///< data channels are offered
  bool is_channel_first = false;
  std::string channel_mid{};
  std::uint16_t sctp_port = 5000;
  std::vector<IceCandidate> candidates{};
};

/// Reads an offer of at most 64 KiB with one video, and one section for data channels or none.
/// Throws Error{limit_exceeded, corrupt_data, unsupported} that names what is wrong with it.
/// Thread-safety of this header: share freely.
SessionOffer parse_offer(std::string_view sdp);

/// Returns "3 http://...", which describes the header extension for transport-wide feedback; empty:
/// none is offered.
std::string transport_cc_line(const SessionOffer& offer);

/// Writes the offer again, as if its video knew this one format.
std::string to_sdp(const SessionOffer& offer, const OfferedFormat& format);

}  // namespace depthcloud
