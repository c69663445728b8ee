// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include <spdlog/spdlog.h>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "http_answer.hpp"
#include "in_quotes.hpp"
#include "message.hpp"
#include "offered_picture.hpp"
#include "service.hpp"
#include "transport.hpp"

namespace server {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using depthcloud::Error;
using depthcloud::ErrorCode;
using depthcloud::Stage;
using nlohmann::json;

constexpr std::size_t read_chunk = std::size_t{64} << 10;
constexpr std::size_t message_overhead = 256;  // what a queued message costs beside its bytes

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::control, message);
}

std::shared_ptr<const std::vector<std::uint8_t>> to_bytes(const std::string& text) {
  return std::make_shared<const std::vector<std::uint8_t>>(text.begin(), text.end());
}

std::string text_of(const json& message, const char* key) {
  const auto found = message.find(key);
  if (found == message.end() || !found->is_string()) refuse(fmt::format("{} must be a text", key));
  return found->get<std::string>();
}

std::optional<double> capture_ts_of(const json& message) {
  const auto found = message.find("capture_ts");
  if (found == message.end() || found->is_null()) return std::nullopt;
  if (!found->is_number() || !std::isfinite(found->get<double>())) {
    refuse("capture_ts must be a number of seconds");
  }
  return found->get<double>();
}

std::int64_t size_of(const json& message, const char* key) {
  constexpr std::int64_t largest = 65'535;
  const auto found = message.find(key);
  if (found != message.end() && found->is_number_unsigned() && *found >= 1 && *found <= largest) {
    return found->get<std::int64_t>();
  }
  refuse(fmt::format("{} must be an integer from 1 to {}", key, largest));
}

}  // namespace

struct Session::Socket : websocket::stream<Transport> {
  using websocket::stream<Transport>::stream;
  beast::flat_buffer incoming;
};

/// Keeps the session alive while an operation is pending. If the operation is lost because memory
/// ran out, in Beast or in a handler, the connection ends.
class Session::Pending {
 public:
  explicit Pending(Session& session) : session_(session.shared_from_this()) {}
  Pending(Pending&&) = default;
  Pending& operator=(Pending&&) = delete;
  ~Pending() {
    if (session_) session_->abort();
  }
  Session* operator->() const { return session_.get(); }
  void done() { session_.reset(); }

 private:
  std::shared_ptr<Session> session_;
};

Session::Session(Transport&& transport, Service& service, const boost::asio::ip::address& address)
    : service_(service),
      socket_(std::make_unique<Socket>(std::move(transport))),
      address_(address),
      id_(0),
      options_(service.options().client) {
  service_.settle(options_);  // the log has said so when the network was loaded
  id_ = service_.add(*this);
}

Session::~Session() { drop(); }

void Session::run(const Request& request) {
  const Limits& limits = service_.options().limits;
  beast::get_lowest_layer(*socket_).expires_never();  // the WebSocket has timers of its own
  socket_->set_option(websocket::stream_base::timeout{.handshake_timeout = limits.handshake_timeout,
                                                      .idle_timeout = limits.idle_timeout,
                                                      .keep_alive_pings = true});
  socket_->set_option(websocket::stream_base::decorator(
      [chosen = offers_protocol(request)](websocket::response_type& response) {
        set_common_headers(response);
        if (chosen) response.set(beast::http::field::sec_websocket_protocol, sub_protocol);
      }));
  const std::size_t longest = std::max(limits.binary_bytes, limits.text_bytes);
  socket_->read_message_max(longest);
  socket_->incoming.max_size(longest + read_chunk);  // its growth is bounded, not doubled
  socket_->auto_fragment(false);
  stream_ = service_.open_stream();
  socket_->async_accept(request, [self = shared_from_this()](const auto& error) {
    if (error) return self->drop();
    spdlog::info("event=connected client={} address={}", self->id_, self->address_.to_string());
    self->read();
  });
}

// A message is read in parts, since only its first frame says whether it is a text.
void Session::read() {
  socket_->async_read_some(socket_->incoming, read_chunk,
                           [pending = Pending(*this)](const auto& error, std::size_t) mutable {
                             pending->on_read(error);
                             pending.done();
                           });
}

void Session::on_read(const boost::system::error_code& error) {
  if (error) {
    if (error == websocket::error::message_too_big) ++service_.metrics().messages_too_big;
    spdlog::info("event=disconnected client={} reason={}", id_, in_quotes(error.message()));
    return drop();
  }
  if (closing_) {  // until the other side has said goodbye too
    socket_->incoming.clear();
    return read();
  }
  const Limits& limits = service_.options().limits;
  if (socket_->incoming.size() > (socket_->got_text() ? limits.text_bytes : limits.binary_bytes)) {
    ++service_.metrics().messages_too_big;
    socket_->incoming.consume(socket_->incoming.size());
    socket_->incoming.shrink_to_fit();
    return close(static_cast<std::uint16_t>(websocket::close_code::too_big));
  }
  if (socket_->is_message_done()) {
    service_.metrics().bytes_received += socket_->incoming.size();
    handle_message();
    socket_->incoming.consume(socket_->incoming.size());
    // The memory of a large message is not kept for small ones.
    if (socket_->incoming.capacity() > 16 * read_chunk) socket_->incoming.shrink_to_fit();
  }
  read();
}

void Session::handle_message() {
  const auto* bytes = static_cast<const std::uint8_t*>(socket_->incoming.data().data());
  const std::size_t size = socket_->incoming.size();
  try {
    if (socket_->got_text()) {
      handle_text({reinterpret_cast<const char*>(bytes), size});
    } else if (is_video_unit({bytes, size})) {
      handle_unit({bytes, size});
    } else {
      handle_frame({bytes, bytes + size});
    }
  } catch (const Error& error) {
    send_error(error);
  } catch (const std::bad_alloc&) {
    send_error({ErrorCode::out_of_memory, Stage::control, "no memory left to read a message"});
  }
}

void Session::handle_text(std::string_view text) {
  const json message = read_message(text);
  const std::string type = text_of(message, "type");
  if (type == "frame") {
    next_capture_ts_ = capture_ts_of(message);
    handle_text_frame(text_of(message, "data"));
  } else if (type == "frame_info") {
    next_capture_ts_ = capture_ts_of(message);
  } else if (type == "register_role") {
    register_role(message);
  } else if (type == "configure") {
    configure(message);
  } else if (type == "video_config") {
    configure_video(message);
  } else if (type == "webrtc_offer") {
    connect_peer(message);
  } else if (type == "ice_candidate") {
    add_candidate(message);
  } else if (type == "watch") {
    watch(message);
  } else if (type == "ping") {
    send({{"type", "pong"}});
  } else if (type != "pong") {
    refuse(fmt::format("there is no message of type {}", in_quotes(type)));
  }
}

void Session::register_role(const json& message) {
  const std::string role = text_of(message, "role");
  if (role != "camera" && role != "viewer") refuse("a role is camera or viewer");
  if (role == "viewer") check_world(options_, true);
  if (role == "camera" && role_ != Role::camera) service_.rig().check_room();
  service_.rig().remove(*this);
  unwatch();
  if (role == "viewer") {
    end_video();
    end_peer();
  }
  role_ = role == "camera" ? Role::camera : Role::viewer;
  if (role_ == Role::camera) {
    service_.rig().add_camera(*this);
  } else {
    service_.rig().add_viewer(*this);
  }
}

void Session::configure(const json& message) {
  ClientOptions options = configured(options_, message);
  check_world(options, role_ == Role::viewer);
  const std::vector<std::string> notes = service_.settle(options);
  options_ = options;
  json answer = to_json(options_);
  answer["type"] = "configured";
  answer["limits"] = {{"max_binary_bytes", service_.options().limits.binary_bytes},
                      {"max_pixels", service_.options().model.max_pixels}};
  answer["video_codecs"] = json::array();
  for (const auto codec : service_.codecs()) answer["video_codecs"].push_back(to_string(codec));
  const WebRtcSettings& webrtc = service_.options().webrtc;
  answer["webrtc"] =
      webrtc.is_on ? json{{"ice_servers", ice_servers_for_browsers(webrtc)}} : json(nullptr);
  answer["sources"] = json::array();
  for (const auto& source : service_.sources()) answer["sources"].push_back(source->name());
  if (!notes.empty()) answer["notes"] = notes;
  send(answer);
}

void Session::handle_text_frame(const std::string& data) {
  std::vector<std::uint8_t> encoded;
  try {
    encoded = decode_base64(data);
  } catch (const Error& error) {
    next_capture_ts_.reset();
    return send_error(error, ++frames_);
  }
  handle_frame(std::move(encoded));
}

void Session::handle_frame(std::vector<std::uint8_t> encoded) {
  const depthcloud::FrameTag tag{++frames_, std::exchange(next_capture_ts_, std::nullopt)};
  try {
    check_sender();
  } catch (const Error& error) {
    return send_error(error, tag.frame_id);
  }
  take(std::move(encoded), tag, depthcloud::Clock::now());
}

void Session::handle_unit(std::span<const std::uint8_t> message) {
  const std::uint64_t id = ++frames_;
  try {
    check_sender();
    const VideoUnit unit = read_video_unit(message);
    if (!video_ || !video_->is_ready()) {
      refuse("an access unit before the answer to video_config");
    }
    video_->push(unit, id);
  } catch (const Error& error) {
    send_error(error, id);
  }
}

/// Throws where the frames of this client would go nowhere.
void Session::check_sender() const {
  if (role_ == Role::viewer) {
    refuse("a viewer sends no frames: register as a camera, or not at all");
  }
  if (watched_) refuse("a client that watches a source sends no frames: watch null first");
}

/// A frame of this client, on its way to the network.
void Session::take(depthcloud::OfferedView view, const depthcloud::FrameTag& tag,
                   depthcloud::Clock::time_point received) {
  if (role_ == Role::none) return offer(std::move(view), tag, received);
  service_.rig().frame(id_, {std::move(view), tag, options_.extrinsics, weak_from_this()});
}

void Session::offer(depthcloud::OfferedView view, const depthcloud::FrameTag& tag,
                    depthcloud::Clock::time_point received) {
  const std::weak_ptr<Session> weak = weak_from_this();
  // Both run on the hub's thread; a session is only touched on the server's.
  const auto done = [weak, received, service = &service_, maker = packet_maker_,
                     options = options_](depthcloud::EstimatedFrame&& frame) {
    depthcloud::StageTimes times = frame.times;
    auto packet =
        std::make_shared<const std::vector<std::uint8_t>>(maker->pack(frame, options, times));
    service->post([weak, received, service, packet = std::move(packet), times] {
      service->record(times);
      if (const auto self = weak.lock()) self->send(Cloud{packet, times.total(), received});
    });
  };
  const auto failed = [weak, service = &service_, id = tag.frame_id](std::size_t,
                                                                     const Error& error) {
    service->post([weak, service, id, error] {
      ++service->metrics().frames_failed;
      if (const auto self = weak.lock()) self->send_error(error, id);
    });
  };
  std::vector<depthcloud::OfferedView> views;
  views.push_back(std::move(view));
  stream_->offer_views(std::move(views), tag, {done, failed}, received);
}

void Session::configure_video(const json& message) {
  if (const auto codec = message.find("codec"); codec != message.end() && codec->is_null()) {
    end_video();
    return send({{"type", "video_configured"}, {"codec", nullptr}});
  }
  const std::string codec_string = text_of(message, "codec");
  const std::int64_t width = size_of(message, "width");
  const std::int64_t height = size_of(message, "height");
  check_sender();
  if (video_ && video_->is_starting()) refuse("a video_config before the answer to the last one");
  const depthcloud::VideoCodec codec = service_.decodable(codec_string);
  if (width * height > service_.options().model.max_pixels) {
    throw Error(ErrorCode::limit_exceeded, Stage::control,
                fmt::format("a video of {} x {} pixels: the limit is {} pixels", width, height,
                            service_.options().model.max_pixels));
  }
  start_video(codec, {{"type", "video_configured"},
                      {"codec", codec_string},
                      {"width", width},
                      {"height", height}});
}

void Session::start_video(depthcloud::VideoCodec codec, json answer) {
  Seat seat = video_ ? video_->seat() : service_.video().seats().take();
  end_video();
  video_ = std::make_shared<ClientVideo>(service_, codec, std::move(seat));
  // They are called by this session's own video, and not after it has ended.
  video_->start({.ready = [this, answer = std::move(answer)] { send(answer); },
                 .picture =
                     [this](depthcloud::VideoFrame&& decoded, const depthcloud::FrameTag& tag) {
                       const auto picture =
                           std::make_shared<const depthcloud::VideoFrame>(std::move(decoded));
                       take(offered(picture), tag, picture->captured);
                     },
                 .key_frame_needed =
                     [this] {
                       send({{"type", "keyframe_request"}});
                     },
                 .failed =
                     [this](const Error& error) {
                       send_error(error);
                       if (!video_->is_ready()) end_video();
                     }});
}

void Session::end_video() noexcept {
  if (video_) video_->end();
  video_.reset();
}

void Session::connect_peer(const json& message) {
  if (!service_.options().webrtc.is_on) {
    throw Error(ErrorCode::unavailable, Stage::control,
                "this server takes no WebRTC: it is started without --webrtc");
  }
  const auto sdp = message.find("sdp");
  if (sdp != message.end() && sdp->is_null()) {
    end_peer();
    return send({{"type", "webrtc_answer"}, {"sdp", nullptr}});
  }
  const std::string offer = text_of(message, "sdp");
  const std::string clouds = message.contains("clouds") ? text_of(message, "clouds") : "websocket";
  if (clouds != "websocket" && clouds != "channel") refuse("clouds is websocket or channel");
  check_sender();
  end_peer();
  ++service_.metrics().peers_offered;
  sends_by_channel_ = clouds == "channel";
  peer_pictures_ = 0;
  start_peer(offer);
}

void Session::start_peer(const std::string& offer) {
  peer_ = std::make_shared<ClientPeer>(service_, service_.peers().take());
  // They are called by this session's own connection, and not after it has ended.
  ClientPeer::Handlers handlers{
      .answer =
          [this](const std::string& sdp) {
            send({{"type", "webrtc_answer"}, {"sdp", sdp}});
          },
      .candidate =
          [this](const std::optional<depthcloud::IceCandidate>& candidate) {
            send({{"type", "ice_candidate"}, {"candidate", to_json(candidate)}});
          },
      .picture =
          [this](depthcloud::VideoFrame&& decoded) {
            const auto picture = std::make_shared<const depthcloud::VideoFrame>(std::move(decoded));
            take(offered(picture), {.frame_id = ++peer_pictures_}, picture->captured);
          },
      .failed = [this](const Error& error) { send_error(error); },
      .closed = [this](const Error& why) { lose_peer(why); }};
  try {
    peer_->start(std::move(handlers), offer);
  } catch (...) {
    end_peer();
    throw;
  }
}

void Session::lose_peer(const Error& why) {
  ++service_.metrics().peers_lost;
  spdlog::info("event=webrtc_closed client={} reason={}", id_, in_quotes(why.what(), 300));
  end_peer();
  send({{"type", "webrtc_closed"}, {"code", to_string(why.code())}, {"message", why.what()}});
}

void Session::add_candidate(const json& message) {
  const std::optional<depthcloud::IceCandidate> candidate = read_candidate(message);
  if (!peer_) refuse("an ice_candidate without a webrtc_offer before it");
  if (candidate) peer_->add(*candidate);
}

void Session::end_peer() noexcept {
  if (peer_) peer_->end();
  peer_.reset();
}

void Session::watch(const json& message) {
  const auto name = message.find("source");
  if (name != message.end() && name->is_null()) {
    unwatch();
    return send({{"type", "watching"}, {"source", nullptr}});
  }
  CameraSource& source = service_.source(text_of(message, "source"));
  if (role_ != Role::none) refuse("a registered client watches no source: it is part of the rig");
  unwatch();
  end_video();
  end_peer();
  watched_ = &source;
  source.add_watcher(*this);
}

void Session::unwatch() noexcept {
  if (watched_) std::exchange(watched_, nullptr)->remove_watcher(*this);
}

void Session::send(const json& message) { enqueue({to_bytes(message.dump()), {}}); }

void Session::send_error(const Error& error, std::optional<std::uint64_t> frame_id) {
  ++service_.metrics().errors_sent;
  spdlog::debug("event=error client={} code={} message={}", id_, to_string(error.code()),
                in_quotes(error.what()));
  enqueue({to_bytes(error_message(error, frame_id)), {}});
}

void Session::send(const Cloud& cloud) {
  if (!sends_by_channel_ || !peer_ || !peer_->send(cloud.packet)) {
    return enqueue({cloud.packet, cloud});
  }
  ++service_.metrics().clouds_by_channel;
  service_.record_sent(id_, cloud.packet);
}

void Session::enqueue(Outgoing message) {
  if (dropped_ || closing_) return;
  const std::size_t bytes = message.bytes->size() + message_overhead;
  make_room(bytes);
  try {
    outgoing_.push_back(std::move(message));
    queued_bytes_ += bytes;
    write();
  } catch (const std::bad_alloc&) {  // a caller with several clients continues with the next
    abort();
  }
}

/// Drops the oldest messages that wait. The newest always fits, or a client whose clouds are large
/// would never see one.
void Session::make_room(std::size_t bytes) {
  const std::size_t limit = service_.options().limits.queued_bytes;
  while (queued_bytes_ + bytes > limit && drop_oldest()) continue;
}

/// The oldest message that is not being written; false if there is none.
bool Session::drop_oldest() {
  const auto oldest = outgoing_.begin() + (writing_ ? 1 : 0);
  if (oldest == outgoing_.end()) return false;
  queued_bytes_ -= oldest->bytes->size() + message_overhead;
  if (oldest->cloud) ++service_.metrics().clouds_dropped;
  outgoing_.erase(oldest);
  return true;
}

void Session::write() {
  if (writing_ || closing_ || outgoing_.empty() || !socket_->is_open()) return;
  writing_ = true;
  const Outgoing& message = outgoing_.front();
  socket_->binary(message.cloud.has_value());
  socket_->async_write(boost::asio::buffer(*message.bytes),
                       [pending = Pending(*this)](const auto& error, std::size_t) mutable {
                         pending->on_write(error);
                         pending.done();
                       });
}

void Session::on_write(const boost::system::error_code& error) {
  writing_ = false;
  const Outgoing message = std::move(outgoing_.front());
  outgoing_.pop_front();
  queued_bytes_ -= message.bytes->size() + message_overhead;
  if (error) return drop();
  Metrics& metrics = service_.metrics();
  metrics.bytes_sent += message.bytes->size();
  if (message.cloud) {
    ++metrics.clouds_sent;
    service_.record_sent(id_, message.bytes);
    const std::chrono::duration<double> took = depthcloud::Clock::now() - message.cloud->received;
    metrics.overhead.observe(std::max(0.0, took.count() - message.cloud->stages_ms / 1000));
  }
  write();
}

void Session::close(std::uint16_t code) {
  if (std::exchange(closing_, true)) return;
  if (stream_) stream_->close();
  while (drop_oldest()) continue;
  socket_->async_close(code, [self = shared_from_this()](const auto&) { self->drop(); });
}

bool Session::is_drained() const {
  const bool in_network = role_ != Role::none ? service_.rig().is_busy()
                          : watched_          ? watched_->is_busy()
                                              : stream_ && stream_->counters().in_flight > 0;
  return outgoing_.empty() && !in_network;
}

/// Closes the socket, so that what is under way fails and ends the session.
void Session::abort() noexcept { beast::get_lowest_layer(*socket_).close(); }

void Session::drop() noexcept {
  end_video();
  end_peer();
  if (std::exchange(dropped_, true)) return;
  if (stream_) stream_->close();
  service_.remove(*this);
  abort();
}

}  // namespace server
