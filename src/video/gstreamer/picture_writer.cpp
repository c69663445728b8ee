// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/picture_writer.hpp"

#include "video/gstreamer/messages.hpp"
#include "video/gstreamer/packages.hpp"

namespace depthcloud {
namespace {

GstPtr<GstElement> need(const char* factory) {
  GstPtr<GstElement> element = make_element(factory);
  if (element == nullptr) {
    throw Error(ErrorCode::unavailable, Stage::load, missing_element(factory));
  }
  return element;
}

/// H.264 at a quality at which colours stand for depth without visible loss, else VP8.
GstPtr<GstElement> color_encoder() {
  if (GstPtr<GstElement> encoder = make_element("x264enc"); encoder != nullptr) {
    set_if_there(encoder.get(), "pass", "qual");
    set_if_there(encoder.get(), "quantizer", "18");
    set_if_there(encoder.get(), "speed-preset", "veryfast");
    return encoder;
  }
  GstPtr<GstElement> encoder = need("vp8enc");
  set_if_there(encoder.get(), "end-usage", "cq");
  set_if_there(encoder.get(), "cq-level", "8");
  set_if_there(encoder.get(), "target-bitrate", "50000000");
  set_if_there(encoder.get(), "deadline", "1");
  return encoder;
}

GstMiniPtr<GstCaps> caps_of(GstVideoFormat format, int width, int height) {
  return GstMiniPtr<GstCaps>(gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING,
                                                 gst_video_format_to_string(format), "width",
                                                 G_TYPE_INT, width, "height", G_TYPE_INT, height,
                                                 "framerate", GST_TYPE_FRACTION, 0, 1, nullptr));
}

}  // namespace

GstPictureWriter::GstPictureWriter(const std::filesystem::path& file, VideoContent content,
                                   int width, int height)
    : format_(content == VideoContent::color ? GST_VIDEO_FORMAT_RGB : GST_VIDEO_FORMAT_GRAY16_LE),
      width_(width),
      height_(height) {
  start_gstreamer();
  pipeline_.reset(GST_ELEMENT_CAST(gst_object_ref_sink(gst_pipeline_new(nullptr))));
  const GstPtr<GstElement> source = need("appsrc");
  const GstPtr<GstElement> convert = need("videoconvert");
  const GstPtr<GstElement> encoder =
      content == VideoContent::color ? color_encoder() : need("avenc_ffv1");
  // Of colours what every player reads; x264 has pairs of pixels for it alone.
  const GstPtr<GstElement> filter = need("capsfilter");
  if (content == VideoContent::color) {
    const GstMiniPtr<GstCaps> common(gst_caps_from_string(
        width % 2 == 0 && height % 2 == 0 ? "video/x-raw, format=(string)I420"
                                          : "video/x-raw, format=(string){Y444, I420}"));
    g_object_set(filter.get(), "caps", common.get(), nullptr);
  }
  const GstPtr<GstElement> muxer = need("matroskamux");
  const GstPtr<GstElement> sink = need("filesink");
  source_ = source.get();
  const GstMiniPtr<GstCaps> caps = caps_of(format_, width, height);
  // Few pictures wait for the encoder; write() does then.
  constexpr guint64 most_pictures = 4;
  const guint64 picture_bytes = static_cast<guint64>(width) * static_cast<guint64>(height) * 3;
  g_object_set(source_, "caps", caps.get(), "format", GST_FORMAT_TIME, "block", TRUE, "max-bytes",
               most_pictures * picture_bytes, nullptr);
  g_object_set(sink.get(), "location", file.c_str(), "sync", FALSE, nullptr);
  gst_bin_add_many(GST_BIN(pipeline_.get()), source_, convert.get(), filter.get(), encoder.get(),
                   muxer.get(), sink.get(), nullptr);
  gst_element_link_many(source_, convert.get(), filter.get(), encoder.get(), muxer.get(),
                        sink.get(), nullptr);
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), &GstPictureWriter::take_message, this, nullptr);
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  try {
    throw_failure();
  } catch (...) {
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    throw;
  }
}

GstPictureWriter::~GstPictureWriter() {
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
}

void GstPictureWriter::write(std::span<const std::uint8_t> pixels, std::chrono::microseconds time) {
  throw_failure();
  GstMiniPtr<GstBuffer> buffer(gst_buffer_new_memdup(pixels.data(), pixels.size()));
  // GStreamer's own rows are multiples of four bytes.
  gsize offsets[GST_VIDEO_MAX_PLANES] = {0};
  gint strides[GST_VIDEO_MAX_PLANES] = {width_ * (format_ == GST_VIDEO_FORMAT_RGB ? 3 : 2)};
  gst_buffer_add_video_meta_full(buffer.get(), GST_VIDEO_FRAME_FLAG_NONE, format_,
                                 static_cast<guint>(width_), static_cast<guint>(height_), 1,
                                 offsets, strides);
  GST_BUFFER_PTS(buffer.get()) = static_cast<GstClockTime>(time.count()) * GST_USECOND;
  gst_app_src_push_buffer(GST_APP_SRC(source_), buffer.release());
  throw_failure();
}

void GstPictureWriter::finish() {
  gst_app_src_end_of_stream(GST_APP_SRC(source_));
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return has_ended_ || failure_; });
  }
  throw_failure();
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

void GstPictureWriter::throw_failure() {
  const std::lock_guard lock(mutex_);
  if (failure_) throw Error(*failure_);
}

GstBusSyncReply GstPictureWriter::take_message(GstBus*, GstMessage* message, gpointer self) {
  const GstMiniPtr<GstMessage> owned(message);
  auto& writer = *static_cast<GstPictureWriter*>(self);
  const std::lock_guard lock(writer.mutex_);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR && !writer.failure_) {
    writer.failure_ = Error(ErrorCode::io, Stage::file, error_of_message(message, "").what());
  }
  writer.has_ended_ |= GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
  writer.changed_.notify_all();
  return GST_BUS_DROP;
}

}  // namespace depthcloud
