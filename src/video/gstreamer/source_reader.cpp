// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/source_reader.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "video/missing_bytes.hpp"

namespace depthcloud {
namespace {

using std::chrono::microseconds;

/// Enough for decoder and reader to work at the same time.
constexpr std::size_t room_for_speed = 4;

/// How often a reader that waits looks whether it waits for nothing.
constexpr std::chrono::milliseconds look_period(50);

microseconds microseconds_of(GstClockTime time) {
  return microseconds(static_cast<std::int64_t>((time + GST_USECOND / 2) / GST_USECOND));
}

microseconds period_of(const GstVideoInfo& format) {
  const int frames = GST_VIDEO_INFO_FPS_N(&format);
  if (frames <= 0) return microseconds(0);
  return microseconds(std::int64_t{1'000'000} * GST_VIDEO_INFO_FPS_D(&format) / frames);
}

}  // namespace

GstSourceReader::GstSourceReader(const SourceAddress& address, const VideoSourceOptions& options)
    : address_(address), options_(options), converter_(options.max_pixels) {
  try {
    open();
  } catch (...) {
    stop();
    throw;
  }
}

GstSourceReader::~GstSourceReader() { stop(); }

void GstSourceReader::stop() noexcept {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  changed_.notify_all();
}

VideoSourceCounters GstSourceReader::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

SourceEvents GstSourceReader::events() {
  const auto set = [this](bool& what) {
    const std::lock_guard lock(mutex_);
    what = true;
    changed_.notify_all();
  };
  return {.picture = [this](GstSample* sample) { return take(sample); },
          .prerolled = [this, set] { set(is_prerolled_); },
          .flushed =
              [this] {
                const std::lock_guard lock(mutex_);
                is_prerolled_ = has_ended_ = false;
                counters_.dropped += waiting_.size();
                counters_.waiting -= waiting_.size();
                waiting_.clear();
                last_slot_.reset();
                in_this_pass_ = 0;
              },
          .ended =
              [this, set] {
                check_whole();
                set(has_ended_);
              },
          .failed =
              [this](const Error& error) {
                const std::lock_guard lock(mutex_);
                if (!failure_) failure_ = explained(error);
                changed_.notify_all();
              },
          .damaged =
              [this] {
                const std::lock_guard lock(mutex_);
                ++counters_.corrupt;
              }};
}

template <typename Condition>
void GstSourceReader::wait(std::unique_lock<std::mutex>& lock, bool has_limit,
                           Condition&& condition) {
  const auto is_over = [&] { return is_stopped_ || failure_ || has_ended_ || condition(); };
  const bool is_limited = has_limit && options_.timeout != Clock::duration::zero();
  const Clock::time_point start = Clock::now();
  bool was_at_rest = false;
  while (!changed_.wait_for(lock, look_period, is_over)) {
    if (is_limited && Clock::now() - start >= options_.timeout) {
      failure_ = Error(ErrorCode::io, Stage::decode,
                       fmt::format("no picture came for {:.1f} s",
                                   std::chrono::duration<double>(options_.timeout).count()));
    } else if (!is_live_ && !is_prerolled_) {
      lock.unlock();
      const bool is_at_rest = pipeline_->is_at_rest();
      lock.lock();
      // Seen once, the reason may be on its way.
      if (is_at_rest && was_at_rest && !is_over()) {
        failure_ = explained(Error(ErrorCode::corrupt_data, Stage::decode,
                                   "GStreamer finds no picture in it and does not say why"));
      }
      was_at_rest = is_at_rest;
    }
  }
  if (failure_ && !condition()) throw Error(*failure_);
}

void GstSourceReader::open() {
  pipeline_ = std::make_unique<SourcePipeline>(address_, options_, events());
  const bool is_live = pipeline_->pause();
  std::unique_lock lock(mutex_);
  is_live_ = is_live;
  drops_ = is_live || options_.real_time;
  room_ = drops_ ? 1 : room_for_speed;
  if (!is_live) {
    wait(lock, true, [this] { return is_prerolled_; });
    if (options_.start.count() > 0 && !has_ended_) {
      lock.unlock();
      go_to_start();  // or else what is before is skipped
      lock.lock();
    }
  }
  lock.unlock();
  pipeline_->play();
  lock.lock();
  wait(lock, true, [this] { return !waiting_.empty(); });
  if (waiting_.empty()) {
    throw Error(ErrorCode::corrupt_data, Stage::decode,
                options_.start.count() > 0 ? "the video has no picture from its start on"
                                           : "the video has no picture");
  }
  fill_info();
}

/// Goes to the start; false where the source cannot.
bool GstSourceReader::go_to_start() {
  if (!pipeline_->seek(options_.start)) return false;
  std::unique_lock lock(mutex_);
  wait(lock, true, [this] { return is_prerolled_; });
  return true;
}

void GstSourceReader::fill_info() {
  const Picture& first = waiting_.front();
  const PictureSize size = square_size(first.format, options_.max_pixels);
  const bool swaps = swaps_axes(first.orientation);
  info_.width = swaps ? size.height : size.width;
  info_.height = swaps ? size.width : size.height;
  if (GST_VIDEO_INFO_FPS_N(&first.format) > 0) {
    info_.fps = static_cast<double>(GST_VIDEO_INFO_FPS_N(&first.format)) /
                GST_VIDEO_INFO_FPS_D(&first.format);
  }
  info_.is_live = is_live_;
  if (!is_live_) info_.duration = pipeline_->duration();
  info_.codec = pipeline_->codec();
}

std::optional<VideoFrame> GstSourceReader::read() {
  // A picture of a file that is given when it is due may be due in an hour.
  const bool has_limit = is_live_ || !options_.real_time;
  std::unique_lock lock(mutex_);
  while (true) {
    wait(lock, has_limit, [this] { return !waiting_.empty(); });
    if (is_stopped_) return std::nullopt;
    if (!waiting_.empty()) break;
    if (!options_.loop || address_.kind != SourceAddress::Kind::file) return std::nullopt;
    if (in_this_pass_ == 0) {
      throw Error(ErrorCode::corrupt_data, Stage::decode, "the video has no picture when it loops");
    }
    lock.unlock();
    if (!go_to_start()) {
      throw Error(ErrorCode::unsupported, Stage::decode,
                  "the video cannot loop: GStreamer cannot seek in it");
    }
    lock.lock();
  }
  const Picture picture = std::move(waiting_.front());
  waiting_.pop_front();
  --counters_.waiting;
  ++counters_.read;
  changed_.notify_all();
  lock.unlock();
  VideoFrame frame;
  frame.image = converter_.convert(picture.buffer.get(), picture.format, picture.orientation);
  frame.time = picture.time;
  frame.index = picture.index;
  frame.captured = picture.captured;
  return frame;
}

GstFlowReturn GstSourceReader::take(GstSample* sample) {
  const Clock::time_point now = Clock::now();
  std::unique_lock lock(mutex_);
  if (is_stopped_) return GST_FLOW_FLUSHING;
  if (failure_) return GST_FLOW_ERROR;
  if (has_ended_) return GST_FLOW_EOS;
  if (gst_sample_get_caps(sample) != caps_.get()) {
    caps_ = share(gst_sample_get_caps(sample));
    if (gst_video_info_from_caps(&format_, caps_.get()) == FALSE) return GST_FLOW_NOT_NEGOTIATED;
  }
  Picture picture{.buffer = share(gst_sample_get_buffer(sample)),
                  .format = format_,
                  .orientation = pipeline_->orientation(),
                  .time = time_of(sample),
                  .index = counters_.decoded,
                  .captured = now};
  ++counters_.decoded;
  if (options_.end && picture.time > *options_.end) {
    ++counters_.skipped;
    has_ended_ = true;
    changed_.notify_all();
    return GST_FLOW_EOS;
  }
  if (!is_wanted(picture.time)) {
    ++counters_.skipped;
    return GST_FLOW_OK;
  }
  ++counters_.waiting;
  if (drops_ && !has_room()) {
    waiting_.pop_front();
    --counters_.waiting;
    ++counters_.dropped;
  }
  changed_.wait(lock, [this] { return is_stopped_ || failure_ || has_room(); });
  if (!has_room()) {
    --counters_.waiting;
    ++counters_.dropped;
    return GST_FLOW_FLUSHING;
  }
  waiting_.push_back(std::move(picture));
  ++in_this_pass_;
  changed_.notify_all();
  return GST_FLOW_OK;
}

/// Of a file that breaks off, which GStreamer does not see.
std::optional<Error> GstSourceReader::cut_off() const {
  if (address_.kind != SourceAddress::Kind::file) return std::nullopt;
  const std::uint64_t missing = missing_bytes(address_.file);
  if (missing == 0) return std::nullopt;
  return Error(ErrorCode::corrupt_data, Stage::decode,
               fmt::format("the video breaks off: {} bytes of the file are missing", missing));
}

/// What is wrong with the contents of a file that breaks off is that.
Error GstSourceReader::explained(const Error& error) const {
  const bool is_of_contents =
      error.code() == ErrorCode::corrupt_data || error.code() == ErrorCode::unsupported;
  return is_of_contents ? cut_off().value_or(error) : error;
}

/// At the end that GStreamer sees, which may be where the file breaks off.
void GstSourceReader::check_whole() {
  const std::optional<Error> failure = cut_off();
  const std::lock_guard lock(mutex_);
  if (!has_ended_ && !failure_) failure_ = failure;
}

/// Since the start of the video; of a live source since its first picture.
microseconds GstSourceReader::time_of(GstSample* sample) {
  const GstSegment* const segment = gst_sample_get_segment(sample);
  const GstClockTime stamp = GST_BUFFER_PTS(gst_sample_get_buffer(sample));
  const std::uint64_t time = is_live_ ? gst_segment_to_running_time(segment, GST_FORMAT_TIME, stamp)
                                      : gst_segment_to_stream_time(segment, GST_FORMAT_TIME, stamp);
  microseconds result =
      GST_CLOCK_TIME_IS_VALID(time) ? microseconds_of(time) : last_time_ + period_of(format_);
  if (is_live_) {
    if (!first_time_) first_time_ = result;
    result -= *first_time_;
  }
  last_time_ = result;
  return result;
}

/// By start and by max_fps, of which each period of time has at most one picture.
bool GstSourceReader::is_wanted(microseconds time) {
  if (!is_live_ && time < options_.start) return false;
  if (options_.max_fps == 0) return true;
  constexpr double tolerance = 1e-3;  // times are rounded
  const double periods = std::chrono::duration<double>(time).count() * options_.max_fps;
  const auto slot = static_cast<std::int64_t>(std::floor(periods + tolerance));
  return std::exchange(last_slot_, slot) != slot;
}

}  // namespace depthcloud
