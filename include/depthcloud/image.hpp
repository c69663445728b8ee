// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <depthcloud/buffer.hpp>

namespace depthcloud {

/// Order of the 8-bit samples of one pixel.
enum class PixelFormat { rgb, bgr, rgba, bgra, gray };

/// Returns the number of bytes of one pixel; 0 for an unknown format.
constexpr int channels(PixelFormat format) noexcept {
  switch (format) {
    case PixelFormat::gray:
      return 1;
    case PixelFormat::rgb:
    case PixelFormat::bgr:
      return 3;
    case PixelFormat::rgba:
    case PixelFormat::bgra:
      return 4;
  }
  return 0;
}

/// The photo from which an image was scaled down. Intrinsics given by the user and the EXIF focal
/// length are in pixels of this photo.
struct PhotoInfo {
  int width = 0;        ///< pixels, upright (after the EXIF orientation); 0: the image itself
  int height = 0;       ///< pixels, upright; 0: the image itself
  double focal_px = 0;  ///< EXIF focal length in the photo's pixels; 0: not known
  /// The EXIF orientation by which the stored photo was turned upright, 1 to 8; 1: it was not. From
  /// 5 on the stored photo is as wide as the upright one is high.
  int orientation = 1;
};

/// A borrowed 8-bit image. The caller keeps the pixels alive and unchanged while the view is used.
/// The pixel in row `v` and column `u` starts at `data + v * stride + u * channels(format)`.
struct ImageView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  std::ptrdiff_t stride = 0;  ///< bytes from one row to the next, at least width * channels
  PixelFormat format = PixelFormat::rgb;
  PhotoInfo photo{};

  const std::uint8_t* row(int v) const { return data + v * stride; }
};

/// Throws Error{invalid_argument} unless the view is one that can be read: a pointer, positive
/// sizes, a stride that holds a row (rows neither overlap nor run backwards), not more than 2^47
/// bytes, which no program can address, and a photo whose sizes and focal length are positive or 0.
/// Every call that takes a view checks it with this.
void validate(const ImageView& image);

/// A rectangle of an image, in fractions of its width and height. The default is the whole image.
struct ImageRegion {
  double x = 0;  ///< of the left edge
  double y = 0;  ///< of the upper edge
  double width = 1;
  double height = 1;

  bool operator==(const ImageRegion&) const = default;
};

/// Returns a view of a rectangle, with its edges rounded to whole pixels; it has at least one
/// pixel. The view borrows the same memory, and its PhotoInfo is empty. Throws
/// Error{invalid_argument} if the rectangle is not within the image. Thread-safe.
ImageView crop(const ImageView& image, const ImageRegion& region);

/// An 8-bit image that owns its pixels, with packed rows. Thread-safety: one thread at a time;
/// const access is thread-safe.
class Image {
 public:
  Image() = default;
  /// Makes an image whose pixels are not initialised. Throws Error{invalid_argument} if a size is
  /// not positive.
  Image(int width, int height, PixelFormat format = PixelFormat::rgb);

  int width() const noexcept { return width_; }
  int height() const noexcept { return height_; }
  PixelFormat format() const noexcept { return format_; }
  std::ptrdiff_t stride() const noexcept {
    return static_cast<std::ptrdiff_t>(width_) * channels(format_);
  }
  std::uint8_t* data() noexcept { return pixels_.data(); }
  const std::uint8_t* data() const noexcept { return pixels_.data(); }
  std::uint8_t* row(int v) { return data() + v * stride(); }
  const std::uint8_t* row(int v) const { return data() + v * stride(); }
  bool empty() const noexcept { return pixels_.empty(); }

  /// Changes size and format; the contents and the PhotoInfo are lost. The memory is reused if it
  /// is large enough. Throws as the constructor.
  void reshape(int width, int height, PixelFormat format = PixelFormat::rgb);

  const PhotoInfo& photo() const noexcept { return photo_; }
  void set_photo(const PhotoInfo& photo) noexcept { photo_ = photo; }

  /// Returns a view of this image, valid until the image is reshaped or destroyed.
  ImageView view() const& { return {data(), width_, height_, stride(), format_, photo_}; }
  ImageView view() const&& = delete;

 private:
  Buffer<std::uint8_t> pixels_;
  int width_ = 0;
  int height_ = 0;
  PixelFormat format_ = PixelFormat::rgb;
  PhotoInfo photo_{};
};

}  // namespace depthcloud
