// SPDX-License-Identifier: Apache-2.0
#include "client_peer.hpp"

#include <new>
#include <utility>

#include "local_addresses.hpp"
#include "service.hpp"

namespace server {
namespace {

using depthcloud::Error;

depthcloud::WebRtcOptions options_of(const Options& options) {
  depthcloud::WebRtcOptions result{.stun = options.webrtc.stun,
                                   .turn = options.webrtc.turn,
                                   .first_port = options.webrtc.first_port,
                                   .last_port = options.webrtc.last_port,
                                   .idle_timeout = options.limits.idle_timeout};
  for (const auto& address : reachable_addresses(options.host)) {
    result.addresses.push_back(address.to_string());
  }
  result.decoder.max_pixels = options.model.max_pixels;
  result.decoder.max_unit_bytes = options.limits.binary_bytes;
  return result;
}

}  // namespace

void check_webrtc(const Options& options) {
  const depthcloud::WebRtcPeer trial(
      {.picture = [](depthcloud::VideoFrame&&) {},
       .answer = [](const std::string&) {},
       .candidate = [](const std::optional<depthcloud::IceCandidate>&) {}},
      options_of(options));
}

/// Calls function(*this) on the server's thread unless the connection has ended by then.
template <typename Function>
void ClientPeer::post(Function&& function) {
  service_.post([self = shared_from_this(), function = std::forward<Function>(function)]() mutable {
    if (!self->has_ended_) function(*self);
  });
}

void ClientPeer::start(Handlers handlers, const std::string& offer) {
  handlers_ = std::move(handlers);
  peer_ = std::make_unique<depthcloud::WebRtcPeer>(callbacks(), options_of(service_.options()));
  peer_->offer(offer);
}

/// All run on the peer's threads.
depthcloud::WebRtcCallbacks ClientPeer::callbacks() {
  // Calls a function on the server's thread, if the connection is still there.
  const auto later = [weak = weak_from_this()](auto function) {
    if (const auto self = weak.lock()) self->post(std::move(function));
  };
  return {
      .picture =
          [weak = weak_from_this()](depthcloud::VideoFrame&& picture) {
            const auto self = weak.lock();
            if (!self) return;
            self->newest_.put(std::move(picture),
                              [&] { self->post([](ClientPeer& peer) { peer.on_picture(); }); });
          },
      .answer =
          [later](const std::string& sdp) {
            later([sdp](ClientPeer& peer) { peer.handlers_.answer(sdp); });
          },
      .candidate =
          [later](const std::optional<depthcloud::IceCandidate>& candidate) {
            later([candidate](ClientPeer& peer) { peer.handlers_.candidate(candidate); });
          },
      .connected =
          [later] { later([](ClientPeer& peer) { ++peer.service_.metrics().peers_connected; }); },
      .channel_open = [later] { later([](ClientPeer& peer) { peer.has_channel_ = true; }); },
      .failed =
          [later](const Error& error) {
            later([error](ClientPeer& peer) { peer.handlers_.failed(error); });
          },
      .closed =
          [later](const Error& why) {
            later([why](ClientPeer& peer) { peer.handlers_.closed(why); });
          }};
}

void ClientPeer::on_picture() {
  std::optional<depthcloud::VideoFrame> picture = newest_.take();
  if (picture) handlers_.picture(std::move(*picture));
}

bool ClientPeer::send(const std::shared_ptr<const std::vector<std::uint8_t>>& message) {
  if (has_channel_) peer_->send(message);
  return has_channel_;
}

void ClientPeer::end() noexcept {
  has_ended_ = true;
  if (!peer_) return;
  try {
    service_.video().run([peer = std::move(peer_), seat = std::move(seat_)]() mutable {
      peer.reset();
      seat.reset();
    });
  } catch (const std::bad_alloc&) {  // it has ended here then
  }
}

}  // namespace server
