// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include "video/gstreamer/gstreamer.hpp"
#include "video/video_library.hpp"

namespace depthcloud {

/// A VideoWriter on GStreamer.
class GstPictureWriter final : public PictureWriter {
 public:
  GstPictureWriter(const std::filesystem::path& file, VideoContent content, int width, int height);
  ~GstPictureWriter() override;
  GstPictureWriter(const GstPictureWriter&) = delete;
  GstPictureWriter& operator=(const GstPictureWriter&) = delete;

  void write(std::span<const std::uint8_t> pixels, std::chrono::microseconds time) override;
  void finish() override;

 private:
  static GstBusSyncReply take_message(GstBus* bus, GstMessage* message, gpointer self);
  void throw_failure();

  GstVideoFormat format_;
  int width_;
  int height_;
  GstPtr<GstElement> pipeline_;
  GstElement* source_ = nullptr;  // of the pipeline
  std::mutex mutex_;              // of all below
  std::condition_variable changed_;
  bool has_ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace depthcloud
