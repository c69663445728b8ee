// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/decoder_chain.hpp"

#include <cstring>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "video/gstreamer/h264_sizes.hpp"
#include "video/gstreamer/packages.hpp"
#include "video/gstreamer/rgb_converter.hpp"

namespace depthcloud {
namespace {

/// How a codec is spoken of to GStreamer.
struct CodecCaps {
  const char* caps;
  const char* parser;  // nullptr: there is none
};

constexpr CodecCaps codec_caps(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::h264:
      return {"video/x-h264, stream-format=(string)byte-stream, alignment=(string)au", "h264parse"};
    case VideoCodec::vp8:
      return {"video/x-vp8, codec-alpha=(boolean)false", nullptr};
    case VideoCodec::vp9:
      return {"video/x-vp9, alignment=(string)super-frame, codec-alpha=(boolean)false", "vp9parse"};
    case VideoCodec::av1:
      break;
  }
  return {"video/x-av1, stream-format=(string)obu-stream, alignment=(string)tu", "av1parse"};
}

GstMiniPtr<GstCaps> caps_of(VideoCodec codec) {
  return GstMiniPtr<GstCaps>(gst_caps_from_string(codec_caps(codec).caps));
}

struct FreeFactories {
  void operator()(GList* list) const { gst_plugin_feature_list_free(list); }
};
using Factories = std::unique_ptr<GList, FreeFactories>;

bool gives_plain_pictures(GstElementFactory* factory) {
  const GstMiniPtr<GstCaps> raw(gst_caps_from_string("video/x-raw"));
  return gst_element_factory_can_src_any_caps(factory, raw.get()) != FALSE;
}

/// The decoder that GStreamer ranks highest among those that give pictures in plain memory.
GstPtr<GstElement> make_decoder(const GstCaps* caps) {
  const Factories all(gst_element_factory_list_get_elements(
      GST_ELEMENT_FACTORY_TYPE_DECODER | GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO, GST_RANK_MARGINAL));
  const Factories fitting(gst_element_factory_list_filter(all.get(), caps, GST_PAD_SINK, FALSE));
  const Factories ranked(g_list_sort(gst_plugin_feature_list_copy(fitting.get()),
                                     gst_plugin_feature_rank_compare_func));
  for (const GList* item = ranked.get(); item != nullptr; item = item->next) {
    auto* const factory = GST_ELEMENT_FACTORY(item->data);
    if (!gives_plain_pictures(factory)) continue;
    GstElement* const element = gst_element_factory_create(factory, nullptr);
    if (element == nullptr) continue;
    GstPtr<GstElement> decoder(GST_ELEMENT_CAST(gst_object_ref_sink(element)));
    // A decoder in hardware may find that there is none.
    if (gst_element_set_state(element, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE) return decoder;
    gst_element_set_state(element, GST_STATE_NULL);
  }
  throw Error(ErrorCode::unavailable, Stage::load,
              missing_decoder(gst_caps_get_structure(caps, 0)));
}

bool is_in_hardware(GstElement* decoder) {
  const char* const kind = gst_element_get_metadata(decoder, GST_ELEMENT_METADATA_KLASS);
  return kind != nullptr && std::strstr(kind, "Hardware") != nullptr;
}

/// Each picture as soon as its unit is there: threads work on parts of one picture, not on several
/// pictures. What is damaged is no picture.
void set_for_least_delay(GstElement* decoder) {
  set_if_there(decoder, "thread-type", "slice");
  set_if_there(decoder, "max-frame-delay", "1");
  set_if_there(decoder, "output-corrupt", "false");
  set_if_there(decoder, "discard-corrupted-frames", "true");
  set_if_there(decoder, "automatic-request-sync-points", "true");
  set_if_there(decoder, "automatic-request-sync-point-flags", "corrupt-output+discard-input");
}

/// The caps of VP8 tell no size: that of a key frame is in its header (RFC 6386, 9.1).
void check_vp8_size(std::span<const std::uint8_t> frame, std::int64_t max_pixels) {
  constexpr std::size_t header_size = 10;
  if (frame.size() < header_size || (frame[0] & 1) != 0) return;
  const auto side = [&](std::size_t at) { return (frame[at] | frame[at + 1] << 8) & 0x3FFF; };
  check_pixels(side(6), side(8), max_pixels);
}

DecoderChain& chain_of(GstPad* pad) {
  return *static_cast<DecoderChain*>(gst_pad_get_element_private(pad));
}

}  // namespace

DecoderChain::DecoderChain(VideoCodec codec, std::int64_t max_pixels, Output output)
    : codec_(codec), max_pixels_(max_pixels), output_(std::move(output)) {
  start_gstreamer();
  pipeline_.reset(GST_ELEMENT_CAST(gst_object_ref_sink(gst_pipeline_new(nullptr))));
  try {
    add_elements();
    start();
  } catch (...) {
    close();
    throw;
  }
}

DecoderChain::~DecoderChain() { close(); }

void DecoderChain::add_elements() {
  const GstMiniPtr<GstCaps> caps = caps_of(codec_);
  GstPtr<GstElement> decoder = make_decoder(caps.get());
  set_for_least_delay(decoder.get());
  is_hardware_ = is_in_hardware(decoder.get());
  decoder_ = first_ = decoder.get();
  gst_bin_add(GST_BIN(pipeline_.get()), decoder.get());
  if (const char* const name = codec_caps(codec_).parser; name != nullptr) {
    const GstPtr<GstElement> parser = make_element(name);
    if (parser == nullptr) throw Error(ErrorCode::unavailable, Stage::load, missing_element(name));
    first_ = parser.get();
    gst_bin_add(GST_BIN(pipeline_.get()), parser.get());
    gst_element_link(parser.get(), decoder.get());
    // The size of the pictures, before the decoder has memory for one.
    const GstPtr<GstPad> parsed(gst_element_get_static_pad(parser.get(), "src"));
    gst_pad_add_probe(parsed.get(),
                      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
                                                   GST_PAD_PROBE_TYPE_BUFFER),
                      &DecoderChain::see_parsed, this, nullptr);
  }
}

void DecoderChain::start() {
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), &DecoderChain::take_message, this, nullptr);

  source_.reset(GST_PAD_CAST(gst_object_ref_sink(gst_pad_new("units", GST_PAD_SRC))));
  gst_pad_set_element_private(source_.get(), this);
  gst_pad_set_query_function(source_.get(), &DecoderChain::answer_source);
  gst_pad_set_event_function(source_.get(), &DecoderChain::take_request);
  const GstMiniPtr<GstCaps> raw(gst_caps_from_string("video/x-raw"));
  const GstPtr<GstPadTemplate> pictures(GST_PAD_TEMPLATE(gst_object_ref_sink(
      gst_pad_template_new("pictures", GST_PAD_SINK, GST_PAD_ALWAYS, raw.get()))));
  sink_.reset(
      GST_PAD_CAST(gst_object_ref_sink(gst_pad_new_from_template(pictures.get(), "pictures"))));
  gst_pad_set_element_private(sink_.get(), this);
  gst_pad_set_chain_function(sink_.get(), &DecoderChain::take_picture);
  gst_pad_set_event_function(sink_.get(), &DecoderChain::take_event);
  gst_pad_set_query_function(sink_.get(), &DecoderChain::answer_sink);

  const GstPtr<GstPad> in(gst_element_get_static_pad(first_, "sink"));
  const GstPtr<GstPad> out(gst_element_get_static_pad(decoder_, "src"));
  gst_pad_link(source_.get(), in.get());
  gst_pad_link(out.get(), sink_.get());
  gst_pad_set_active(sink_.get(), TRUE);
  gst_pad_set_active(source_.get(), TRUE);
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    throw Error(ErrorCode::unavailable, Stage::load,
                fmt::format("the {} decoder of GStreamer does not start", to_string(codec_)));
  }
  const GstMiniPtr<GstCaps> caps = caps_of(codec_);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(source_.get(), gst_event_new_stream_start("units"));
  gst_pad_push_event(source_.get(), gst_event_new_caps(caps.get()));
  gst_pad_push_event(source_.get(), gst_event_new_segment(&segment));
}

void DecoderChain::close() {
  // A pad that is not active refuses what still comes; the state change waits for threads.
  if (sink_ != nullptr) gst_pad_set_active(sink_.get(), FALSE);
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  if (source_ != nullptr) gst_pad_set_active(source_.get(), FALSE);
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
}

void DecoderChain::push(std::span<const std::uint8_t> data, GstClockTime stamp, bool is_key) {
  if (codec_ == VideoCodec::h264) check_h264_sizes(data, max_pixels_);
  if (codec_ == VideoCodec::vp8) check_vp8_size(data, max_pixels_);
  GstMiniPtr<GstBuffer> buffer(gst_buffer_new_memdup(data.data(), data.size()));
  GST_BUFFER_PTS(buffer.get()) = stamp;
  if (!is_key) GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
  const GstFlowReturn flow = gst_pad_push(source_.get(), buffer.release());
  throw_failure();
  if (flow != GST_FLOW_OK) {
    throw Error(ErrorCode::corrupt_data, Stage::decode,
                fmt::format("an access unit cannot be decoded ({})", gst_flow_get_name(flow)));
  }
}

void DecoderChain::fail(ErrorCode code, const std::string& message) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(has_failed_, true)) return;
  code_ = code;
  message_ = message;
}

bool DecoderChain::has_failed() {
  const std::lock_guard lock(mutex_);
  return has_failed_;
}

void DecoderChain::throw_failure() {
  const std::lock_guard lock(mutex_);
  if (has_failed_) throw Error(code_, Stage::decode, message_);
}

bool DecoderChain::set_info(const GstCaps* caps) {
  has_info_ = gst_video_info_from_caps(&info_, caps) != FALSE;
  if (!has_info_) fail(ErrorCode::unsupported, "the decoder gives pictures of an unknown format");
  return has_info_;
}

GstFlowReturn DecoderChain::take_picture(GstPad* pad, GstObject*, GstBuffer* buffer) {
  DecoderChain& self = chain_of(pad);
  GstMiniPtr<GstBuffer> owned(buffer);
  if (!self.has_info_) return GST_FLOW_NOT_NEGOTIATED;
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_CORRUPTED)) return GST_FLOW_OK;
  const GstClockTime stamp = GST_BUFFER_PTS(buffer);
  self.output_({std::move(owned), self.info_, stamp});
  return GST_FLOW_OK;
}

gboolean DecoderChain::take_event(GstPad* pad, GstObject*, GstEvent* event) {
  const GstMiniPtr<GstEvent> owned(event);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return TRUE;
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  return chain_of(pad).set_info(caps) ? TRUE : FALSE;
}

gboolean DecoderChain::answer_sink(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION)
    return gst_pad_query_default(pad, parent, query);
  // Rows of any stride, so that the decoder need not copy.
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return TRUE;
}

gboolean DecoderChain::answer_source(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return gst_pad_query_default(pad, parent, query);
  gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

gboolean DecoderChain::take_request(GstPad* pad, GstObject* parent, GstEvent* event) {
  if (gst_video_event_is_force_key_unit(event) == FALSE) {
    return gst_pad_event_default(pad, parent, event);
  }
  gst_event_unref(event);
  chain_of(pad).fail(ErrorCode::corrupt_data,
                     "an access unit is damaged, or one before is missing");
  return TRUE;
}

GstBusSyncReply DecoderChain::take_message(GstBus*, GstMessage* message, gpointer self) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    static_cast<DecoderChain*>(self)->fail(
        ErrorCode::corrupt_data,
        fmt::format("an access unit cannot be decoded: {}", error->message));
    g_clear_error(&error);
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

GstPadProbeReturn DecoderChain::see_parsed(GstPad*, GstPadProbeInfo* probe, gpointer self) {
  auto& chain = *static_cast<DecoderChain*>(self);
  const bool is_event = (GST_PAD_PROBE_INFO_TYPE(probe) & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) != 0;
  GstEvent* const event = is_event ? gst_pad_probe_info_get_event(probe) : nullptr;
  if (event != nullptr && GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    try {
      check_coded_size(caps, chain.max_pixels_);
    } catch (const Error& error) {
      chain.fail(error.code(), error.what());
    }
  }
  return chain.has_failed() ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

}  // namespace depthcloud
