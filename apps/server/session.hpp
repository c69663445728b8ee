// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <nlohmann/json_fwd.hpp>

#include <depthcloud/frame.hpp>
#include <depthcloud/stream_hub.hpp>

#include "access.hpp"
#include "client_options.hpp"
#include "client_peer.hpp"
#include "client_video.hpp"
#include "packet_maker.hpp"

namespace server {

class CameraSource;
class Service;
class Transport;

/// A cloud on its way to a client.
struct Cloud {
  std::shared_ptr<const std::vector<std::uint8_t>> packet;
  double stages_ms = 0;                      ///< that its frame spent in the stages
  depthcloud::Clock::time_point received{};  ///< when the last byte of its frame came in
};

/// One WebSocket client. Lives as long as it has work to wait for. Thread-safety: the server's
/// thread only.
class Session : public std::enable_shared_from_this<Session> {
 public:
  enum class Role { none, camera, viewer };

  Session(Transport&& transport, Service& service, const boost::asio::ip::address& address);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Answers the request for a WebSocket, then serves it.
  void run(const Request& request);

  /// Queues a text message.
  void send(const nlohmann::json& message);
  void send_error(const depthcloud::Error& error, std::optional<std::uint64_t> frame_id = {});
  /// Queues a cloud; the oldest waiting messages make room for it.
  void send(const Cloud& cloud);

  /// Says goodbye with a close code of RFC 6455; what is queued is not sent any more.
  void close(std::uint16_t code);
  /// Ends the connection without a word. Idempotent.
  void drop() noexcept;

  std::uint64_t id() const { return id_; }
  Role role() const { return role_; }
  const ClientOptions& options() const { return options_; }
  const boost::asio::ip::address& address() const { return address_; }
  std::size_t queued_bytes() const { return queued_bytes_; }
  /// Nothing of this client is in the network or waits to be written.
  bool is_drained() const;

 private:
  struct Outgoing {
    std::shared_ptr<const std::vector<std::uint8_t>> bytes;
    std::optional<Cloud> cloud;  // else a text
  };
  class Pending;
  void read();
  void on_read(const boost::system::error_code& error);
  void handle_message();
  void handle_text(std::string_view text);
  void handle_text_frame(const std::string& data);
  void handle_frame(std::vector<std::uint8_t> encoded);
  void handle_unit(std::span<const std::uint8_t> message);
  void check_sender() const;
  void take(depthcloud::OfferedView view, const depthcloud::FrameTag& tag,
            depthcloud::Clock::time_point received);
  void offer(depthcloud::OfferedView view, const depthcloud::FrameTag& tag,
             depthcloud::Clock::time_point received);
  void configure_video(const nlohmann::json& message);
  void start_video(depthcloud::VideoCodec codec, nlohmann::json answer);
  void end_video() noexcept;
  void connect_peer(const nlohmann::json& message);
  void start_peer(const std::string& offer);
  void lose_peer(const depthcloud::Error& why);
  void add_candidate(const nlohmann::json& message);
  void end_peer() noexcept;
  void watch(const nlohmann::json& message);
  void unwatch() noexcept;
  void register_role(const nlohmann::json& message);
  void configure(const nlohmann::json& message);
  void enqueue(Outgoing message);
  void make_room(std::size_t bytes);
  bool drop_oldest();
  void write();
  void on_write(const boost::system::error_code& error);
  void abort() noexcept;

  Service& service_;
  struct Socket;  // Beast's templates stay out of this header
  std::unique_ptr<Socket> socket_;
  boost::asio::ip::address address_;
  std::uint64_t id_;
  Role role_ = Role::none;
  ClientOptions options_;
  std::shared_ptr<depthcloud::StreamHub::Stream> stream_;
  std::shared_ptr<PacketMaker> packet_maker_ = std::make_shared<PacketMaker>();
  std::shared_ptr<ClientVideo> video_;  // of a client that sends video
  std::shared_ptr<ClientPeer> peer_;    // of a client with a WebRTC connection
  std::uint64_t peer_pictures_ = 0;     // of this connection so far
  bool sends_by_channel_ = false;       // clouds go over its data channel, once it is open
  CameraSource* watched_ = nullptr;

  std::uint64_t frames_ = 0;                 // of this connection so far
  std::optional<double> next_capture_ts_{};  // sent ahead of a binary frame
  std::deque<Outgoing> outgoing_;            // the first is being written while `writing_`
  std::size_t queued_bytes_ = 0;
  bool writing_ = false;
  bool closing_ = false;
  bool dropped_ = false;
};

}  // namespace server
