// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <depthcloud/image.hpp>

namespace depthcloud {

/// What the samples of a stored photo are, whatever format they are decoded to.
enum class ColorModel { gray, rgb, cmyk };

/// Brings decoded pixels from a photo's own colours to sRGB. Thread-safety: share freely.
class ColorTransform {
 public:
  virtual ~ColorTransform() = default;
  /// Of a gray or RGB photo: pixels in the format of the result, which may stay in place. Of CMYK:
  /// four samples a pixel, inverted as JPEG stores them.
  virtual void apply(const std::uint8_t* from, int count, std::uint8_t* to) const = 0;
};

/// The transform of an ICC profile to sRGB for results of this format; none where colours can stay
/// as they are: there is no profile, or it is sRGB, the result is gray, or this build is without
/// Little CMS. A profile that cannot be used is remarked and ignored. Thread-safety: share freely;
/// the last profiles are kept, since the frames of a camera have the same one.
std::shared_ptr<const ColorTransform> transform_to_srgb(std::span<const std::uint8_t> profile,
                                                        ColorModel model, PixelFormat result);

/// The remark on a profile that is ignored.
void remark_broken_profile(const char* reason);

}  // namespace depthcloud
