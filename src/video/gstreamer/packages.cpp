// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/packages.hpp"

#include <fmt/format.h>

#include "core/quote.hpp"

namespace depthcloud {
namespace {

/// A kind of media, what its reader is called, and the Debian package that has one.
struct Reader {
  std::string_view media;
  const char* name;
  const char* package;
};

constexpr Reader readers[] = {
    {"video/x-h264", "H.264 decoder", "gstreamer1.0-libav"},
    {"video/x-h265", "H.265 decoder", "gstreamer1.0-libav"},
    {"video/x-vp8", "VP8 decoder", "gstreamer1.0-plugins-good"},
    {"video/x-vp9", "VP9 decoder", "gstreamer1.0-plugins-good"},
    {"video/x-av1", "AV1 decoder", "gstreamer1.0-plugins-bad"},
    {"video/mpeg", "MPEG decoder", "gstreamer1.0-libav"},
    {"video/x-h263", "H.263 decoder", "gstreamer1.0-libav"},
    {"video/x-divx", "DivX decoder", "gstreamer1.0-libav"},
    {"video/x-xvid", "Xvid decoder", "gstreamer1.0-libav"},
    {"video/x-prores", "ProRes decoder", "gstreamer1.0-libav"},
    {"video/x-ffv", "FFV1 decoder", "gstreamer1.0-libav"},
    {"video/x-wmv", "Windows Media decoder", "gstreamer1.0-libav"},
    {"video/x-theora", "Theora decoder", "gstreamer1.0-plugins-base"},
    {"video/x-dv", "DV decoder", "gstreamer1.0-plugins-good"},
    {"image/jpeg", "JPEG decoder", "gstreamer1.0-plugins-good"},
    {"image/png", "PNG decoder", "gstreamer1.0-plugins-good"},
    {"video/quicktime", "reader of MP4 and QuickTime", "gstreamer1.0-plugins-good"},
    {"video/x-matroska", "reader of Matroska", "gstreamer1.0-plugins-good"},
    {"video/webm", "reader of WebM", "gstreamer1.0-plugins-good"},
    {"video/x-msvideo", "reader of AVI", "gstreamer1.0-plugins-good"},
    {"video/x-flv", "reader of FLV", "gstreamer1.0-plugins-good"},
    {"video/mpegts", "reader of MPEG-TS", "gstreamer1.0-plugins-bad"},
    {"application/ogg", "reader of Ogg", "gstreamer1.0-plugins-base"},
    {"video/x-ms-asf", "reader of ASF", "gstreamer1.0-plugins-ugly"},
    {"application/x-hls", "reader of HLS", "gstreamer1.0-plugins-bad"},
    {"application/x-rtp", "reader of RTP", "gstreamer1.0-plugins-good"},
};

constexpr Reader protocols[] = {
    {"http", "HTTP client", "gstreamer1.0-plugins-good"},
    {"https", "HTTP client", "gstreamer1.0-plugins-good"},
    {"rtsp", "RTSP client", "gstreamer1.0-plugins-good"},
    {"rtsps", "RTSP client", "gstreamer1.0-plugins-good"},
    {"v4l2", "camera reader", "gstreamer1.0-plugins-good"},
};

constexpr Reader elements[] = {
    {"h264parse", "H.264 parser", "gstreamer1.0-plugins-bad"},
    {"vp9parse", "VP9 parser", "gstreamer1.0-plugins-bad"},
    {"av1parse", "AV1 parser", "gstreamer1.0-plugins-bad"},
    {"matroskamux", "writer of Matroska", "gstreamer1.0-plugins-good"},
    {"vp8enc", "VP8 encoder", "gstreamer1.0-plugins-good"},
    {"avenc_ffv1", "FFV1 encoder", "gstreamer1.0-libav"},
};

template <std::size_t count>
std::string message(const Reader (&table)[count], std::string_view media) {
  for (const Reader& reader : table) {
    if (media == reader.media) return fmt::format("no {}: install {}", reader.name, reader.package);
  }
  return fmt::format("no element of GStreamer for {}: install its plugin", quote(media));
}

}  // namespace

std::string missing_decoder(const GstStructure* media) {
  return message(readers, gst_structure_get_name(media));
}

std::string missing_protocol(std::string_view scheme) { return message(protocols, scheme); }

std::string missing_element(std::string_view name) { return message(elements, name); }

}  // namespace depthcloud
