// SPDX-License-Identifier: Apache-2.0
#include "webrtc_offerer.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

#include <gst/sdp/sdp.h>

namespace {

WebRtcOfferer* offerer(gpointer self) { return static_cast<WebRtcOfferer*>(self); }

}  // namespace

WebRtcOfferer::WebRtcOfferer(const std::string& video, Callbacks callbacks)
    : callbacks_(std::move(callbacks)) {
  gst_init(nullptr, nullptr);
  const std::string line = "webrtcbin name=peer bundle-policy=max-bundle " + video + " ! peer.";
  GError* error = nullptr;
  pipeline_ = gst_parse_launch(line.c_str(), &error);
  if (error != nullptr) throw std::runtime_error(error->message);
  bin_ = gst_bin_get_by_name(GST_BIN(pipeline_), "peer");
  g_signal_connect(bin_, "on-negotiation-needed", G_CALLBACK(on_negotiation), this);
  g_signal_connect(bin_, "on-ice-candidate", G_CALLBACK(on_candidate), this);
  GstObject* ice = nullptr;
  g_object_get(bin_, "ice-agent", &ice, nullptr);
  gboolean is_taken = FALSE;
  g_signal_emit_by_name(ice, "add-local-ip-address", "127.0.0.1", &is_taken);
  gst_object_unref(ice);
  gst_element_set_state(pipeline_, GST_STATE_READY);
  GstStructure* const options =
      gst_structure_new("options", "ordered", G_TYPE_BOOLEAN, FALSE, nullptr);
  g_signal_emit_by_name(bin_, "create-data-channel", "clouds", options, &channel_);
  gst_structure_free(options);
  g_signal_connect(channel_, "on-message-data", G_CALLBACK(on_data), this);
  gst_element_set_state(pipeline_, GST_STATE_PLAYING);
}

WebRtcOfferer::~WebRtcOfferer() {
  vanish();
  g_object_unref(channel_);
  gst_object_unref(bin_);
  gst_object_unref(pipeline_);
}

void WebRtcOfferer::on_negotiation(GstElement* bin, gpointer self) {
  GstPromise* const promise = gst_promise_new_with_change_func(&on_offer, self, nullptr);
  g_signal_emit_by_name(bin, "create-offer", nullptr, promise);
}

void WebRtcOfferer::on_offer(GstPromise* promise, gpointer self) {
  GstWebRTCSessionDescription* offer = nullptr;
  const GstStructure* const reply = gst_promise_get_reply(promise);
  if (reply != nullptr) {
    gst_structure_get(reply, "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, nullptr);
  }
  gst_promise_unref(promise);
  if (offer == nullptr) return;  // it has vanished already
  g_signal_emit_by_name(offerer(self)->bin_, "set-local-description", offer, nullptr);
  char* const text = gst_sdp_message_as_text(offer->sdp);
  gst_webrtc_session_description_free(offer);
  offerer(self)->callbacks_.offer(text);
  g_free(text);
}

void WebRtcOfferer::on_candidate(GstElement*, guint, char* text, gpointer self) {
  offerer(self)->callbacks_.candidate(depthcloud::parse_ice_candidate(text));
}

void WebRtcOfferer::take_answer(const std::string& sdp) {
  GstSDPMessage* message = nullptr;
  gst_sdp_message_new_from_text(sdp.c_str(), &message);
  auto* const answer = gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, message);
  g_signal_emit_by_name(bin_, "set-remote-description", answer, nullptr);
  gst_webrtc_session_description_free(answer);
}

void WebRtcOfferer::take_candidate(const depthcloud::IceCandidate& candidate) {
  g_signal_emit_by_name(bin_, "add-ice-candidate", static_cast<guint>(candidate.line),
                        to_string(candidate).c_str());
}

void WebRtcOfferer::vanish() { gst_element_set_state(pipeline_, GST_STATE_NULL); }

void WebRtcOfferer::on_data(GstWebRTCDataChannel*, GBytes* data, gpointer self) {
  gsize size = 0;
  const auto* const bytes = static_cast<const std::uint8_t*>(g_bytes_get_data(data, &size));
  const std::lock_guard lock(offerer(self)->mutex_);
  offerer(self)->chunks_.emplace_back(bytes, bytes + size);
  offerer(self)->changed_.notify_all();
}

std::vector<std::vector<std::uint8_t>> WebRtcOfferer::chunks(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(10), [&] { return chunks_.size() >= count; });
  return std::exchange(chunks_, {});
}
