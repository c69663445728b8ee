// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/source_pipeline.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "video/gstreamer/messages.hpp"
#include "video/gstreamer/packages.hpp"
#include "video/gstreamer/rgb_converter.hpp"

namespace depthcloud {
namespace {

using std::chrono::duration_cast;

SourcePipeline& pipeline_of(gpointer self) { return *static_cast<SourcePipeline*>(self); }

/// The names of GStreamer's tag, in the order of the values of EXIF.
std::optional<Orientation> parse_orientation(std::string_view tag) {
  constexpr std::string_view names[] = {"rotate-0",        "flip-rotate-0",   "rotate-180",
                                        "flip-rotate-180", "flip-rotate-270", "rotate-90",
                                        "flip-rotate-90",  "rotate-270"};
  const auto* const name = std::ranges::find(names, tag);
  if (name == std::end(names)) return std::nullopt;
  return static_cast<Orientation>(1 + (name - std::begin(names)));
}

std::string_view media_of(const GstCaps* caps) {
  return gst_structure_get_name(gst_caps_get_structure(caps, 0));
}

/// H.264 and H.265 tell their colours themselves, once they are parsed.
bool is_of_container(const GstCaps* caps) {
  const bool tells_colors = media_of(caps) == "video/x-h264" || media_of(caps) == "video/x-h265";
  return tells_colors &&
         gst_structure_has_field(gst_caps_get_structure(caps, 0), "parsed") == FALSE;
}

/// Takes what an MP4 file says of colours out of its caps: of GStreamer's reader they never have
/// the full range.
GstPadProbeReturn without_colorimetry(GstPad*, GstPadProbeInfo* probe, gpointer) {
  GstEvent* const event = gst_pad_probe_info_get_event(probe);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return GST_PAD_PROBE_OK;
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  const GstMiniPtr<GstCaps> fewer(gst_caps_copy(caps));
  gst_structure_remove_field(gst_caps_get_structure(fewer.get(), 0), "colorimetry");
  GST_PAD_PROBE_INFO_DATA(probe) = gst_event_new_caps(fewer.get());
  gst_event_unref(event);
  return GST_PAD_PROBE_OK;
}

gboolean see_work(GstElement*, GstPad* pad, gpointer is_at_work) {
  if (gst_pad_get_task_state(pad) == GST_TASK_STARTED) *static_cast<bool*>(is_at_work) = true;
  return TRUE;
}

/// For gst_iterator_find_custom: 0 is found.
gint find_work(gconstpointer item, gconstpointer) {
  auto* const element = GST_ELEMENT_CAST(g_value_get_object(static_cast<const GValue*>(item)));
  bool is_at_work = false;
  gst_element_foreach_pad(element, &see_work, &is_at_work);
  return is_at_work ? 0 : 1;
}

bool is_file(const SourceAddress& address) {
  return address.kind == SourceAddress::Kind::file || address.kind == SourceAddress::Kind::test;
}

std::string uri_of(const SourceAddress& address) {
  if (address.kind == SourceAddress::Kind::network) return address.uri;
  if (address.kind == SourceAddress::Kind::camera) return "v4l2://" + address.file.string();
  GError* error = nullptr;
  const GlibText uri(gst_filename_to_uri(address.file.c_str(), &error));
  if (uri == nullptr) {
    const std::string reason = error->message;
    g_clear_error(&error);
    throw Error(ErrorCode::io, Stage::file, reason);
  }
  return uri.get();
}

}  // namespace

SourcePipeline::SourcePipeline(const SourceAddress& address, const VideoSourceOptions& options,
                               SourceEvents events)
    : max_pixels_(options.max_pixels), timeout_(options.timeout), events_(std::move(events)) {
  start_gstreamer();
  pipeline_.reset(GST_ELEMENT_CAST(gst_object_ref_sink(gst_pipeline_new(nullptr))));
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), &SourcePipeline::take_message, this, nullptr);
  add_sink(is_file(address) && options.real_time);
  if (address.kind == SourceAddress::Kind::test) {
    add_test_pattern(address);
  } else {
    add_decoder(address);
  }
}

SourcePipeline::~SourcePipeline() {
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
}

void SourcePipeline::add_sink(bool is_real_time) {
  const GstPtr<GstElement> sink = make_element("appsink");
  if (sink == nullptr) {
    throw Error(ErrorCode::unavailable, Stage::load,
                "no appsink: install gstreamer1.0-plugins-base");
  }
  sink_ = sink.get();
  const GstMiniPtr<GstCaps> raw(gst_caps_from_string("video/x-raw"));
  g_object_set(sink_, "caps", raw.get(), "sync", static_cast<gboolean>(is_real_time),
               "enable-last-sample", FALSE, "max-buffers", 1U, nullptr);
  GstAppSinkCallbacks callbacks{};
  callbacks.eos = &SourcePipeline::take_end;
  callbacks.new_preroll = &SourcePipeline::take_preroll;
  callbacks.new_sample = &SourcePipeline::take_sample;
  gst_app_sink_set_callbacks(GST_APP_SINK(sink_), &callbacks, this, nullptr);
  const GstPtr<GstPad> pad(gst_element_get_static_pad(sink_, "sink"));
  gst_pad_add_probe(pad.get(),
                    static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
                                                 GST_PAD_PROBE_TYPE_EVENT_FLUSH),
                    &SourcePipeline::see_event, this, nullptr);
  gst_bin_add(GST_BIN(pipeline_.get()), sink_);
}

void SourcePipeline::add_test_pattern(const SourceAddress& address) {
  check_pixels(address.width, address.height, max_pixels_);
  const GstPtr<GstElement> source = make_element("videotestsrc");
  const GstPtr<GstElement> filter = make_element("capsfilter");
  if (source == nullptr || filter == nullptr) {
    throw Error(ErrorCode::unavailable, Stage::load,
                "no test pattern: install gstreamer1.0-plugins-base");
  }
  int numerator = 0;
  int denominator = 1;
  gst_util_double_to_fraction(address.fps, &numerator, &denominator);
  const GstMiniPtr<GstCaps> caps(gst_caps_new_simple(
      "video/x-raw", "format", G_TYPE_STRING, "RGB", "width", G_TYPE_INT, address.width, "height",
      G_TYPE_INT, address.height, "framerate", GST_TYPE_FRACTION, numerator, denominator, nullptr));
  g_object_set(filter.get(), "caps", caps.get(), nullptr);
  gst_bin_add_many(GST_BIN(pipeline_.get()), source.get(), filter.get(), nullptr);
  gst_element_link_many(source.get(), filter.get(), sink_, nullptr);
}

void SourcePipeline::add_decoder(const SourceAddress& address) {
  uri_ = uri_of(address);
  const GstPtr<GstElement> decoder = make_element("uridecodebin");
  if (decoder == nullptr) {
    throw Error(ErrorCode::unavailable, Stage::load,
                "no uridecodebin: install gstreamer1.0-plugins-base");
  }
  g_object_set(decoder.get(), "uri", uri_.c_str(), nullptr);
  g_signal_connect(decoder.get(), "source-setup", G_CALLBACK(&SourcePipeline::set_up_source), this);
  g_signal_connect(decoder.get(), "autoplug-continue", G_CALLBACK(&SourcePipeline::may_go_on),
                   this);
  g_signal_connect(decoder.get(), "pad-added", G_CALLBACK(&SourcePipeline::link_pad), this);
  g_signal_connect(decoder.get(), "no-more-pads", G_CALLBACK(&SourcePipeline::see_no_more_pads),
                   this);
  gst_bin_add(GST_BIN(pipeline_.get()), decoder.get());
}

bool SourcePipeline::pause() {
  const GstStateChangeReturn result = gst_element_set_state(pipeline_.get(), GST_STATE_PAUSED);
  // An element that cannot start has said why, in most cases.
  if (result == GST_STATE_CHANGE_FAILURE) {
    fail(Error(ErrorCode::io, Stage::decode, "GStreamer cannot open it"));
  }
  return result == GST_STATE_CHANGE_NO_PREROLL;
}

void SourcePipeline::play() { gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING); }

bool SourcePipeline::seek(std::chrono::microseconds time) {
  const auto flags = static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE);
  return gst_element_seek_simple(pipeline_.get(), GST_FORMAT_TIME, flags,
                                 time.count() * static_cast<gint64>(GST_USECOND)) != FALSE;
}

bool SourcePipeline::is_at_rest() const {
  GstIterator* const elements = gst_bin_iterate_recurse(GST_BIN(pipeline_.get()));
  GValue found = G_VALUE_INIT;
  const bool is_any_at_work =
      gst_iterator_find_custom(elements, &find_work, &found, nullptr) != FALSE;
  if (is_any_at_work) g_value_unset(&found);
  gst_iterator_free(elements);
  return !is_any_at_work;
}

std::optional<std::chrono::microseconds> SourcePipeline::duration() const {
  gint64 nanoseconds = 0;
  if (gst_element_query_duration(pipeline_.get(), GST_FORMAT_TIME, &nanoseconds) == FALSE ||
      nanoseconds <= 0) {
    return std::nullopt;
  }
  return std::chrono::microseconds(nanoseconds / static_cast<gint64>(GST_USECOND));
}

std::string SourcePipeline::codec() const {
  const std::lock_guard lock(mutex_);
  return codec_;
}

void SourcePipeline::fail(const Error& error) {
  std::optional<std::string> missing;
  {
    const std::lock_guard lock(mutex_);
    missing = missing_;
  }
  // A missing plugin has other errors follow.
  events_.failed(missing ? Error(ErrorCode::unavailable, Stage::load, *missing) : error);
}

void SourcePipeline::fail_without_video() {
  fail(Error(ErrorCode::unsupported, Stage::decode, "it holds no video"));
}

void SourcePipeline::see_tags(const GstTagList* tags) {
  gchar* text = nullptr;
  if (gst_tag_list_get_string(tags, GST_TAG_IMAGE_ORIENTATION, &text) != FALSE) {
    const GlibText owned(text);
    if (const auto orientation = parse_orientation(text)) orientation_ = *orientation;
  }
  if (gst_tag_list_get_string(tags, GST_TAG_VIDEO_CODEC, &text) != FALSE) {
    const GlibText owned(text);
    const std::lock_guard lock(mutex_);
    codec_ = text;
  }
}

void SourcePipeline::set_up_source(GstElement*, GstElement* source, gpointer self) {
  const auto microseconds =
      duration_cast<std::chrono::microseconds>(pipeline_of(self).timeout_).count();
  const auto whole_seconds =
      duration_cast<std::chrono::seconds>(pipeline_of(self).timeout_).count();
  const std::string_view type = G_OBJECT_TYPE_NAME(source);
  if (type == "GstRTSPSrc") {
    // Over the connection that the camera was asked on: it passes firewalls and loses nothing.
    set_if_there(source, "protocols", "tcp");
    set_if_there(source, "latency", "200");
    set_if_there(source, "tcp-timeout", fmt::to_string(microseconds).c_str());
  } else if (type == "GstSoupHTTPSrc") {
    set_if_there(source, "timeout",
                 fmt::to_string(std::min<std::int64_t>(whole_seconds, 3600)).c_str());
  }
}

/// Sound and subtitles are not decoded, pictures above the limit neither.
gboolean SourcePipeline::may_go_on(GstElement*, GstPad* pad, GstCaps* caps, gpointer self) {
  for (const std::string_view other : {"audio/", "text/", "subpicture/", "application/x-sub"}) {
    if (media_of(caps).starts_with(other)) return FALSE;
  }
  if (is_of_container(caps)) {
    // The pad of the reader, behind the one that is shown.
    const GstPtr<GstPad> target(GST_IS_GHOST_PAD(pad) ? gst_ghost_pad_get_target(GST_GHOST_PAD(pad))
                                                      : nullptr);
    gst_pad_add_probe(target == nullptr ? pad : target.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                      &without_colorimetry, nullptr, nullptr);
  }
  try {
    check_coded_size(caps, pipeline_of(self).max_pixels_);
    return TRUE;
  } catch (const Error& error) {
    pipeline_of(self).fail(error);
    return FALSE;
  }
}

void SourcePipeline::link_pad(GstElement*, GstPad* pad, gpointer self) {
  const GstPtr<GstPad> sink(gst_element_get_static_pad(pipeline_of(self).sink_, "sink"));
  const GstMiniPtr<GstCaps> caps(gst_pad_get_current_caps(pad));
  const bool is_video = caps != nullptr && media_of(caps.get()) == "video/x-raw";
  if (is_video && gst_pad_is_linked(sink.get()) == FALSE) gst_pad_link(pad, sink.get());
}

void SourcePipeline::see_no_more_pads(GstElement*, gpointer self) {
  const GstPtr<GstPad> sink(gst_element_get_static_pad(pipeline_of(self).sink_, "sink"));
  if (gst_pad_is_linked(sink.get()) == FALSE) pipeline_of(self).fail_without_video();
}

GstPadProbeReturn SourcePipeline::see_event(GstPad*, GstPadProbeInfo* probe, gpointer self) {
  GstEvent* const event = gst_pad_probe_info_get_event(probe);
  if (GST_EVENT_TYPE(event) == GST_EVENT_TAG) {
    GstTagList* tags = nullptr;
    gst_event_parse_tag(event, &tags);
    pipeline_of(self).see_tags(tags);
  } else if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) {
    pipeline_of(self).events_.flushed();
  } else if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    try {
      check_coded_size(caps, pipeline_of(self).max_pixels_);
    } catch (const Error& error) {
      pipeline_of(self).fail(error);
    }
  }
  return GST_PAD_PROBE_OK;
}

GstBusSyncReply SourcePipeline::take_message(GstBus*, GstMessage* message, gpointer self) {
  const GstMiniPtr<GstMessage> owned(message);
  SourcePipeline& pipeline = pipeline_of(self);
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
      pipeline.fail(error_of_message(message, pipeline.uri_));
      break;
    case GST_MESSAGE_WARNING:
      pipeline.events_.damaged();
      break;
    case GST_MESSAGE_ELEMENT:
      if (std::optional<std::string> missing = missing_plugin(message)) {
        const std::lock_guard lock(pipeline.mutex_);
        pipeline.missing_ = std::move(missing);
      }
      break;
    default:
      break;
  }
  return GST_BUS_DROP;
}

GstFlowReturn SourcePipeline::take_preroll(GstAppSink* sink, gpointer self) {
  const GstMiniPtr<GstSample> sample(gst_app_sink_try_pull_preroll(sink, 0));
  pipeline_of(self).events_.prerolled();
  return GST_FLOW_OK;
}

GstFlowReturn SourcePipeline::take_sample(GstAppSink* sink, gpointer self) {
  const GstMiniPtr<GstSample> sample(gst_app_sink_try_pull_sample(sink, 0));
  return sample == nullptr ? GST_FLOW_OK : pipeline_of(self).events_.picture(sample.get());
}

void SourcePipeline::take_end(GstAppSink*, gpointer self) { pipeline_of(self).events_.ended(); }

}  // namespace depthcloud
