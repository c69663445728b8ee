// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "image/color_order.hpp"
#include "image/decode_common.hpp"
#include "image/photo_file.hpp"
#include "image/tiff_file.hpp"
#include "image/whole_photo.hpp"

namespace depthcloud {
namespace {

/// The first picture of a TIFF file, in any kind that libtiff brings to RGB.
class TiffPhoto final : public WholePhoto {
 public:
  TiffPhoto(std::span<const std::uint8_t> bytes, const DecodeOptions& options)
      : WholePhoto(options), file_(bytes) {
    if (!file_.is_open()) fail(ErrorCode::corrupt_data, loss());
    PhotoHeader header{.format = "TIFF",
                       .width = side(TIFFTAG_IMAGEWIDTH),
                       .height = side(TIFFTAG_IMAGELENGTH),
                       .has_alpha = has_alpha(),
                       .exif = exif()};
    if ((file_.field<std::uint32_t>(TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE) != 0) {
      fail(ErrorCode::unsupported,
           "its first picture is but a preview, as in a camera's raw file: convert it to JPEG or "
           "PNG");
    }
    char reason[1024] = {};
    if (TIFFRGBAImageOK(file_.get(), reason) == 0) fail(ErrorCode::unsupported, reason);
    if (options.apply_color_profile) header.profile = profile();
    set_header(std::move(header));
    check_pieces();
  }

 private:
  [[noreturn]] static void fail(ErrorCode code, const std::string& reason) {
    throw Error(code, Stage::decode, "TIFF: " + reason);
  }
  std::string loss() const {
    return file_.error().empty() ? "it is broken" : std::string(file_.error());
  }

  int side(std::uint32_t name) const {
    const auto pixels = file_.field<std::uint32_t>(name);
    constexpr std::uint32_t longest = 1 << 30;
    if (pixels == 0) fail(ErrorCode::corrupt_data, "the picture has no size");
    if (pixels > longest)
      fail(ErrorCode::limit_exceeded, fmt::format("a side of {} pixels", pixels));
    return static_cast<int>(pixels);
  }

  bool has_alpha() const {
    std::uint16_t count = 0;
    std::uint16_t* kinds = nullptr;
    if (TIFFGetField(file_.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds) != 1) return false;
    return std::any_of(kinds, kinds + count, [](std::uint16_t kind) {
      return kind == EXTRASAMPLE_ASSOCALPHA || kind == EXTRASAMPLE_UNASSALPHA;
    });
  }

  std::vector<std::uint8_t> profile() const {
    std::uint32_t size = 0;
    const std::uint8_t* data = nullptr;
    if (TIFFGetField(file_.get(), TIFFTAG_ICCPROFILE, &size, &data) != 1) return {};
    const auto photometric = file_.field<std::uint16_t>(TIFFTAG_PHOTOMETRIC);
    const bool is_rgb = photometric == PHOTOMETRIC_RGB || photometric == PHOTOMETRIC_PALETTE ||
                        photometric == PHOTOMETRIC_YCBCR;
    return is_rgb ? std::vector<std::uint8_t>(data, data + size) : std::vector<std::uint8_t>();
  }

  ExifRecord exif() const {
    ExifRecord record;
    record.orientation = orientation_of(file_.field<std::uint16_t>(TIFFTAG_ORIENTATION, 1));
    const auto directory = file_.field<std::uint64_t>(TIFFTAG_EXIFIFD);
    if (directory == 0) return record;
    if (TIFFReadEXIFDirectory(file_.get(), directory) == 1) {
      record.focal_35mm = file_.field<std::uint16_t>(EXIFTAG_FOCALLENGTHIN35MMFILM);
      record.focal_mm = positive_or_zero(file_.field<float>(EXIFTAG_FOCALLENGTH));
      constexpr float none = std::numeric_limits<float>::quiet_NaN();
      const double x_resolution = file_.field(EXIFTAG_FOCALPLANEXRESOLUTION, none);
      const double y_resolution = file_.field(EXIFTAG_FOCALPLANEYRESOLUTION, none);
      const double unit = file_.field<std::uint16_t>(EXIFTAG_FOCALPLANERESOLUTIONUNIT);
      record.focal_plane_density = plane_density(x_resolution, y_resolution, unit);
      record.plane_flaw = plane_flaw(x_resolution, y_resolution, unit);
      record.recorded_width = file_.field<std::uint32_t>(EXIFTAG_PIXELXDIMENSION);
      record.recorded_height = file_.field<std::uint32_t>(EXIFTAG_PIXELYDIMENSION);
    }
    if (TIFFSetDirectory(file_.get(), 0) == 0) fail(ErrorCode::corrupt_data, "it is broken");
    return record;
  }

  /// A small picture may be cut into tiles, or strips, that claim to be huge.
  void check_pieces() const {
    const bool is_tiled = TIFFIsTiled(file_.get()) != 0;
    const std::uint64_t bytes =
        is_tiled ? TIFFTileSize64(file_.get()) : TIFFStripSize64(file_.get());
    constexpr double least = 64 << 20;
    constexpr double bytes_of_pixel = 16;
    const double picture = bytes_of_pixel * header().width * header().height;
    if (static_cast<double>(bytes) <= std::max(least, picture)) return;
    fail(ErrorCode::limit_exceeded,
         fmt::format("a {} of {} bytes in a picture of {} x {} pixels", is_tiled ? "tile" : "strip",
                     bytes, header().width, header().height));
  }

  void read(Image& stored) override {
    const auto width = static_cast<std::size_t>(stored.width());
    std::vector<std::uint32_t> raster(width * static_cast<std::size_t>(stored.height()));
    read_raster(raster.data());
    const ColorOrder order = color_order(stored.format());
    const int bytes = channels(stored.format());
    for (int v = 0; v < stored.height(); ++v) {
      const std::uint32_t* from = &raster[static_cast<std::size_t>(v) * width];
      std::uint8_t* to = stored.row(v);
      for (std::size_t u = 0; u < width; ++u, ++from, to += bytes) {
        to[order.red] = static_cast<std::uint8_t>(TIFFGetR(*from));
        to[order.green] = static_cast<std::uint8_t>(TIFFGetG(*from));
        to[order.blue] = static_cast<std::uint8_t>(TIFFGetB(*from));
        if (bytes == 4) to[3] = static_cast<std::uint8_t>(TIFFGetA(*from));
      }
    }
  }

  /// The picture as it is stored: what turns it upright is common to all formats.
  void read_raster(std::uint32_t* raster) {
    if (TIFFLastDirectory(file_.get()) == 0) {
      log(LogLevel::warning, "TIFF: of several pictures in the file the first was taken");
    }
    char reason[1024] = {};
    file_.forget_error();  // of tags that do not matter
    TIFFRGBAImage image;
    const int stop_on_error = options().salvage ? 0 : 1;
    if (TIFFRGBAImageBegin(&image, file_.get(), stop_on_error, reason) == 0) {
      fail(ErrorCode::corrupt_data, reason);
    }
    image.req_orientation = image.orientation;
    const int good = TIFFRGBAImageGet(&image, raster, image.width, image.height);
    TIFFRGBAImageEnd(&image);
    if (good != 0 && file_.error().empty()) return;
    if (!options().salvage) fail(ErrorCode::corrupt_data, loss());
    remark_loss("TIFF: " + loss());
  }

  double scratch_bytes() const override { return 5.0 * header().width * header().height; }

  TiffFile file_;
};

}  // namespace

std::unique_ptr<PhotoFile> open_tiff(std::span<const std::uint8_t> bytes,
                                     const DecodeOptions& options) {
  return std::make_unique<TiffPhoto>(bytes, options);
}

}  // namespace depthcloud
