// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <depthcloud/decode.hpp>

namespace depthcloud {

/// An encoded photo of any format that is opened once: first what its header says, then its pixels,
/// at a size that may depend on the header. Thread-safety: one thread at a time.
class PhotoReader {
 public:
  /// Reads the header and checks it against the limits; takes no memory for pixels. `bytes` must
  /// outlive the reader. Errors as decode_image.
  explicit PhotoReader(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});
  ~PhotoReader();
  PhotoReader(PhotoReader&&) noexcept;
  PhotoReader& operator=(PhotoReader&&) noexcept;

  /// The upright size at full scale, and the EXIF focal length.
  const PhotoInfo& info() const noexcept;

  /// The pixels, no smaller than this size; see DecodeOptions::min_width. To be called once. Errors
  /// as decode_image.
  Image decode(int min_width, int min_height);
  /// The pixels, of the size that the options ask for.
  Image decode();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
