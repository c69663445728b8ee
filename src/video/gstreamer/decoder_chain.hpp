// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>

#include <gst/video/video.h>

#include <depthcloud/video_decoder.hpp>

#include "video/gstreamer/gstreamer.hpp"

namespace depthcloud {

/// A picture of a decoder, with the time stamp of its access unit.
struct DecodedPicture {
  GstMiniPtr<GstBuffer> buffer;
  GstVideoInfo info{};
  GstClockTime stamp = GST_CLOCK_TIME_NONE;
};

/// A parser and a decoder of GStreamer without queues or threads of their own between: what a unit
/// gives has come out when push() returns, but for decoders in hardware and pictures that the
/// codec reorders. Thread-safety: one thread at a time; the callback comes on that thread or, from
/// decoders in hardware, on another.
class DecoderChain {
 public:
  using Output = std::function<void(DecodedPicture&&)>;

  /// Throws Error{unavailable} that names the package where there is no parser or decoder.
  DecoderChain(VideoCodec codec, std::int64_t max_pixels, Output output);
  ~DecoderChain();
  DecoderChain(const DecoderChain&) = delete;
  DecoderChain& operator=(const DecoderChain&) = delete;

  /// Decodes a unit. Throws Error{corrupt_data} if an element says that it cannot,
  /// Error{limit_exceeded} for a picture of more than max_pixels. The chain is of no use then.
  void push(std::span<const std::uint8_t> data, GstClockTime stamp, bool is_key);

  /// Whether pictures come from a decoder in hardware, some time after their units.
  bool is_hardware() const { return is_hardware_; }

 private:
  static GstFlowReturn take_picture(GstPad* pad, GstObject* parent, GstBuffer* buffer);
  static gboolean take_event(GstPad* pad, GstObject* parent, GstEvent* event);
  static gboolean answer_sink(GstPad* pad, GstObject* parent, GstQuery* query);
  static gboolean answer_source(GstPad* pad, GstObject* parent, GstQuery* query);
  static gboolean take_request(GstPad* pad, GstObject* parent, GstEvent* event);
  static GstBusSyncReply take_message(GstBus* bus, GstMessage* message, gpointer self);
  static GstPadProbeReturn see_parsed(GstPad* pad, GstPadProbeInfo* info, gpointer self);

  void add_elements();
  void start();
  void close();
  bool set_info(const GstCaps* caps);
  void fail(ErrorCode code, const std::string& message);
  bool has_failed();
  void throw_failure();

  VideoCodec codec_;
  std::int64_t max_pixels_;
  Output output_;
  GstPtr<GstElement> pipeline_;
  GstElement* first_ = nullptr;  // of the pipeline: the parser or, without one, the decoder
  GstElement* decoder_ = nullptr;
  GstPtr<GstPad> source_;
  GstPtr<GstPad> sink_;
  GstVideoInfo info_{};
  bool has_info_ = false;
  bool is_hardware_ = false;
  std::mutex mutex_;  // of the failure
  bool has_failed_ = false;
  ErrorCode code_ = ErrorCode::corrupt_data;
  std::string message_;
};

}  // namespace depthcloud
