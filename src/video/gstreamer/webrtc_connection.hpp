// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gst/sdp/sdp.h>

#include "video/gstreamer/message_channel.hpp"
#include "video/gstreamer/peer_connection.hpp"
#include "video/gstreamer/task_queue.hpp"
#include "video/session_offer.hpp"

namespace depthcloud {

/// A WebRtcPeer on webrtcbin, which answers. Its own thread does all work and calls back; signals
/// of GStreamer become tasks for it, so none of them waits for anything.
class WebRtcConnection final : public PeerConnection {
 public:
  WebRtcConnection(WebRtcCallbacks callbacks, const WebRtcOptions& options);
  ~WebRtcConnection() override;
  WebRtcConnection(const WebRtcConnection&) = delete;
  WebRtcConnection& operator=(const WebRtcConnection&) = delete;

  void offer(std::string_view sdp) override;
  void add(const IceCandidate& candidate) override;
  void send(std::shared_ptr<const std::vector<std::uint8_t>> message) override;
  WebRtcCounters counters() const override;

 private:
  using Reply = std::function<void(const GstStructure* reply)>;

  // Signals of GStreamer, on its threads.
  static void on_candidate(GstElement* bin, guint line, char* text, gpointer self);
  static void on_state(GstElement* bin, GParamSpec* property, gpointer self);
  static void on_transceiver(GstElement* bin, GstWebRTCRTPTransceiver* transceiver, gpointer self);
  static void on_pad(GstElement* bin, GstPad* pad, gpointer self);
  static void on_channel(GstElement* bin, GstWebRTCDataChannel* channel, gpointer self);
  static void on_channel_open(GstWebRTCDataChannel* channel, gpointer self);
  static void on_channel_low(GstWebRTCDataChannel* channel, gpointer self);
  static void on_element(GstBin* pipeline, GstBin* bin, GstElement* element, gpointer self);
  static GstPadProbeReturn on_packet(GstPad* pad, GstPadProbeInfo* info, gpointer self);
  static GstBusSyncReply on_message(GstBus* bus, GstMessage* message, gpointer self);
  static GstFlowReturn on_unit(GstElement* sink, gpointer self);

  // Its own thread.
  void run();
  void guarded(const TaskQueue::Task& task);
  void tick();
  void start(const SessionOffer& offer);
  void make_decoder(const SessionOffer& offer, OfferedFormat& chosen);
  void make_pipeline();
  void set_up_ice();
  void take_offer(const std::string& sdp);
  void accept_feedback(GstSDPMessage* answer) const;
  void answer(const GstStructure* reply);
  void request(const char* action, const GValue& argument, Reply then);
  void take_candidate(const std::string& text);
  void take_state();
  void ask_for_key_frame();
  void close(const Error& why);

  void add_depayloader(GstPad* pad);
  void note_channel(GstWebRTCDataChannel* channel);

  const WebRtcCallbacks callbacks_;
  const WebRtcOptions options_;
  const std::shared_ptr<TaskQueue> tasks_ = std::make_shared<TaskQueue>();

  // Of its own thread, before the pipeline runs.
  std::unique_ptr<VideoDecoder> decoder_;
  VideoCodec codec_ = VideoCodec::h264;
  std::string mids_[2];
  std::string feedback_;  // the value of the attribute that accepts it; may be empty
  GstPtr<GstElement> pipeline_;
  GstElement* bin_ = nullptr;  // of the pipeline
  std::vector<std::string> early_candidates_;
  bool has_remote_description_ = false;
  bool is_connected_ = false;
  bool is_closed_ = false;
  std::uint64_t local_candidates_ = 0;
  bool is_gathered_ = false;
  bool is_complete_ = false;  // and all of them were told
  Clock::time_point gathered_{};
  Clock::time_point last_asked_{};

  MessageChannel channel_;
  std::atomic<std::uint64_t> packets_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<Clock::rep> last_packet_;
  std::atomic<Clock::rep> last_unit_{0};
  std::atomic<bool> wants_key_{false};
  std::atomic<int> channels_{0};

  mutable std::mutex mutex_;  // of all below
  bool is_offered_ = false;
  GstPtr<GstPad> media_;  // of webrtcbin, where the video comes out
  const VideoDecoder* counted_ = nullptr;
  std::uint64_t candidates_ = 0;
  std::uint64_t candidates_ignored_ = 0;
  std::uint64_t key_frames_asked_ = 0;

  std::thread thread_;  // after all that it uses
};

}  // namespace depthcloud
