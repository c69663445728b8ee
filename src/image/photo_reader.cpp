// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/photo_reader.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "image/decode_common.hpp"
#include "image/photo_file.hpp"
#include "image/png_reader.hpp"

namespace depthcloud {
namespace {

enum class FileKind { jpeg, png };

FileKind kind_of(std::span<const std::uint8_t> bytes) {
  if (bytes.size() >= 2 && bytes[0] == 0xFF && bytes[1] == 0xD8) return FileKind::jpeg;
  if (is_png(bytes)) return FileKind::png;
  if (bytes.empty()) {
    throw Error(ErrorCode::corrupt_data, Stage::decode, "image has no bytes");
  }
  std::string start;
  for (const std::uint8_t byte : bytes.first(std::min<std::size_t>(bytes.size(), 4))) {
    start += fmt::format(" {:02x}", byte);
  }
  throw Error(ErrorCode::unsupported, Stage::decode,
              "image is neither JPEG nor PNG: it starts with" + start);
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
    impl_ = std::make_unique<Impl>(Impl{options, kind_of(bytes) == FileKind::jpeg
                                                     ? open_jpeg(bytes, options)
                                                     : open_png(bytes, options)});
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
