// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fmt/format.h>

#include <depthcloud/webrtc_peer.hpp>

#include "core/quote.hpp"
#include "video/video_library.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::control, message);
}

void check(const WebRtcCallbacks& callbacks) {
  const auto need = [](bool is_there, const char* name) {
    if (!is_there) refuse(fmt::format("the peer has no callback '{}'", name));
  };
  need(callbacks.picture != nullptr, "picture");
  need(callbacks.answer != nullptr, "answer");
  need(callbacks.candidate != nullptr, "candidate");
}

}  // namespace

struct WebRtcPeer::Impl {
  std::unique_ptr<PeerConnection> connection;
};

void validate(const WebRtcOptions& options) {
  if (options.stun && options.stun->kind != IceServer::Kind::stun) {
    refuse(fmt::format("{} is no STUN server", to_url(*options.stun)));
  }
  for (const IceServer& server : options.turn) {
    if (server.kind == IceServer::Kind::stun) {
      refuse(fmt::format("{} is no TURN server", to_url(server)));
    }
    if (server.kind == IceServer::Kind::turns) {
      throw Error(ErrorCode::unsupported, Stage::control,
                  fmt::format("{}: libnice has no TLS to a TURN server: name its port without TLS, "
                              "turn:...?transport=tcp",
                              to_url(server)));
    }
  }
  if (options.first_port > options.last_port ||
      (options.first_port == 0) != (options.last_port == 0)) {
    refuse(
        fmt::format("the UDP ports {} to {} are no range", options.first_port, options.last_port));
  }
  for (const std::string& address : options.addresses) {
    IceCandidate candidate;
    candidate.address = address;
    if (!has_ip_address(candidate)) refuse(fmt::format("{} is no IP address", quote(address)));
  }
  if (options.jitter.count() < 0 || options.jitter > std::chrono::seconds(10)) {
    refuse(fmt::format("jitter is {} ms, must be 0 to 10000", options.jitter.count()));
  }
  if (options.idle_timeout < std::chrono::milliseconds(10)) {
    refuse(fmt::format("idle_timeout is {} s, must be at least 0.01",
                       std::chrono::duration<double>(options.idle_timeout).count()));
  }
  if (options.max_queued_bytes < 1) refuse("max_queued_bytes is 0, must be at least 1");
}

WebRtcPeer::WebRtcPeer(WebRtcCallbacks callbacks, const WebRtcOptions& options) {
  check(callbacks);
  validate(options);
  impl_ = std::make_unique<Impl>();
  impl_->connection = video_library().make_peer(std::move(callbacks), options);
}

WebRtcPeer::~WebRtcPeer() = default;

void WebRtcPeer::offer(std::string_view sdp) { impl_->connection->offer(sdp); }

void WebRtcPeer::add(const IceCandidate& candidate) {
  validate(candidate);
  impl_->connection->add(candidate);
}

void WebRtcPeer::send(std::shared_ptr<const std::vector<std::uint8_t>> message) {
  if (message == nullptr || message->empty()) refuse("an empty message");
  impl_->connection->send(std::move(message));
}

WebRtcCounters WebRtcPeer::counters() const { return impl_->connection->counters(); }

}  // namespace depthcloud
