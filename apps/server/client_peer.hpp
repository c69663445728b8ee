// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <depthcloud/error.hpp>
#include <depthcloud/webrtc_peer.hpp>

#include "newest_picture.hpp"
#include "seats.hpp"

namespace server {

class Service;
struct Options;

/// Throws Error{unavailable} where this build or machine has no WebRTC for these options.
void check_webrtc(const Options& options);

/// The WebRTC connection of one client. It is ended elsewhere, and never waited for. Thread-safety:
/// the server's thread only.
class ClientPeer : public std::enable_shared_from_this<ClientPeer> {
 public:
  /// Are called until end(), on the server's thread.
  struct Handlers {
    std::function<void(const std::string& sdp)> answer;
    std::function<void(const std::optional<depthcloud::IceCandidate>&)> candidate;
    std::function<void(depthcloud::VideoFrame&&)> picture;
    std::function<void(const depthcloud::Error&)> failed;
    std::function<void(const depthcloud::Error& why)> closed;
  };

  ClientPeer(Service& service, Seat seat) : service_(service), seat_(std::move(seat)) {}
  ClientPeer(const ClientPeer&) = delete;
  ClientPeer& operator=(const ClientPeer&) = delete;

  /// Answers an offer. To be called once. Throws as depthcloud::WebRtcPeer and its offer().
  void start(Handlers handlers, const std::string& offer);
  /// Calls no handler any more, and ends the connection. Must be called before the last pointer
  /// goes.
  void end() noexcept;

  /// Throws as depthcloud::WebRtcPeer::add().
  void add(const depthcloud::IceCandidate& candidate) { peer_->add(candidate); }
  /// Sends a message over the data channel; false where none is open.
  bool send(const std::shared_ptr<const std::vector<std::uint8_t>>& message);

 private:
  depthcloud::WebRtcCallbacks callbacks();
  template <typename Function>
  void post(Function&& function);
  void on_picture();

  Service& service_;
  Seat seat_;
  Handlers handlers_;
  bool has_ended_ = false;
  bool has_channel_ = false;
  std::unique_ptr<depthcloud::WebRtcPeer> peer_;
  NewestPicture newest_;
};

}  // namespace server
