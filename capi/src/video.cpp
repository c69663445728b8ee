// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "convert.hpp"
#include "copy_text.hpp"
#include "guard.hpp"
#include "handles.hpp"
#include "versioned.hpp"

using namespace depthcloud;
using namespace depthcloud::capi;

struct dcl_video_source {
  dcl_video_source(const char* uri, const VideoSourceOptions& options) : source(uri, options) {}
  VideoSource source;
};

namespace {

using std::chrono::microseconds;

double seconds(microseconds time) { return std::chrono::duration<double>(time).count(); }

microseconds to_microseconds(double value, const char* name) {
  constexpr double longest_s = 1e9;
  if (!(std::abs(value) <= longest_s)) fail_argument(std::string(name) + " is out of range");
  return microseconds(std::llround(value * 1e6));
}

VideoSourceOptions to_cpp(const dcl_video_options* options) {
  const dcl_video_options c = read_options(options, "dcl_video_options");
  VideoSourceOptions cpp;
  cpp.max_fps = c.max_fps;
  cpp.start = to_microseconds(c.start_s, "start_s");
  if (c.end_s != 0) cpp.end = to_microseconds(c.end_s, "end_s");
  cpp.loop = c.loop != 0;
  cpp.real_time = c.real_time != 0;
  const microseconds timeout = to_microseconds(c.timeout_s, "timeout_s");
  if (timeout.count() != 0) cpp.timeout = std::max(timeout, microseconds(0));
  if (c.max_pixels != 0) cpp.max_pixels = c.max_pixels;
  return cpp;
}

}  // namespace

dcl_status dcl_video_source_open(const char* uri, const dcl_video_options* options,
                                 dcl_video_source** source, dcl_error* err) {
  return guard(err, [&] {
    dcl_video_source*& out = object(source, "source");
    out = new dcl_video_source(&object(uri, "uri"), to_cpp(options));
  });
}

dcl_status dcl_video_source_read(dcl_video_source* source, dcl_photo** picture,
                                 dcl_video_picture* info, dcl_error* err) {
  return guard(err, [&]() -> dcl_status {
    VideoSource& from = object(source, "source").source;
    dcl_photo*& out = object(picture, "picture");
    if (info != nullptr) writable(info, "dcl_video_picture");
    auto photo = std::make_unique<dcl_photo>();
    std::optional<VideoFrame> frame = from.read();
    if (!frame) return DCL_EMPTY;
    photo->image = std::move(frame->image);
    if (info != nullptr) {
      write(*info, {sizeof(dcl_video_picture), 0, frame->index, seconds(frame->time)});
    }
    out = photo.release();
    return DCL_OK;
  });
}

dcl_status dcl_video_source_stop(dcl_video_source* source, dcl_error* err) {
  return guard(err, [&] { object(source, "source").source.stop(); });
}

dcl_status dcl_video_source_get_info(const dcl_video_source* source, dcl_video_info* info,
                                     dcl_error* err) {
  return guard(err, [&] {
    const VideoInfo& known = object(source, "source").source.info();
    dcl_video_info& out = writable(info, "dcl_video_info");
    dcl_video_info c = DCL_VIDEO_INFO_INIT;
    c.width = known.width;
    c.height = known.height;
    c.is_live = known.is_live ? 1 : 0;
    c.fps = known.fps;
    c.duration_s = known.duration ? seconds(*known.duration) : 0;
    copy_text(c.codec, known.codec);
    write(out, c);
  });
}

dcl_status dcl_video_source_get_counters(const dcl_video_source* source,
                                         dcl_video_counters* counters, dcl_error* err) {
  return guard(err, [&] {
    const VideoSourceCounters c = object(source, "source").source.counters();
    write(writable(counters, "dcl_video_counters"),
          {sizeof(dcl_video_counters), 0, c.decoded, c.read, c.skipped, c.dropped, c.waiting,
           c.corrupt});
  });
}

void dcl_video_source_free(dcl_video_source* source) { delete source; }
