// SPDX-License-Identifier: Apache-2.0
#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "image/color_order.hpp"
#include "image/decode_common.hpp"
#include "image/photo_file.hpp"
#include "image/whole_photo.hpp"

namespace depthcloud {
namespace {

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

/// Bytes in memory as the file that libtiff reads.
struct MemoryFile {
  std::span<const std::uint8_t> bytes;
  std::uint64_t position = 0;
  std::string error{};  ///< libtiff's first one

  static MemoryFile& of(thandle_t handle) { return *static_cast<MemoryFile*>(handle); }
  static tmsize_t read(thandle_t handle, void* out, tmsize_t size) {
    MemoryFile& file = of(handle);
    const std::uint64_t left =
        file.bytes.size() - std::min<std::uint64_t>(file.position, file.bytes.size());
    const auto count = static_cast<std::size_t>(
        std::min(left, static_cast<std::uint64_t>(std::max<tmsize_t>(size, 0))));
    if (count > 0) std::memcpy(out, file.bytes.data() + file.position, count);
    file.position += count;
    return static_cast<tmsize_t>(count);
  }
  static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    MemoryFile& file = of(handle);
    if (whence == SEEK_CUR) offset += file.position;
    if (whence == SEEK_END) offset += file.bytes.size();
    return file.position = offset;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t handle) { return of(handle).bytes.size(); }
  static int map(thandle_t, void**, toff_t*) { return 0; }
  static void unmap(thandle_t, void*, toff_t) {}
  static int on_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
    auto& file = *static_cast<MemoryFile*>(user);
    char message[256] = {};
    std::vsnprintf(message, sizeof message, format, arguments);
    if (file.error.empty()) file.error = message;
    return 1;
  }
  static int on_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }
};

/// The first picture of a TIFF file, in any kind that libtiff brings to RGB.
class TiffPhoto final : public WholePhoto {
 public:
  TiffPhoto(std::span<const std::uint8_t> bytes, const DecodeOptions& options)
      : WholePhoto(options), file_{bytes} {
    open();
    PhotoHeader header{.format = "TIFF",
                       .width = side(TIFFTAG_IMAGEWIDTH),
                       .height = side(TIFFTAG_IMAGELENGTH),
                       .has_alpha = has_alpha(),
                       .exif = exif()};
    if ((tag<std::uint32_t>(TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE) != 0) {
      fail(ErrorCode::unsupported,
           "its first picture is but a preview, as in a camera's raw file: convert it to JPEG or "
           "PNG");
    }
    char reason[1024] = {};
    if (TIFFRGBAImageOK(tiff_.get(), reason) == 0) fail(ErrorCode::unsupported, reason);
    if (options.apply_color_profile) header.profile = profile();
    set_header(std::move(header));
    check_pieces();
  }

 private:
  [[noreturn]] static void fail(ErrorCode code, const std::string& reason) {
    throw Error(code, Stage::decode, "TIFF: " + reason);
  }

  void open() {
    const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
    if (!options) throw std::bad_alloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), MemoryFile::on_error, &file_);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), MemoryFile::on_warning, &file_);
    tiff_.reset(TIFFClientOpenExt("photo", "rm", &file_, MemoryFile::read, MemoryFile::write,
                                  MemoryFile::seek, MemoryFile::close, MemoryFile::size,
                                  MemoryFile::map, MemoryFile::unmap, options.get()));
    if (!tiff_) fail(ErrorCode::corrupt_data, file_.error.empty() ? "it is broken" : file_.error);
  }

  template <typename T>
  T tag(std::uint32_t name, T missing = {}) const {
    T value = missing;
    return TIFFGetField(tiff_.get(), name, &value) == 1 ? value : missing;
  }

  int side(std::uint32_t name) const {
    const auto pixels = tag<std::uint32_t>(name);
    constexpr std::uint32_t longest = 1 << 30;
    if (pixels == 0) fail(ErrorCode::corrupt_data, "the picture has no size");
    if (pixels > longest)
      fail(ErrorCode::limit_exceeded, fmt::format("a side of {} pixels", pixels));
    return static_cast<int>(pixels);
  }

  bool has_alpha() const {
    std::uint16_t count = 0;
    std::uint16_t* kinds = nullptr;
    if (TIFFGetField(tiff_.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds) != 1) return false;
    return std::any_of(kinds, kinds + count, [](std::uint16_t kind) {
      return kind == EXTRASAMPLE_ASSOCALPHA || kind == EXTRASAMPLE_UNASSALPHA;
    });
  }

  std::vector<std::uint8_t> profile() const {
    std::uint32_t size = 0;
    const std::uint8_t* data = nullptr;
    if (TIFFGetField(tiff_.get(), TIFFTAG_ICCPROFILE, &size, &data) != 1) return {};
    const auto photometric = tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC);
    const bool is_rgb = photometric == PHOTOMETRIC_RGB || photometric == PHOTOMETRIC_PALETTE ||
                        photometric == PHOTOMETRIC_YCBCR;
    return is_rgb ? std::vector<std::uint8_t>(data, data + size) : std::vector<std::uint8_t>();
  }

  ExifRecord exif() const {
    ExifRecord record;
    record.orientation = orientation_of(tag<std::uint16_t>(TIFFTAG_ORIENTATION, 1));
    const auto directory = tag<std::uint64_t>(TIFFTAG_EXIFIFD);
    if (directory == 0) return record;
    if (TIFFReadEXIFDirectory(tiff_.get(), directory) == 1) {
      record.focal_35mm = tag<std::uint16_t>(EXIFTAG_FOCALLENGTHIN35MMFILM);
      record.focal_mm = positive_or_zero(tag<float>(EXIFTAG_FOCALLENGTH));
      record.focal_plane_density = plane_density(
          tag<float>(EXIFTAG_FOCALPLANEXRESOLUTION), tag<float>(EXIFTAG_FOCALPLANEYRESOLUTION),
          tag<std::uint16_t>(EXIFTAG_FOCALPLANERESOLUTIONUNIT));
      record.recorded_width = tag<std::uint32_t>(EXIFTAG_PIXELXDIMENSION);
      record.recorded_height = tag<std::uint32_t>(EXIFTAG_PIXELYDIMENSION);
    }
    if (TIFFSetDirectory(tiff_.get(), 0) == 0) fail(ErrorCode::corrupt_data, "it is broken");
    return record;
  }

  /// A small picture may be cut into tiles, or strips, that claim to be huge.
  void check_pieces() const {
    const bool is_tiled = TIFFIsTiled(tiff_.get()) != 0;
    const std::uint64_t bytes =
        is_tiled ? TIFFTileSize64(tiff_.get()) : TIFFStripSize64(tiff_.get());
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
    char reason[1024] = {};
    file_.error.clear();  // of tags that do not matter
    TIFFRGBAImage image;
    const int stop_on_error = options().salvage ? 0 : 1;
    if (TIFFRGBAImageBegin(&image, tiff_.get(), stop_on_error, reason) == 0) {
      fail(ErrorCode::corrupt_data, reason);
    }
    image.req_orientation = image.orientation;
    const int good = TIFFRGBAImageGet(&image, raster, image.width, image.height);
    TIFFRGBAImageEnd(&image);
    if (good != 0 && file_.error.empty()) return;
    const std::string loss = file_.error.empty() ? "it is broken" : file_.error;
    if (!options().salvage) fail(ErrorCode::corrupt_data, loss);
    remark_loss("TIFF: " + loss);
  }

  double scratch_bytes() const override { return 5.0 * header().width * header().height; }

  MemoryFile file_;
  std::unique_ptr<TIFF, CloseTiff> tiff_;
};

}  // namespace

std::unique_ptr<PhotoFile> open_tiff(std::span<const std::uint8_t> bytes,
                                     const DecodeOptions& options) {
  return std::make_unique<TiffPhoto>(bytes, options);
}

}  // namespace depthcloud
