// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/photo_reader.hpp>

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/file_kind.hpp"
#include "image/decode_common.hpp"
#include "image/photo_file.hpp"

namespace depthcloud {
namespace {

std::optional<PhotoFormat> format_of(FileKind kind) {
  switch (kind) {
    case FileKind::jpeg:
      return PhotoFormat::jpeg;
    case FileKind::png:
      return PhotoFormat::png;
    case FileKind::webp:
      return PhotoFormat::webp;
    case FileKind::heic:
      return PhotoFormat::heic;
    case FileKind::avif:
      return PhotoFormat::avif;
    case FileKind::tiff:
      return PhotoFormat::tiff;
    default:
      return std::nullopt;
  }
}

/// Of a format that this build has.
std::unique_ptr<PhotoFile> open_as(PhotoFormat format, std::span<const std::uint8_t> bytes,
                                   const DecodeOptions& options) {
  switch (format) {
#ifdef DEPTHCLOUD_WITH_WEBP
    case PhotoFormat::webp:
      return open_webp(bytes, options);
#endif
#ifdef DEPTHCLOUD_WITH_HEIF
    case PhotoFormat::heic:
    case PhotoFormat::avif:
      return open_heif(format, bytes, options);
#endif
#ifdef DEPTHCLOUD_WITH_TIFF
    case PhotoFormat::tiff:
      return open_tiff(bytes, options);
#endif
    case PhotoFormat::png:
      return open_png(bytes, options);
    default:
      return open_jpeg(bytes, options);
  }
}

std::unique_ptr<PhotoFile> open_photo(std::span<const std::uint8_t> bytes,
                                      const DecodeOptions& options) {
  if (bytes.empty()) throw Error(ErrorCode::corrupt_data, Stage::decode, "image has no bytes");
  const auto description = [&] { return "this is " + describe_file(bytes, "JPEG or PNG"); };
  const std::optional<PhotoFormat> format = format_of(file_kind(bytes));
  if (!format || !options.formats.contains(*format)) {
    throw Error(ErrorCode::unsupported, Stage::decode, description());
  }
  if (const std::string obstacle = photo_format_obstacle(*format); !obstacle.empty()) {
    throw Error(ErrorCode::unavailable, Stage::decode,
                fmt::format("{}; {}", description(), obstacle));
  }
  return open_as(*format, bytes, options);
}

}  // namespace

struct PhotoReader::Impl {
  DecodeOptions options;
  std::unique_ptr<PhotoFile> file;
  bool decoded = false;
};

PhotoReader::PhotoReader(std::span<const std::uint8_t> bytes, const DecodeOptions& options) {
  validate(options);
  translate_bad_alloc([&] {
    impl_ = std::make_unique<Impl>(Impl{options, open_photo(bytes, options)});
  });
}

PhotoReader::~PhotoReader() = default;
PhotoReader::PhotoReader(PhotoReader&&) noexcept = default;
PhotoReader& PhotoReader::operator=(PhotoReader&&) noexcept = default;

const PhotoInfo& PhotoReader::info() const noexcept { return impl_->file->info(); }

Image PhotoReader::decode(int min_width, int min_height) {
  DecodeOptions options = impl_->options;
  options.min_width = min_width;
  options.min_height = min_height;
  validate(options);
  if (std::exchange(impl_->decoded, true)) {
    throw Error(ErrorCode::invalid_argument, Stage::decode, "the photo has been decoded before");
  }
  return translate_bad_alloc([&] {
    Image out;
    impl_->file->decode(min_width, min_height, out);
    return out;
  });
}

Image PhotoReader::decode() { return decode(impl_->options.min_width, impl_->options.min_height); }

}  // namespace depthcloud
