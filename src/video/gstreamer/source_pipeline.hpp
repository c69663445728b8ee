// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include <gst/app/gstappsink.h>

#include <depthcloud/video_source.hpp>

#include "image/orientation.hpp"
#include "video/gstreamer/gstreamer.hpp"
#include "video/source_address.hpp"

namespace depthcloud {

/// What a SourcePipeline tells, on GStreamer's threads.
struct SourceEvents {
  /// A picture. Returns GST_FLOW_OK to go on. May wait, which holds the pipeline up.
  std::function<GstFlowReturn(GstSample* sample)> picture;
  std::function<void()> prerolled;  ///< the first picture is there, after a start or a seek
  std::function<void()> flushed;    ///< pictures before a seek, and an end, count no more
  std::function<void()> ended;
  std::function<void(const Error& error)> failed;
  std::function<void()> damaged;  ///< a part could not be read and was passed over
};

/// A pipeline of GStreamer that decodes the first video of an address. Thread-safety: one thread at
/// a time.
class SourcePipeline {
 public:
  /// Throws Error{unavailable} if an element is missing.
  SourcePipeline(const SourceAddress& address, const VideoSourceOptions& options,
                 SourceEvents events);
  /// Waits for GStreamer's threads; no event comes later.
  ~SourcePipeline();
  SourcePipeline(const SourcePipeline&) = delete;
  SourcePipeline& operator=(const SourcePipeline&) = delete;

  /// Begins to decode, up to the first picture. Returns whether the source is live, which has
  /// pictures only when it plays.
  bool pause();
  void play();
  /// Goes to a time; false where the source cannot. The next picture prerolls again.
  bool seek(std::chrono::microseconds time);

  /// Returns whether none of its threads works any more. Before the first picture its reader has
  /// then given up: decodebin passes over the errors of an element while it starts it.
  bool is_at_rest() const;

  std::optional<std::chrono::microseconds> duration() const;
  /// What the tags of the pictures say; to be called from the event `picture`.
  Orientation orientation() const { return orientation_; }
  std::string codec() const;

 private:
  void add_sink(bool is_real_time);
  void add_test_pattern(const SourceAddress& address);
  void add_decoder(const SourceAddress& address);
  void fail(const Error& error);
  void fail_without_video();
  void see_tags(const GstTagList* tags);

  static void set_up_source(GstElement* decoder, GstElement* source, gpointer self);
  static gboolean may_go_on(GstElement* decoder, GstPad* pad, GstCaps* caps, gpointer self);
  static void link_pad(GstElement* decoder, GstPad* pad, gpointer self);
  static void see_no_more_pads(GstElement* decoder, gpointer self);
  static GstPadProbeReturn see_event(GstPad* pad, GstPadProbeInfo* probe, gpointer self);
  static GstBusSyncReply take_message(GstBus* bus, GstMessage* message, gpointer self);
  static GstFlowReturn take_preroll(GstAppSink* sink, gpointer self);
  static GstFlowReturn take_sample(GstAppSink* sink, gpointer self);
  static void take_end(GstAppSink* sink, gpointer self);

  std::string uri_;
  std::int64_t max_pixels_;
  Clock::duration timeout_;
  SourceEvents events_;
  GstPtr<GstElement> pipeline_;
  GstElement* sink_ = nullptr;  // of the pipeline
  std::atomic<Orientation> orientation_{Orientation::top_left};
  mutable std::mutex mutex_;  // of all below
  std::string codec_;
  std::optional<std::string> missing_;  // what to install
};

}  // namespace depthcloud
