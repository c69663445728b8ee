// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <depthcloud/decode.hpp>

namespace depthcloud {

/// Reads an encoded photo of any format in two steps: first the header, then the pixels, at a size
/// that may depend on the header. Thread-safety: one thread at a time.
class PhotoReader {
 public:
  /// Reads the header and checks it against the limits; allocates no memory for pixels. `bytes`
  /// must outlive the reader. Throws as decode_image().
  explicit PhotoReader(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});
  ~PhotoReader();
  PhotoReader(PhotoReader&&) noexcept;
  PhotoReader& operator=(PhotoReader&&) noexcept;

  /// Returns the upright size at full scale, in pixels, and the EXIF focal length.
  const PhotoInfo& info() const noexcept;

  /// Returns the pixels, no smaller than this size; see DecodeOptions::min_width. A photo can be
  /// decoded only once: a second call throws Error{invalid_argument}. Otherwise throws as
  /// decode_image().
  Image decode(int min_width, int min_height);
  /// Returns the pixels, with min_width and min_height of the options.
  Image decode();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
