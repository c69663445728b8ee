// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/decode.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "image/decode_common.hpp"
#include "image/jpeg_reader.hpp"
#include "image/png_reader.hpp"

namespace depthcloud {
namespace {

enum class FileKind { jpeg, png };

FileKind kind_of(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 2> jpeg = {0xFF, 0xD8};
  constexpr std::array<std::uint8_t, 8> png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  const auto begins_with = [&](std::span<const std::uint8_t> magic) {
    return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
  };
  if (begins_with(jpeg)) return FileKind::jpeg;
  if (begins_with(png)) return FileKind::png;
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

template <typename Reader>
PhotoInfo info_of(const Reader& reader, const DecodeOptions& options) {
  const ExifRecord exif = read_exif(reader.exif());
  return photo_info(exif, reader.width(), reader.height(), applied_orientation(exif, options));
}

}  // namespace

void check(const DecodeOptions& options) {
  const auto fail = [](const std::string& message) {
    throw Error(ErrorCode::invalid_argument, Stage::decode, message);
  };
  if (channels(options.format) == 0) fail("decode format is not a pixel format");
  if (options.min_width < 0 || options.min_height < 0) {
    fail(fmt::format("decode min_width {} and min_height {} must not be negative",
                     options.min_width, options.min_height));
  }
  if (options.max_pixels <= 0) {
    fail(fmt::format("decode max_pixels {} is not positive", options.max_pixels));
  }
  if (options.max_scans <= 0) {
    fail(fmt::format("decode max_scans {} is not positive", options.max_scans));
  }
}

Image decode_image(std::span<const std::uint8_t> bytes, const DecodeOptions& options) {
  return kind_of(bytes) == FileKind::jpeg ? decode_jpeg(bytes, options)
                                          : decode_png(bytes, options);
}

PhotoInfo read_photo_info(std::span<const std::uint8_t> bytes, const DecodeOptions& options) {
  check(options);
  return translate_bad_alloc([&] {
    return kind_of(bytes) == FileKind::jpeg ? info_of(JpegReader(bytes, options), options)
                                            : info_of(PngReader(bytes, options), options);
  });
}

}  // namespace depthcloud
