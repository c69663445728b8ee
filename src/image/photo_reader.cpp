// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/photo_reader.hpp>

#include <utility>

#include "core/file_kind.hpp"
#include "image/decode_common.hpp"
#include "image/photo_file.hpp"

namespace depthcloud {
namespace {

std::unique_ptr<PhotoFile> open_photo(std::span<const std::uint8_t> bytes,
                                      const DecodeOptions& options) {
  switch (file_kind(bytes)) {
    case FileKind::jpeg:
      return open_jpeg(bytes, options);
    case FileKind::png:
      return open_png(bytes, options);
    default:
      break;
  }
  if (bytes.empty()) throw Error(ErrorCode::corrupt_data, Stage::decode, "image has no bytes");
  throw Error(ErrorCode::unsupported, Stage::decode,
              "this is " + describe_file(bytes, "JPEG or PNG"));
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
