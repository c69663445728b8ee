// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include <gst/video/video.h>

#include "video/gstreamer/rgb_converter.hpp"
#include "video/gstreamer/source_pipeline.hpp"
#include "video/video_library.hpp"

namespace depthcloud {

/// A VideoSource on GStreamer: a pipeline decodes on its threads, read() converts.
class GstSourceReader final : public SourceReader {
 public:
  GstSourceReader(const SourceAddress& address, const VideoSourceOptions& options);
  ~GstSourceReader() override;
  GstSourceReader(const GstSourceReader&) = delete;
  GstSourceReader& operator=(const GstSourceReader&) = delete;

  std::optional<VideoFrame> read() override;
  void stop() noexcept override;
  const VideoInfo& info() const override { return info_; }
  VideoSourceCounters counters() const override;

 private:
  struct Picture {
    GstMiniPtr<GstBuffer> buffer;
    GstVideoInfo format{};
    Orientation orientation = Orientation::top_left;
    std::chrono::microseconds time{};
    std::uint64_t index = 0;
    Clock::time_point captured;
  };

  SourceEvents events();
  void open();
  bool go_to_start();
  void fill_info();

  // On GStreamer's threads.
  GstFlowReturn take(GstSample* sample);
  std::chrono::microseconds time_of(GstSample* sample);
  std::optional<Error> cut_off() const;
  Error explained(const Error& error) const;
  void check_whole();
  bool is_wanted(std::chrono::microseconds time);
  bool has_room() const { return waiting_.size() < room_; }

  template <typename Condition>
  void wait(std::unique_lock<std::mutex>& lock, bool has_limit, Condition&& condition);

  SourceAddress address_;
  VideoSourceOptions options_;
  VideoInfo info_;
  RgbConverter converter_;  // of read()

  mutable std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  VideoSourceCounters counters_{};
  std::deque<Picture> waiting_;
  GstMiniPtr<GstCaps> caps_;
  GstVideoInfo format_{};  // of the caps
  bool is_live_ = false;
  bool drops_ = false;    // pictures for which read() comes too late
  std::size_t room_ = 1;  // for pictures that wait
  bool is_prerolled_ = false;
  bool has_ended_ = false;
  bool is_stopped_ = false;
  std::optional<Error> failure_;
  std::optional<std::chrono::microseconds> first_time_;  // of a live source
  std::chrono::microseconds last_time_{};
  std::optional<std::int64_t> last_slot_;  // of max_fps
  std::uint64_t in_this_pass_ = 0;         // pictures since the start or the last return to it

  std::unique_ptr<SourcePipeline> pipeline_;
};

}  // namespace depthcloud
