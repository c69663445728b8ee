// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <depthcloud/error.hpp>
#include <depthcloud/ice_candidate.hpp>
#include <depthcloud/ice_server.hpp>
#include <depthcloud/video_decoder.hpp>
#include <depthcloud/video_frame.hpp>

namespace depthcloud {

struct WebRtcOptions {
  std::optional<IceServer> stun{};
  /// Relays, in the order in which they are tried. None may be turns: a TURN server is reached over
  /// UDP or TCP.
  std::vector<IceServer> turn{};
  /// UDP ports that may be opened, the last included. 0 and 0: any.
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 0;
  /// IP addresses of this machine that may be used and told to the other side. Empty: all but
  /// loopback.
  std::vector<std::string> addresses{};
  /// Longest time to wait for a lost packet to be sent again.
  std::chrono::milliseconds jitter{100};
  /// A peer of which nothing comes for this long is gone; also the longest time to connect.
  Clock::duration idle_timeout = std::chrono::seconds(30);
  std::size_t max_candidates = 32;  ///< of the other side
  std::size_t max_queued_bytes =
      std::size_t{512} * 1024;  ///< of a message, on their way into the network
  VideoDecoderOptions decoder{};
};

/// Throws Error{invalid_argument} if an option is out of range, Error{unsupported} for a turns
/// server.
void validate(const WebRtcOptions& options);

/// Counts, consistent at any moment.
struct WebRtcCounters {
  VideoDecoderCounters video;
  std::uint64_t packets = 0;             ///< received, of any kind
  std::uint64_t bytes = 0;               ///< of these
  std::uint64_t candidates = 0;          ///< of the other side
  std::uint64_t candidates_ignored = 0;  ///< of these: names of multicast DNS, and TCP
  std::uint64_t key_frames_asked = 0;
  std::uint64_t messages_sent = 0;      ///< all their chunks are on their way
  std::uint64_t messages_replaced = 0;  ///< never sent, because a newer one came
};

/// Receive what becomes of a connection, on threads of the peer, one call at a time but for
/// `picture`, which has a thread of its own. They must not throw (what they throw is logged) and
/// must not destroy the peer.
struct WebRtcCallbacks {
  std::function<void(VideoFrame&&)> picture;           ///< the newest picture. Required.
  std::function<void(const std::string& sdp)> answer;  ///< to the offer. Required.
  /// One of this side, as soon as it is known; nothing: there are no more. Required.
  std::function<void(const std::optional<IceCandidate>&)> candidate;
  std::function<void()> connected{};     ///< media may flow
  std::function<void()> channel_open{};  ///< messages can be sent
  /// An access unit that cannot be decoded, a picture above the limit. The next key frame recovers.
  std::function<void(const Error&)> failed{};
  /// The connection has ended, once: destroy the peer.
  std::function<void(const Error& why)> closed{};
};

/// One end of a WebRTC connection that another end, usually a browser, offers: a video comes in,
/// H.264, VP8, VP9 or AV1, and messages go out on a data channel, where one is offered. The video
/// goes through a VideoDecoder, with all its limits. Thread-safety: all functions at any thread.
class WebRtcPeer {
 public:
  /// Throws Error{unavailable} if this build or machine has no WebRTC (the message names the
  /// package to install), Error{invalid_argument} if a required callback is empty, and as
  /// validate(options).
  WebRtcPeer(WebRtcCallbacks callbacks, const WebRtcOptions& options = {});
  /// Ends the connection, without waiting for the other side, and waits for callbacks that run.
  ~WebRtcPeer();
  WebRtcPeer(const WebRtcPeer&) = delete;
  WebRtcPeer& operator=(const WebRtcPeer&) = delete;

  /// Takes the offer of the other side, an SDP of at most 64 KiB with one video, and one data
  /// channel or none; `answer` follows. To be called once. Throws Error{corrupt_data,
  /// limit_exceeded, unsupported} that names what is wrong with it, Error{invalid_argument} for a
  /// second one. What shows only later, such as a codec that this machine lacks, goes to `closed`.
  void offer(std::string_view sdp);

  /// Takes a candidate of the other side, also ahead of its offer. Throws Error{corrupt_data},
  /// Error{limit_exceeded} for one more than max_candidates.
  void add(const IceCandidate& candidate);

  /// Sends a message over the data channel, in chunks (docs/server.md). While it cannot be sent it
  /// waits, and a newer one takes its place. Does nothing where no channel is open.
  void send(std::shared_ptr<const std::vector<std::uint8_t>> message);

  WebRtcCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
