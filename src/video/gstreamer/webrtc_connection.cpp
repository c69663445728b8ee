// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/webrtc_connection.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <gst/app/gstappsink.h>
#include <gst/sdp/sdp.h>
#include <gst/video/video.h>

#include "core/log.hpp"
#include "video/gstreamer/messages.hpp"

namespace depthcloud {
namespace {

using std::chrono::milliseconds;

/// How often it looks at what no signal tells.
constexpr milliseconds tick_interval{100};
/// While a message waits for room in the data channel.
constexpr milliseconds busy_interval{5};
/// Without a picture for this long, a key frame is asked for again.
constexpr milliseconds ask_again_after{1000};
/// Data channels that the other side may open; one is used.
constexpr int most_channels = 4;
/// Senders of RTP that the other side may bring along: each gets a jitter buffer.
constexpr guint most_streams = 8;
constexpr const char* channel_name = "clouds";

struct Depayloader {
  VideoCodec codec;
  const char* element;
  const char* caps;
  const char* package;
};

constexpr Depayloader depayloaders[] = {
    {VideoCodec::h264, "rtph264depay", "video/x-h264,stream-format=byte-stream,alignment=au",
     "gstreamer1.0-plugins-good"},
    {VideoCodec::vp8, "rtpvp8depay", "video/x-vp8", "gstreamer1.0-plugins-good"},
    {VideoCodec::vp9, "rtpvp9depay", "video/x-vp9", "gstreamer1.0-plugins-good"},
    {VideoCodec::av1, "rtpav1depay", "video/x-av1,stream-format=obu-stream,alignment=tu",
     "GStreamer's plugin rsrtp"},
};

const Depayloader& depayloader(VideoCodec codec) {
  return *std::ranges::find(depayloaders, codec, &Depayloader::codec);
}

bool exists(const char* element) {
  GstElementFactory* const factory = gst_element_factory_find(element);
  if (factory == nullptr) return false;
  gst_object_unref(factory);
  return true;
}

void need(const char* element, const char* package) {
  if (exists(element)) return;
  throw Error(ErrorCode::unavailable, Stage::load,
              fmt::format("WebRTC needs GStreamer's element {}: install {}", element, package));
}

/// What webrtcbin makes by name when it needs it.
void check_elements() {
  start_gstreamer();
  need("webrtcbin", "gstreamer1.0-plugins-bad");
  need("dtlssrtpdec", "gstreamer1.0-plugins-bad");
  need("srtpdec", "gstreamer1.0-plugins-bad");
  need("sctpdec", "gstreamer1.0-plugins-bad");
  need("nicesrc", "gstreamer1.0-nice");
  need("rtpbin", "gstreamer1.0-plugins-good");
}

WebRtcConnection* peer(gpointer self) { return static_cast<WebRtcConnection*>(self); }

std::string percent_encoded(const std::string& text) {
  const GlibText escaped(g_uri_escape_string(text.c_str(), nullptr, FALSE));
  return escaped.get();
}

std::string host_in_uri(const IceServer& server) {
  return server.host.find(':') == std::string::npos ? server.host
                                                    : fmt::format("[{}]", server.host);
}

std::string turn_uri(const IceServer& server) {
  return fmt::format("turn://{}:{}@{}:{}?transport={}", percent_encoded(server.user),
                     percent_encoded(server.password), host_in_uri(server), server.port,
                     server.over_tcp ? "tcp" : "udp");
}

/// What a promise owns while webrtcbin works.
struct Pending {
  std::weak_ptr<TaskQueue> tasks;
  std::function<void(const GstStructure*)> then;
};

void on_promise(GstPromise* promise, gpointer data) {
  const auto& pending = *static_cast<Pending*>(data);
  const auto tasks = pending.tasks.lock();
  if (tasks == nullptr) return;
  const GstStructure* const reply = gst_promise_get_reply(promise);
  const std::shared_ptr<GstStructure> copy(
      reply == nullptr ? gst_structure_new_empty("reply") : gst_structure_copy(reply),
      &gst_structure_free);
  tasks->post([copy, then = pending.then] { then(copy.get()); });
}

Clock::rep now() { return Clock::now().time_since_epoch().count(); }

Clock::duration since(Clock::rep time) { return Clock::duration(now() - time); }

}  // namespace

std::unique_ptr<PeerConnection> make_peer_connection(WebRtcCallbacks callbacks,
                                                     const WebRtcOptions& options) {
  check_elements();
  return std::make_unique<WebRtcConnection>(std::move(callbacks), options);
}

WebRtcConnection::WebRtcConnection(WebRtcCallbacks callbacks, const WebRtcOptions& options)
    : callbacks_(std::move(callbacks)),
      options_(options),
      channel_(options.max_queued_bytes),
      last_packet_(now()) {
  thread_ = std::thread([this] { run(); });
}

WebRtcConnection::~WebRtcConnection() {
  tasks_->stop();
  thread_.join();
  if (pipeline_ == nullptr) return;
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  media_.reset();
}

void WebRtcConnection::offer(std::string_view sdp) {
  const SessionOffer parsed = parse_offer(sdp);
  {
    const std::lock_guard lock(mutex_);
    if (is_offered_) {
      throw Error(ErrorCode::invalid_argument, Stage::control,
                  "a second offer: a connection takes one");
    }
    is_offered_ = true;
  }
  tasks_->post([this, parsed] { start(parsed); });
  for (const IceCandidate& candidate : parsed.candidates) add(candidate);
}

void WebRtcConnection::add(const IceCandidate& candidate) {
  {
    const std::lock_guard lock(mutex_);
    if (candidates_ >= options_.max_candidates) {
      throw Error(ErrorCode::limit_exceeded, Stage::control,
                  fmt::format("more than {} ICE candidates", options_.max_candidates));
    }
    ++candidates_;
    // A name would have to be looked up, for a stranger; those of multicast DNS are of no use
    // beyond one network. The other side reaches this one all the same.
    if (candidate.protocol != "udp" || !has_ip_address(candidate)) {
      ++candidates_ignored_;
      return;
    }
  }
  tasks_->post([this, text = to_string(candidate)] {
    if (!has_remote_description_) return early_candidates_.push_back(text);
    // Everything is bundled: the first part of the session stands for all.
    g_signal_emit_by_name(bin_, "add-ice-candidate", 0U, text.c_str());
  });
}

void WebRtcConnection::send(std::shared_ptr<const std::vector<std::uint8_t>> message) {
  channel_.put(std::move(message));
  tasks_->post([this] { channel_.pump(); });
}

WebRtcCounters WebRtcConnection::counters() const {
  const std::lock_guard lock(mutex_);
  WebRtcCounters counters;
  if (counted_ != nullptr) counters.video = counted_->counters();
  counters.packets = packets_;
  counters.bytes = bytes_;
  counters.candidates = candidates_;
  counters.candidates_ignored = candidates_ignored_;
  counters.key_frames_asked = key_frames_asked_;
  counters.messages_sent = channel_.sent();
  counters.messages_replaced = channel_.replaced();
  return counters;
}

void WebRtcConnection::run() {
  Clock::time_point next_tick = Clock::now();
  while (!tasks_->is_stopped()) {
    const auto wake = channel_.is_busy() ? Clock::now() + busy_interval : next_tick;
    if (const TaskQueue::Task task = tasks_->next(std::min(wake, next_tick))) guarded(task);
    if (channel_.is_busy()) channel_.pump();
    if (Clock::now() < next_tick) continue;
    next_tick = Clock::now() + std::min<Clock::duration>(tick_interval, options_.idle_timeout / 4);
    guarded([this] { tick(); });
  }
}

void WebRtcConnection::guarded(const TaskQueue::Task& task) {
  try {
    if (!is_closed_) task();
  } catch (const Error& error) {
    close(error);
  } catch (const std::exception& error) {
    close(Error(ErrorCode::internal, Stage::control, error.what()));
  }
}

void WebRtcConnection::tick() {
  if (since(last_packet_) > options_.idle_timeout) {
    const double seconds = std::chrono::duration<double>(options_.idle_timeout).count();
    throw Error(ErrorCode::io, Stage::control,
                is_connected_
                    ? fmt::format("nothing came over WebRTC for {} s", seconds)
                    : fmt::format("WebRTC did not connect within {} s: its UDP may be blocked; a "
                                  "TURN server over TCP helps",
                                  seconds));
  }
  // webrtcbin tells of the last candidates a little later than that there are no more.
  if (is_gathered_ && Clock::now() - gathered_ > tick_interval &&
      !std::exchange(is_complete_, true)) {
    callbacks_.candidate(std::nullopt);
  }
  if (is_gathered_ && local_candidates_ == 0 && Clock::now() - gathered_ > ask_again_after) {
    throw Error(ErrorCode::unavailable, Stage::control,
                options_.first_port == 0
                    ? std::string("no address of this machine can be used for WebRTC")
                    : fmt::format("no UDP port from {} to {} is free", options_.first_port,
                                  options_.last_port));
  }
  const bool is_starved = is_connected_ && since(last_unit_) > ask_again_after;
  if (is_starved || wants_key_) ask_for_key_frame();
}

/// Of the formats that the other side likes best, the first that this machine decodes.
void WebRtcConnection::make_decoder(const SessionOffer& offer, OfferedFormat& chosen) {
  std::string obstacles;
  for (const OfferedFormat& format : offer.formats) {
    const Depayloader& needed = depayloader(format.codec);
    std::string obstacle = fmt::format("no {}: install {}", needed.element, needed.package);
    if (exists(needed.element)) {
      try {
        decoder_ = std::make_unique<VideoDecoder>(
            format.codec,
            VideoDecoderCallbacks{.picture = callbacks_.picture,
                                  .key_frame_needed = [this] { wants_key_ = true; },
                                  .failed =
                                      [this](const Error& error) {
                                        tasks_->post([this, error] {
                                          if (callbacks_.failed) callbacks_.failed(error);
                                        });
                                      }},
            options_.decoder);
        chosen = format;
        codec_ = format.codec;
        const std::lock_guard lock(mutex_);
        counted_ = decoder_.get();
        return;
      } catch (const Error& error) {
        obstacle = error.what();
      }
    }
    if (obstacles.find(obstacle) == std::string::npos) {
      obstacles += (obstacles.empty() ? "" : "; ") + obstacle;
    }
  }
  throw Error(ErrorCode::unavailable, Stage::load, obstacles);
}

void WebRtcConnection::start(const SessionOffer& offer) {
  OfferedFormat chosen;
  make_decoder(offer, chosen);
  mids_[offer.is_channel_first ? 1 : 0] = offer.video_mid;
  mids_[offer.is_channel_first ? 0 : 1] = offer.channel_mid;
  feedback_ = transport_cc_line(offer);
  make_pipeline();
  take_offer(to_sdp(offer, chosen));
}

void WebRtcConnection::make_pipeline() {
  pipeline_.reset(GST_ELEMENT_CAST(gst_object_ref_sink(gst_pipeline_new(nullptr))));
  bin_ = gst_element_factory_make("webrtcbin", nullptr);
  gst_bin_add(GST_BIN(pipeline_.get()), bin_);
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), &on_message, this, nullptr);
  g_signal_connect(pipeline_.get(), "deep-element-added", G_CALLBACK(on_element), this);
  g_signal_connect(bin_, "on-ice-candidate", G_CALLBACK(on_candidate), this);
  g_signal_connect(bin_, "notify::connection-state", G_CALLBACK(on_state), this);
  g_signal_connect(bin_, "notify::ice-gathering-state", G_CALLBACK(on_state), this);
  g_signal_connect(bin_, "on-new-transceiver", G_CALLBACK(on_transceiver), this);
  g_signal_connect(bin_, "pad-added", G_CALLBACK(on_pad), this);
  g_signal_connect(bin_, "on-data-channel", G_CALLBACK(on_channel), this);
  g_object_set(bin_, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency",
               static_cast<guint>(options_.jitter.count()), nullptr);
  if (GstElement* const rtp = gst_bin_get_by_name(GST_BIN(bin_), "rtpbin"); rtp != nullptr) {
    g_object_set(rtp, "max-streams", most_streams, nullptr);
    gst_object_unref(rtp);
  }
  set_up_ice();
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

void WebRtcConnection::set_up_ice() {
  GstObject* ice = nullptr;
  g_object_get(bin_, "ice-agent", &ice, nullptr);
  const GstPtr<GstObject> owned(ice);
  // A TCP candidate would be a port that first_port and last_port do not bound.
  g_object_set(ice, "ice-tcp", FALSE, nullptr);
  if (options_.first_port != 0) {
    g_object_set(ice, "min-rtp-port", guint{options_.first_port}, "max-rtp-port",
                 guint{options_.last_port}, nullptr);
  }
  for (const std::string& address : options_.addresses) {
    gboolean is_taken = FALSE;
    g_signal_emit_by_name(ice, "add-local-ip-address", address.c_str(), &is_taken);
  }
  GObject* agent = nullptr;
  g_object_get(ice, "agent", &agent, nullptr);
  if (agent != nullptr) {
    g_object_set(agent, "upnp", FALSE, nullptr);  // it would ask the router to open ports
    g_object_unref(agent);
  }
  if (options_.stun) {
    const std::string uri =
        fmt::format("stun://{}:{}", host_in_uri(*options_.stun), options_.stun->port);
    g_object_set(bin_, "stun-server", uri.c_str(), nullptr);
  }
  for (const IceServer& server : options_.turn) {
    gboolean is_taken = FALSE;
    g_signal_emit_by_name(bin_, "add-turn-server", turn_uri(server).c_str(), &is_taken);
    if (is_taken == FALSE) log(LogLevel::warning, to_url(server) + " was refused");
  }
}

void WebRtcConnection::request(const char* action, const GValue& argument, Reply then) {
  GstPromise* const promise =
      gst_promise_new_with_change_func(&on_promise, new Pending{tasks_, std::move(then)},
                                       [](gpointer data) { delete static_cast<Pending*>(data); });
  g_signal_emit_by_name(bin_, action, g_value_get_boxed(&argument), promise);
  gst_promise_unref(promise);  // webrtcbin has a reference of its own
}

namespace {

/// Throws what a reply says that went wrong.
void check_reply(const GstStructure* reply) {
  if (gst_structure_has_field(reply, "error") == FALSE) return;
  const GValue* const value = gst_structure_get_value(reply, "error");
  const auto* const error = G_VALUE_HOLDS(value, G_TYPE_ERROR)
                                ? static_cast<const GError*>(g_value_get_boxed(value))
                                : nullptr;
  throw Error(ErrorCode::corrupt_data, Stage::control,
              fmt::format("WebRTC refuses the offer: {}",
                          error == nullptr ? "no reason given" : error->message));
}

/// A session description in a GValue, which owns it.
class Description {
 public:
  Description(GstWebRTCSDPType type, GstSDPMessage* message) {
    g_value_init(&value_, GST_TYPE_WEBRTC_SESSION_DESCRIPTION);
    g_value_take_boxed(&value_, gst_webrtc_session_description_new(type, message));
  }
  ~Description() { g_value_unset(&value_); }
  Description(const Description&) = delete;
  Description& operator=(const Description&) = delete;
  const GValue& value() const { return value_; }

 private:
  GValue value_ = G_VALUE_INIT;
};

}  // namespace

void WebRtcConnection::take_offer(const std::string& sdp) {
  GstSDPMessage* message = nullptr;
  if (gst_sdp_message_new_from_text(sdp.c_str(), &message) != GST_SDP_OK) {
    throw Error(ErrorCode::internal, Stage::control, "GStreamer does not read the offer");
  }
  const Description description(GST_WEBRTC_SDP_TYPE_OFFER, message);
  request("set-remote-description", description.value(), [this](const GstStructure* reply) {
    check_reply(reply);
    has_remote_description_ = true;
    const GValue no_options = G_VALUE_INIT;
    GValue options = no_options;
    g_value_init(&options, GST_TYPE_STRUCTURE);
    request("create-answer", options, [this](const GstStructure* created) { answer(created); });
    g_value_unset(&options);
  });
}

/// Accepts the numbers of packets across the transport, by which the sender finds its bitrate:
/// webrtcbin accepts the feedback about them, and leaves them out.
void WebRtcConnection::accept_feedback(GstSDPMessage* answer) const {
  if (feedback_.empty()) return;
  for (guint i = 0; i < gst_sdp_message_medias_len(answer); ++i) {
    auto* const media = const_cast<GstSDPMedia*>(gst_sdp_message_get_media(answer, i));
    const bool is_video = std::string_view(gst_sdp_media_get_media(media)) == "video";
    if (!is_video || gst_sdp_media_get_attribute_val(media, "extmap") != nullptr) continue;
    gst_sdp_media_add_attribute(media, "extmap", feedback_.c_str());
  }
}

void WebRtcConnection::answer(const GstStructure* reply) {
  check_reply(reply);
  const GValue* const created = gst_structure_get_value(reply, "answer");
  if (created == nullptr) {
    throw Error(ErrorCode::internal, Stage::control, "webrtcbin gave no answer to the offer");
  }
  GstSDPMessage* message = nullptr;
  gst_sdp_message_copy(
      static_cast<const GstWebRTCSessionDescription*>(g_value_get_boxed(created))->sdp, &message);
  const Description description(GST_WEBRTC_SDP_TYPE_ANSWER, message);
  accept_feedback(message);
  const GlibText text(gst_sdp_message_as_text(message));
  request("set-local-description", description.value(),
          [this, sdp = std::string(text.get())](const GstStructure* set) {
            check_reply(set);
            callbacks_.answer(sdp);
            for (const std::string& candidate : std::exchange(early_candidates_, {})) {
              g_signal_emit_by_name(bin_, "add-ice-candidate", 0U, candidate.c_str());
            }
          });
}

void WebRtcConnection::on_candidate(GstElement*, guint, char* text, gpointer self) {
  peer(self)->tasks_->post([self, text = std::string(text)] { peer(self)->take_candidate(text); });
}

void WebRtcConnection::take_candidate(const std::string& text) {
  IceCandidate candidate = parse_ice_candidate(text);
  if (candidate.protocol != "udp") return;
  candidate.mid = mids_[0];
  ++local_candidates_;
  callbacks_.candidate(candidate);
}

void WebRtcConnection::on_state(GstElement*, GParamSpec*, gpointer self) {
  peer(self)->tasks_->post([self] { peer(self)->take_state(); });
}

void WebRtcConnection::take_state() {
  GstWebRTCPeerConnectionState state{};
  GstWebRTCICEGatheringState gathering{};
  g_object_get(bin_, "connection-state", &state, "ice-gathering-state", &gathering, nullptr);
  if (gathering == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE && !std::exchange(is_gathered_, true)) {
    gathered_ = Clock::now();
  }
  switch (state) {
    case GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED:
      if (std::exchange(is_connected_, true)) return;
      last_unit_ = now();
      if (callbacks_.connected) callbacks_.connected();
      return;
    case GST_WEBRTC_PEER_CONNECTION_STATE_FAILED:
      throw Error(ErrorCode::io, Stage::control,
                  is_connected_ ? "the WebRTC connection broke off"
                                : "WebRTC finds no way between both sides: its UDP may be blocked; "
                                  "a TURN server over TCP helps");
    case GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED:
      throw Error(ErrorCode::io, Stage::control, "the other side has ended the WebRTC connection");
    default:
      return;
  }
}

GstBusSyncReply WebRtcConnection::on_message(GstBus*, GstMessage* message, gpointer self) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    peer(self)->tasks_->post([error = error_of_message(message, "")] { throw error; });
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

/// Sees every packet behind libnice, which keeps those of ICE itself.
void WebRtcConnection::on_element(GstBin*, GstBin*, GstElement* element, gpointer self) {
  const GstElementFactory* const factory = gst_element_get_factory(element);
  if (factory == nullptr || std::string_view(GST_OBJECT_NAME(factory)) != "nicesrc") return;
  const GstPtr<GstPad> pad(gst_element_get_static_pad(element, "src"));
  gst_pad_add_probe(
      pad.get(),
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
      &on_packet, self, nullptr);
}

GstPadProbeReturn WebRtcConnection::on_packet(GstPad*, GstPadProbeInfo* info, gpointer self) {
  WebRtcConnection& connection = *peer(self);
  if ((GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
    GstBufferList* const list = gst_pad_probe_info_get_buffer_list(info);
    connection.packets_ += gst_buffer_list_length(list);
    connection.bytes_ += gst_buffer_list_calculate_size(list);
  } else {
    ++connection.packets_;
    connection.bytes_ += gst_buffer_get_size(gst_pad_probe_info_get_buffer(info));
  }
  connection.last_packet_ = now();
  return GST_PAD_PROBE_OK;
}

/// Lost packets are asked for again.
void WebRtcConnection::on_transceiver(GstElement*, GstWebRTCRTPTransceiver* transceiver, gpointer) {
  g_object_set(transceiver, "do-nack", TRUE, nullptr);
}

void WebRtcConnection::on_pad(GstElement*, GstPad* pad, gpointer self) {
  if (GST_PAD_DIRECTION(pad) == GST_PAD_SRC) peer(self)->add_depayloader(pad);
}

/// On a thread of GStreamer, since the first packets follow at once.
void WebRtcConnection::add_depayloader(GstPad* pad) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = media_ == nullptr;
    if (is_first) media_.reset(GST_PAD_CAST(gst_object_ref(pad)));
  }
  auto* const container = GST_BIN(pipeline_.get());
  GstElement* const sink = gst_element_factory_make(is_first ? "appsink" : "fakesink", nullptr);
  g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
  gst_bin_add(container, sink);
  GstElement* first = sink;
  if (is_first) {
    const Depayloader& used = depayloader(codec_);
    first = gst_element_factory_make(used.element, nullptr);
    // After a loss the pictures that follow would be wrong until a key frame comes.
    set_if_there(first, "request-keyframe", "true");
    set_if_there(first, "wait-for-keyframe", "true");
    const GstMiniPtr<GstCaps> caps(gst_caps_from_string(used.caps));
    g_object_set(sink, "caps", caps.get(), "emit-signals", TRUE, nullptr);
    g_signal_connect(sink, "new-sample", G_CALLBACK(on_unit), this);
    gst_bin_add(container, first);
    gst_element_link(first, sink);
    gst_element_sync_state_with_parent(sink);
  }
  gst_element_sync_state_with_parent(first);
  const GstPtr<GstPad> input(gst_element_get_static_pad(first, "sink"));
  gst_pad_link(pad, input.get());
}

GstFlowReturn WebRtcConnection::on_unit(GstElement* sink, gpointer self) {
  WebRtcConnection& connection = *peer(self);
  const GstMiniPtr<GstSample> sample(gst_app_sink_pull_sample(GST_APP_SINK(sink)));
  GstBuffer* const buffer = sample == nullptr ? nullptr : gst_sample_get_buffer(sample.get());
  GstMapInfo map{};
  if (buffer == nullptr || gst_buffer_map(buffer, &map, GST_MAP_READ) == FALSE) return GST_FLOW_OK;
  AccessUnit unit{.data = {map.data, map.size}};
  unit.is_key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (GST_BUFFER_PTS_IS_VALID(buffer)) {
    unit.time = std::chrono::microseconds(GST_BUFFER_PTS(buffer) / GST_USECOND);
  }
  connection.last_unit_ = now();
  if (unit.is_key) connection.wants_key_ = false;
  try {
    connection.decoder_->push(unit);
  } catch (const Error& error) {
    connection.tasks_->post([self, error] {
      if (peer(self)->callbacks_.failed) peer(self)->callbacks_.failed(error);
    });
  }
  gst_buffer_unmap(buffer, &map);
  return GST_FLOW_OK;
}

void WebRtcConnection::ask_for_key_frame() {
  if (Clock::now() - last_asked_ < ask_again_after) return;
  last_asked_ = Clock::now();
  GstPad* media = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (media_ == nullptr) return;
    media = GST_PAD_CAST(gst_object_ref(media_.get()));
    ++key_frames_asked_;
  }
  gst_pad_send_event(media,
                     gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
  gst_object_unref(media);
}

void WebRtcConnection::on_channel(GstElement*, GstWebRTCDataChannel* channel, gpointer self) {
  peer(self)->note_channel(channel);
}

void WebRtcConnection::note_channel(GstWebRTCDataChannel* channel) {
  if (++channels_ > most_channels) {
    tasks_->post([] {
      throw Error(ErrorCode::limit_exceeded, Stage::control,
                  fmt::format("more than {} data channels", most_channels));
    });
    return;
  }
  char* label = nullptr;
  GstWebRTCDataChannelState state{};
  g_object_get(channel, "label", &label, "ready-state", &state, nullptr);
  const GlibText owned(label);
  if (label == nullptr || std::string_view(label) != channel_name) return;
  const guint64 low = options_.max_queued_bytes / 2;
  g_object_set(channel, "buffered-amount-low-threshold", low, nullptr);
  g_signal_connect(channel, "on-buffered-amount-low", G_CALLBACK(on_channel_low), this);
  g_signal_connect(channel, "on-open", G_CALLBACK(on_channel_open), this);
  if (state == GST_WEBRTC_DATA_CHANNEL_STATE_OPEN) on_channel_open(channel, this);
}

void WebRtcConnection::on_channel_open(GstWebRTCDataChannel* channel, gpointer self) {
  if (peer(self)->channel_.is_open()) return;
  peer(self)->channel_.open(channel);
  peer(self)->tasks_->post([self] {
    if (peer(self)->callbacks_.channel_open) peer(self)->callbacks_.channel_open();
  });
}

void WebRtcConnection::on_channel_low(GstWebRTCDataChannel*, gpointer self) {
  peer(self)->tasks_->post([self] { peer(self)->channel_.pump(); });
}

void WebRtcConnection::close(const Error& why) {
  if (std::exchange(is_closed_, true)) return;
  if (!callbacks_.closed) return;
  try {
    callbacks_.closed(why);
  } catch (const std::exception& error) {
    log(LogLevel::warning, fmt::format("a callback threw: {}", error.what()));
  }
}

}  // namespace depthcloud
