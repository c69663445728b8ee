// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "video/gstreamer/gstreamer.hpp"
#include "video/gstreamer/peer_connection.hpp"
#include "video/gstreamer/picture_writer.hpp"
#include "video/gstreamer/source_reader.hpp"
#include "video/gstreamer/unit_decoder.hpp"
#include "video/video_library.hpp"

namespace depthcloud {
namespace {

class GstreamerLibrary final : public VideoLibrary {
 public:
  std::unique_ptr<SourceReader> open(std::string_view uri,
                                     const VideoSourceOptions& options) const override {
    return std::make_unique<GstSourceReader>(parse_source_address(uri), options);
  }

  std::unique_ptr<UnitDecoder> make_decoder(VideoCodec codec, VideoDecoderCallbacks callbacks,
                                            const VideoDecoderOptions& options) const override {
    return std::make_unique<GstUnitDecoder>(codec, std::move(callbacks), options);
  }

  std::unique_ptr<PictureWriter> make_writer(const std::filesystem::path& file,
                                             VideoContent content, int width,
                                             int height) const override {
    return std::make_unique<GstPictureWriter>(file, content, width, height);
  }

  std::unique_ptr<PeerConnection> make_peer(WebRtcCallbacks callbacks,
                                            const WebRtcOptions& options) const override {
    return make_peer_connection(std::move(callbacks), options);
  }

  std::string version() const override {
    guint major = 0;
    guint minor = 0;
    guint micro = 0;
    guint nano = 0;
    gst_version(&major, &minor, &micro, &nano);
    return fmt::format("GStreamer {}.{}.{}", major, minor, micro);
  }
};

}  // namespace
}  // namespace depthcloud

const depthcloud::VideoLibrary& depthcloud_video() {
  static const depthcloud::GstreamerLibrary library;
  return library;
}
