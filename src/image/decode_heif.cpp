// SPDX-License-Identifier: Apache-2.0
#include <libheif/heif.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "image/decode_common.hpp"
#include "image/photo_file.hpp"
#include "image/whole_photo.hpp"

namespace depthcloud {
namespace {

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};
using Context = std::unique_ptr<heif_context, Release<heif_context_free>>;
using Handle = std::unique_ptr<heif_image_handle, Release<heif_image_handle_release>>;
using Pixels = std::unique_ptr<heif_image, Release<heif_image_release>>;
using Options = std::unique_ptr<heif_decoding_options, Release<heif_decoding_options_free>>;

void check(const char* format, const heif_error& error) {
  if (error.code == heif_error_Ok) return;
  if (error.subcode == heif_suberror_Unsupported_codec) {
    throw Error(ErrorCode::unavailable, Stage::decode,
                "libheif has no decoder for this photo here: install libheif-plugin-libde265 for "
                "HEIC, libheif-plugin-dav1d for AVIF");
  }
  ErrorCode code = ErrorCode::corrupt_data;
  if (error.code == heif_error_Unsupported_feature) code = ErrorCode::unsupported;
  if (error.code == heif_error_Memory_allocation_error) code = ErrorCode::out_of_memory;
  if (error.subcode == heif_suberror_Security_limit_exceeded) code = ErrorCode::limit_exceeded;
  std::string_view message = error.message;
  message = message.substr(0, message.find_last_not_of(" \n") + 1);
  throw Error(code, Stage::decode, fmt::format("{}: {}", format, message));
}

heif_chroma layout(PixelFormat format) {
  return channels(format) == 4 ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
}

/// HEIC and AVIF. libheif turns a photo by the file's own properties, as it crops it; its EXIF
/// orientation repeats them and must not be applied once more.
class HeifPhoto final : public WholePhoto {
 public:
  HeifPhoto(PhotoFormat format, std::span<const std::uint8_t> bytes, const DecodeOptions& options)
      : WholePhoto(options),
        name_(format == PhotoFormat::avif ? "AVIF" : "HEIC"),
        context_(heif_context_alloc()) {
    if (!context_) throw std::bad_alloc();
    if (options.max_pixels > 0) {
      const double side = std::ceil(std::sqrt(static_cast<double>(options.max_pixels)));
      constexpr double longest = 1 << 15;
      // Of anything that libheif allocates, whatever the header says.
      heif_context_set_maximum_image_size_limit(context_.get(),
                                                static_cast<int>(std::min(side + 64, longest)));
    }
    check(name_, heif_context_read_from_memory_without_copy(context_.get(), bytes.data(),
                                                            bytes.size(), nullptr));
    heif_image_handle* handle = nullptr;
    check(name_, heif_context_get_primary_image_handle(context_.get(), &handle));
    handle_.reset(handle);
    PhotoHeader header{.format = name_,
                       .width = heif_image_handle_get_width(handle),
                       .height = heif_image_handle_get_height(handle),
                       .has_alpha = heif_image_handle_has_alpha_channel(handle) != 0,
                       .exif = read_exif(exif())};
    header.exif.orientation = Orientation::top_left;
    if (header.width <= 0 || header.height <= 0) {
      throw Error(ErrorCode::corrupt_data, Stage::decode,
                  fmt::format("{}: the photo has no size", name_));
    }
    if (options.apply_color_profile) header.profile = profile();
    set_header(std::move(header));
  }

 private:
  std::vector<std::uint8_t> exif() const {
    heif_item_id id = 0;
    if (heif_image_handle_get_list_of_metadata_block_IDs(handle_.get(), "Exif", &id, 1) != 1) {
      return {};
    }
    constexpr std::size_t most_bytes = 1 << 20;
    const std::size_t size = heif_image_handle_get_metadata_size(handle_.get(), id);
    if (size < 4 || size > most_bytes) return {};
    std::vector<std::uint8_t> block(size);
    const heif_error error = heif_image_handle_get_metadata(handle_.get(), id, block.data());
    if (error.code != heif_error_Ok) return {};
    // Four bytes say where the TIFF structure begins behind them, mostly after "Exif\0\0".
    const std::size_t offset = std::size_t{block[0]} << 24 | std::size_t{block[1]} << 16 |
                               std::size_t{block[2]} << 8 | block[3];
    if (offset > size - 4) return {};
    std::vector<std::uint8_t> record = {'E', 'x', 'i', 'f', 0, 0};
    record.insert(record.end(), block.begin() + static_cast<std::ptrdiff_t>(4 + offset),
                  block.end());
    return record;
  }

  std::vector<std::uint8_t> profile() const {
    const heif_color_profile_type type = heif_image_handle_get_color_profile_type(handle_.get());
    if (type != heif_color_profile_type_prof && type != heif_color_profile_type_rICC) return {};
    constexpr std::size_t most_bytes = 8 << 20;
    const std::size_t size = heif_image_handle_get_raw_color_profile_size(handle_.get());
    if (size > most_bytes) return {};
    std::vector<std::uint8_t> bytes(size);
    const heif_error error = heif_image_handle_get_raw_color_profile(handle_.get(), bytes.data());
    return error.code == heif_error_Ok ? bytes : std::vector<std::uint8_t>();
  }

  void read(Image& stored) override {
    const Options options(heif_decoding_options_alloc());
    if (!options) throw std::bad_alloc();
    options->convert_hdr_to_8bit = 1;
    heif_image* decoded = nullptr;
    check(name_, heif_decode_image(handle_.get(), &decoded, heif_colorspace_RGB,
                                   layout(stored.format()), options.get()));
    const Pixels pixels(decoded);
    int stride = 0;
    const std::uint8_t* const rows =
        heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
    if (rows == nullptr || heif_image_get_primary_width(decoded) != stored.width() ||
        heif_image_get_primary_height(decoded) != stored.height()) {
      throw Error(ErrorCode::corrupt_data, Stage::decode,
                  fmt::format("{}: the photo has another size than its header says", name_));
    }
    for (int v = 0; v < stored.height(); ++v) {
      std::memcpy(stored.row(v), rows + std::ptrdiff_t{v} * stride,
                  static_cast<std::size_t>(stored.stride()));
    }
    if (stored.format() == PixelFormat::bgr || stored.format() == PixelFormat::bgra) {
      swap_red_and_blue(stored);
    }
  }

  static void swap_red_and_blue(Image& image) {
    const std::ptrdiff_t bytes = channels(image.format());
    std::uint8_t* const end = image.data() + image.stride() * image.height();
    for (std::uint8_t* pixel = image.data(); pixel < end; pixel += bytes) {
      std::swap(pixel[0], pixel[2]);
    }
  }

  /// libheif's planes, and its picture before the copy.
  double scratch_bytes() const override { return 8.0 * header().width * header().height; }

  const char* name_;
  Context context_;
  Handle handle_;
};

}  // namespace

std::unique_ptr<PhotoFile> open_heif(PhotoFormat format, std::span<const std::uint8_t> bytes,
                                     const DecodeOptions& options) {
  return std::make_unique<HeifPhoto>(format, bytes, options);
}

}  // namespace depthcloud
