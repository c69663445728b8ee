// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <depthcloud/decode.hpp>

namespace depthcloud {

/// A photo of one file format whose header has been read. One thread at a time.
class PhotoFile {
 public:
  virtual ~PhotoFile() = default;

  /// The upright size at full scale, and the EXIF focal length.
  const PhotoInfo& info() const { return info_; }

  /// Decodes into an image whose memory is reused; see DecodeOptions for the size. Once.
  virtual void decode(int min_width, int min_height, Image& out) = 0;

 protected:
  PhotoInfo info_;
};

/// Read the header. Errors as decode_image, but for memory, which is std::bad_alloc.
std::unique_ptr<PhotoFile> open_jpeg(std::span<const std::uint8_t> bytes,
                                     const DecodeOptions& options);
std::unique_ptr<PhotoFile> open_png(std::span<const std::uint8_t> bytes,
                                    const DecodeOptions& options);
/// In builds that have the library, see photo_format_obstacle().
std::unique_ptr<PhotoFile> open_webp(std::span<const std::uint8_t> bytes,
                                     const DecodeOptions& options);
std::unique_ptr<PhotoFile> open_heif(PhotoFormat format, std::span<const std::uint8_t> bytes,
                                     const DecodeOptions& options);
std::unique_ptr<PhotoFile> open_tiff(std::span<const std::uint8_t> bytes,
                                     const DecodeOptions& options);

}  // namespace depthcloud
