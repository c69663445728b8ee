// SPDX-License-Identifier: Apache-2.0
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>
#include <utility>
#include <vector>

#include "image/decode_common.hpp"
#include "image/photo_file.hpp"
#include "image/whole_photo.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(ErrorCode code, const char* message) {
  throw Error(code, Stage::decode, message);
}

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};

class WebpPhoto final : public WholePhoto {
 public:
  WebpPhoto(std::span<const std::uint8_t> bytes, const DecodeOptions& options)
      : WholePhoto(options), file_{bytes.data(), bytes.size()} {
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(file_.bytes, file_.size, &features) != VP8_STATUS_OK) {
      fail(ErrorCode::corrupt_data, "WebP: the header is broken or cut short");
    }
    if (features.has_animation != 0) {
      fail(ErrorCode::unsupported, "WebP: an animation; save one of its frames as a photo");
    }
    PhotoHeader header{.format = "WebP",
                       .width = features.width,
                       .height = features.height,
                       .has_alpha = features.has_alpha != 0};
    read_chunks(header);
    set_header(std::move(header));
  }

 private:
  void read_chunks(PhotoHeader& header) const {
    WebPDemuxState state;
    const std::unique_ptr<WebPDemuxer, DeleteDemuxer> demuxer(WebPDemuxPartial(&file_, &state));
    if (!demuxer) return;  // a bare bitstream, or cut short, which decoding tells
    std::vector<std::uint8_t> exif = chunk(demuxer.get(), "EXIF");
    // Some writers take the prefix of JPEG along.
    if (!exif.empty() && exif[0] != 'E') exif.insert(exif.begin(), {'E', 'x', 'i', 'f', 0, 0});
    header.exif = read_exif(exif);
    if (options().apply_color_profile) header.profile = chunk(demuxer.get(), "ICCP");
  }

  static std::vector<std::uint8_t> chunk(const WebPDemuxer* demuxer, const char* name) {
    WebPChunkIterator found;
    std::vector<std::uint8_t> bytes;
    if (WebPDemuxGetChunk(demuxer, name, 1, &found) != 0) {
      bytes.assign(found.chunk.bytes, found.chunk.bytes + found.chunk.size);
    }
    WebPDemuxReleaseChunkIterator(&found);
    return bytes;
  }

  static WEBP_CSP_MODE mode(PixelFormat format) {
    switch (format) {
      case PixelFormat::bgr:
        return MODE_BGR;
      case PixelFormat::rgba:
        return MODE_RGBA;
      case PixelFormat::bgra:
        return MODE_BGRA;
      default:
        return MODE_RGB;
    }
  }

  void read(Image& stored) override {
    WebPDecoderConfig config;
    if (WebPInitDecoderConfig(&config) == 0) fail(ErrorCode::internal, "WebP: another libwebp");
    config.output.colorspace = mode(stored.format());
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = stored.data();
    config.output.u.RGBA.stride = static_cast<int>(stored.stride());
    config.output.u.RGBA.size = static_cast<std::size_t>(stored.stride() * stored.height());
    if (options().salvage) std::fill_n(stored.data(), config.output.u.RGBA.size, std::uint8_t{0});
    const VP8StatusCode status = WebPDecode(file_.bytes, file_.size, &config);
    if (status == VP8_STATUS_OK) return;
    if (status == VP8_STATUS_OUT_OF_MEMORY) throw std::bad_alloc();
    const char* const loss = "WebP: the file is corrupt or ends too soon";
    if (!options().salvage) fail(ErrorCode::corrupt_data, loss);
    remark_loss(loss);
  }

  /// libwebp's own, of the lossless kind: four bytes a pixel.
  double scratch_bytes() const override { return 4.0 * header().width * header().height; }

  WebPData file_;
};

}  // namespace

std::unique_ptr<PhotoFile> open_webp(std::span<const std::uint8_t> bytes,
                                     const DecodeOptions& options) {
  return std::make_unique<WebpPhoto>(bytes, options);
}

}  // namespace depthcloud
