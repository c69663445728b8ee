// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace depthcloud {

/// File formats of photos. JPEG and PNG are in every build, the others where their library was when
/// it was built.
enum class PhotoFormat { jpeg, png, webp, heic, avif, tiff };

/// "jpeg", "png", "webp", "heic", "avif" or "tiff".
const char* to_string(PhotoFormat format) noexcept;
/// The inverse of to_string(); anything else is Error{invalid_argument}.
PhotoFormat parse_photo_format(std::string_view text);
/// All of these names, in the order of the enum.
std::span<const char* const> photo_format_names() noexcept;

/// Why this build does not read a format, and what to install; empty: it does.
std::string photo_format_obstacle(PhotoFormat format);

/// A set of formats.
class PhotoFormats {
 public:
  constexpr PhotoFormats() = default;
  constexpr PhotoFormats(std::initializer_list<PhotoFormat> formats) {
    for (const PhotoFormat format : formats) insert(format);
  }
  static constexpr PhotoFormats all() {
    return {PhotoFormat::jpeg, PhotoFormat::png,  PhotoFormat::webp,
            PhotoFormat::heic, PhotoFormat::avif, PhotoFormat::tiff};
  }
  constexpr void insert(PhotoFormat format) { bits_ |= bit(format); }
  constexpr bool contains(PhotoFormat format) const { return (bits_ & bit(format)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

  constexpr bool operator==(const PhotoFormats&) const = default;

 private:
  static constexpr std::uint32_t bit(PhotoFormat format) {
    return std::uint32_t{1} << static_cast<int>(format);
  }

  std::uint32_t bits_ = 0;
};

}  // namespace depthcloud
