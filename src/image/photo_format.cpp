// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/photo_format.hpp>

#include <fmt/format.h>

#include "core/enum_names.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<PhotoFormat, 6> names{{"jpeg", "png", "webp", "heic", "avif", "tiff"}};

/// What this build lacks, for instance "libwebp-dev"; nullptr: nothing.
const char* missing_package(PhotoFormat format) {
  switch (format) {
#ifndef DEPTHCLOUD_WITH_WEBP
    case PhotoFormat::webp:
      return "libwebp-dev";
#endif
#ifndef DEPTHCLOUD_WITH_HEIF
    case PhotoFormat::heic:
    case PhotoFormat::avif:
      return "libheif-dev";
#endif
#ifndef DEPTHCLOUD_WITH_TIFF
    case PhotoFormat::tiff:
      return "libtiff-dev";
#endif
    default:
      return nullptr;
  }
}

}  // namespace

const char* to_string(PhotoFormat format) noexcept { return names.to_string(format); }

PhotoFormat parse_photo_format(std::string_view text) {
  return names.parse(text, "photo format", Stage::decode);
}

std::span<const char* const> photo_format_names() noexcept { return names.all(); }

std::string photo_format_obstacle(PhotoFormat format) {
  const char* const package = missing_package(format);
  if (package == nullptr) return "";
  return fmt::format("this build of depthcloud is without {} photos: install {} and build it again",
                     to_string(format), package);
}

}  // namespace depthcloud
