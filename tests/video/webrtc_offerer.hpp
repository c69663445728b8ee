// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#define GST_USE_UNSTABLE_API
#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include <depthcloud/ice_candidate.hpp>

/// The other side of a WebRtcPeer: what a browser does, in webrtcbin. It sends a test pattern and
/// receives messages. Thread-safety: share freely.
class WebRtcOfferer {
 public:
  struct Callbacks {
    std::function<void(const std::string& sdp)> offer;
    std::function<void(const depthcloud::IceCandidate&)> candidate;
  };

  /// `video`: elements that end in RTP, for instance "videotestsrc ! vp8enc ! rtpvp8pay".
  WebRtcOfferer(const std::string& video, Callbacks callbacks);
  ~WebRtcOfferer();
  WebRtcOfferer(const WebRtcOfferer&) = delete;
  WebRtcOfferer& operator=(const WebRtcOfferer&) = delete;

  void take_answer(const std::string& sdp);
  void take_candidate(const depthcloud::IceCandidate& candidate);
  /// Sends no packet any more, without a word to the other side.
  void vanish();

  /// Waits for the chunks on its data channel, at most 10 s; returns those that came.
  std::vector<std::vector<std::uint8_t>> chunks(std::size_t count);

 private:
  static void on_offer(GstPromise* promise, gpointer self);
  static void on_candidate(GstElement* bin, guint line, char* text, gpointer self);
  static void on_negotiation(GstElement* bin, gpointer self);
  static void on_data(GstWebRTCDataChannel* channel, GBytes* data, gpointer self);

  Callbacks callbacks_;
  GstElement* pipeline_ = nullptr;
  GstElement* bin_ = nullptr;
  GstWebRTCDataChannel* channel_ = nullptr;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<std::uint8_t>> chunks_;
};
