// SPDX-License-Identifier: Apache-2.0
#include "image/samples.hpp"

#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace samples {
namespace {

using depthcloud::Image;
using depthcloud::PixelFormat;

J_COLOR_SPACE input_space(const Image& image, const JpegKind& kind) {
  if (kind.stored == JCS_CMYK || kind.stored == JCS_YCCK) return JCS_CMYK;
  return image.format() == PixelFormat::gray ? JCS_GRAYSCALE : JCS_RGB;
}

/// A legal script of that many scans: the DC coefficients, then one AC coefficient a scan.
std::vector<jpeg_scan_info> scan_script(int count) {
  std::vector<jpeg_scan_info> scans = {{3, {0, 1, 2, 0}, 0, 0, 0, 0}};
  for (int i = 0; i < count - 1; ++i) {
    scans.push_back({1, {i / 63, 0, 0, 0}, 1 + i % 63, 1 + i % 63, 0, 0});
  }
  return scans;
}

void put(Bytes& out, std::uint32_t value, int bytes, bool big_endian) {
  for (int i = 0; i < bytes; ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> 8 * (big_endian ? bytes - 1 - i : i)));
  }
}

/// A TIFF directory under construction: 12-byte entries, rationals behind them.
class Directory {
 public:
  Directory(bool big_endian, std::uint32_t offset, int entries)
      : big_endian_(big_endian),
        heap_at_(offset + 2 + 12 * static_cast<std::uint32_t>(entries) + 4) {
    put(entries_, static_cast<std::uint32_t>(entries), 2, big_endian);
  }
  void add_short(int tag, int value) {
    begin(tag, 3, 1);
    put(entries_, static_cast<std::uint32_t>(value), 2, big_endian_);
    put(entries_, 0, 2, big_endian_);
  }
  void add_long(int tag, std::uint32_t value) {
    begin(tag, 4, 1);
    put(entries_, value, 4, big_endian_);
  }
  void add_rational(int tag, const std::uint32_t (&ratio)[2]) {
    begin(tag, 5, 1);
    put(entries_, heap_at_ + static_cast<std::uint32_t>(heap_.size()), 4, big_endian_);
    for (const std::uint32_t part : ratio) put(heap_, part, 4, big_endian_);
  }
  Bytes finish() {
    put(entries_, 0, 4, big_endian_);
    entries_.insert(entries_.end(), heap_.begin(), heap_.end());
    return entries_;
  }

 private:
  void begin(int tag, std::uint32_t type, std::uint32_t count) {
    put(entries_, static_cast<std::uint32_t>(tag), 2, big_endian_);
    put(entries_, type, 2, big_endian_);
    put(entries_, count, 4, big_endian_);
  }

  bool big_endian_;
  std::uint32_t heap_at_;
  Bytes entries_;
  Bytes heap_;
};

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

}  // namespace

Image picture(int width, int height, PixelFormat format, int noise) {
  Image image(width, height, format);
  const int samples = channels(format);
  std::vector<double> across;
  for (int u = 0; u < width; ++u) {
    for (int c = 0; c < samples; ++c) across.push_back(std::sin(0.05 * u * (c + 1) + 0.3 * c));
  }
  std::uint32_t random = 12345;
  for (int v = 0; v < height; ++v) {
    std::array<double, 4> down{};
    for (std::size_t c = 0; c < down.size(); ++c) down[c] = std::cos(0.07 * v - 0.2 * double(c));
    for (std::size_t i = 0; i < across.size(); ++i) {
      random = random * 1664525u + 1013904223u;
      const double wave = across[i] + down[i % static_cast<std::size_t>(samples)];
      const int jitter = noise == 0 ? 0 : static_cast<int>(random >> 16) % noise - noise / 2;
      image.row(v)[i] =
          static_cast<std::uint8_t>(std::clamp(128 + static_cast<int>(50 * wave) + jitter, 0, 255));
    }
  }
  return image;
}

Bytes jpeg(const Image& image, const JpegKind& kind) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = static_cast<JDIMENSION>(image.width());
  info.image_height = static_cast<JDIMENSION>(image.height());
  info.input_components = channels(image.format());
  info.in_color_space = input_space(image, kind);
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, info.in_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : kind.stored);
  jpeg_set_quality(&info, kind.quality, TRUE);
  info.arith_code = kind.arithmetic;
  info.restart_in_rows = kind.restart_rows;
  if (!kind.subsample) {
    for (int i = 0; i < info.num_components; ++i) {
      info.comp_info[i].h_samp_factor = info.comp_info[i].v_samp_factor = 1;
    }
  }
  if (kind.progressive) jpeg_simple_progression(&info);
  const auto script = scan_script(kind.scans);
  if (kind.scans > 0) {
    info.scan_info = script.data();
    info.num_scans = kind.scans;
  }
  jpeg_start_compress(&info, TRUE);
  if (!kind.exif.empty()) {
    jpeg_write_marker(&info, JPEG_APP0 + 1, kind.exif.data(),
                      static_cast<unsigned>(kind.exif.size()));
  }
  if (!kind.profile.empty()) {
    jpeg_write_icc_profile(&info, kind.profile.data(), static_cast<unsigned>(kind.profile.size()));
  }
  for (int v = 0; v < image.height(); ++v) {
    JSAMPROW row = const_cast<JSAMPROW>(image.row(v));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  Bytes result(bytes, bytes + size);
  std::free(bytes);
  return result;
}

Image turbojpeg_decode(const Bytes& jpeg, PixelFormat format) {
  const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int color_space = 0;
  tjDecompressHeader3(decoder.get(), jpeg.data(), jpeg.size(), &width, &height, &subsampling,
                      &color_space);
  Image image(width, height, format);
  const TJPF formats[] = {TJPF_RGB, TJPF_BGR, TJPF_RGBA, TJPF_BGRA, TJPF_GRAY};
  if (tjDecompress2(decoder.get(), jpeg.data(), jpeg.size(), image.data(), width, 0, height,
                    formats[static_cast<int>(format)], 0) != 0) {
    throw std::runtime_error(tjGetErrorStr2(decoder.get()));
  }
  return image;
}

Bytes png(int width, int height, const PngKind& kind, const Bytes& rows) {
  Bytes out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp writer, png_bytep data, std::size_t size) {
        auto& to = *static_cast<Bytes*>(png_get_io_ptr(writer));
        to.insert(to.end(), data, data + size);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height),
               kind.bit_depth, kind.color_type,
               kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
  if (!kind.palette.empty()) {
    std::vector<png_color> colors;
    for (std::size_t i = 0; i + 2 < kind.palette.size(); i += 3) {
      colors.push_back({kind.palette[i], kind.palette[i + 1], kind.palette[i + 2]});
    }
    png_set_PLTE(png, info, colors.data(), static_cast<int>(colors.size()));
  }
  if (!kind.transparent.empty()) {
    png_set_tRNS(png, info, kind.transparent.data(), static_cast<int>(kind.transparent.size()),
                 nullptr);
  }
  if (!kind.profile.empty()) {
    png_set_iCCP(png, info, "profile", 0, kind.profile.data(),
                 static_cast<png_uint_32>(kind.profile.size()));
  }
  Bytes exif = kind.exif;
  if (!exif.empty()) {
    png_set_eXIf_1(png, info, static_cast<png_uint_32>(exif.size()), exif.data());
  }
  png_write_info(png, info);
  const std::size_t row_bytes = rows.size() / static_cast<std::size_t>(height);
  std::vector<png_bytep> row_pointers;
  for (int v = 0; v < height; ++v) {
    row_pointers.push_back(const_cast<png_bytep>(rows.data()) +
                           static_cast<std::size_t>(v) * row_bytes);
  }
  png_write_image(png, row_pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

Bytes png(const Image& image, bool interlaced, const Bytes& exif) {
  PngKind kind;
  kind.interlaced = interlaced;
  kind.exif = exif;
  kind.color_type = channels(image.format()) == 1   ? PNG_COLOR_TYPE_GRAY
                    : channels(image.format()) == 4 ? PNG_COLOR_TYPE_RGB_ALPHA
                                                    : PNG_COLOR_TYPE_RGB;
  return png(image.width(), image.height(), kind,
             Bytes(image.data(), image.data() + image.stride() * image.height()));
}

Bytes tiff(const ExifFields& fields, bool big_endian) {
  Bytes out = big_endian ? Bytes{'M', 'M', 0, 42, 0, 0, 0, 8} : Bytes{'I', 'I', 42, 0, 8, 0, 0, 0};
  const bool has_orientation = fields.orientation != 0;
  const std::uint32_t photo_at = 8 + 2 + 12 * (has_orientation ? 2u : 1u) + 4;
  Directory main(big_endian, 8, has_orientation ? 2 : 1);
  if (has_orientation) main.add_short(0x0112, fields.orientation);
  main.add_long(0x8769, photo_at);
  append(out, main.finish());

  const int entries = (fields.focal_mm[1] != 0) + (fields.pixels[0] != 0) +
                      (fields.pixels[1] != 0) + (fields.plane_density[1] != 0) +
                      (fields.plane_density_y[1] != 0) + (fields.plane_unit != 0) +
                      (fields.focal_35mm != 0);
  Directory photo(big_endian, photo_at, entries);
  if (fields.focal_mm[1] != 0) photo.add_rational(0x920A, fields.focal_mm);
  if (fields.pixels[0] != 0) photo.add_long(0xA002, fields.pixels[0]);
  if (fields.pixels[1] != 0) photo.add_long(0xA003, fields.pixels[1]);
  if (fields.plane_density[1] != 0) photo.add_rational(0xA20E, fields.plane_density);
  if (fields.plane_density_y[1] != 0) photo.add_rational(0xA20F, fields.plane_density_y);
  if (fields.plane_unit != 0) photo.add_short(0xA210, fields.plane_unit);
  if (fields.focal_35mm != 0) photo.add_short(0xA405, fields.focal_35mm);
  append(out, photo.finish());
  return out;
}

Bytes exif(const ExifFields& fields, bool big_endian) {
  Bytes out = {'E', 'x', 'i', 'f', 0, 0};
  append(out, tiff(fields, big_endian));
  return out;
}

Bytes without_end(Bytes bytes, std::size_t count) {
  bytes.erase(bytes.end() - static_cast<std::ptrdiff_t>(std::min(count, bytes.size())),
              bytes.end());
  return bytes;
}

Bytes with_inserted(Bytes bytes, std::size_t at, const Bytes& inserted) {
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), inserted.begin(), inserted.end());
  return bytes;
}

std::size_t find_marker(const Bytes& bytes, std::uint8_t code) {
  const std::uint8_t marker[] = {0xFF, code};
  const auto found = std::search(bytes.begin(), bytes.end(), std::begin(marker), std::end(marker));
  if (found == bytes.end()) throw std::runtime_error("the sample has no such marker");
  return static_cast<std::size_t>(found - bytes.begin());
}

int largest_difference(const Image& a, const Image& b) {
  if (a.width() != b.width() || a.height() != b.height() || a.format() != b.format()) return 256;
  int largest = 0;
  for (std::ptrdiff_t i = 0; i < a.stride() * a.height(); ++i) {
    largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
  }
  return largest;
}

}  // namespace samples
