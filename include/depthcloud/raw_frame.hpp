// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <variant>

#include <depthcloud/image.hpp>
#include <depthcloud/yuv_image.hpp>

namespace depthcloud {

/// The borrowed pixels of a camera's frame, in any format.
using RawImage = std::variant<ImageView, YuvView>;

/// A frame of pixels for a stream, copied or lent.
struct RawFrame {
  RawImage image;
  /// Empty: the pixels are copied before the call returns (YUV is converted to RGB), and the caller
  /// may reuse their memory at once. Set: the pixels are lent. They must stay alive and unchanged
  /// until the stream calls this, exactly once for each frame that it accepted or skipped:
  /// when it has read the pixels, or when it drops the frame without reading them (replaced by a
  /// newer one, skipped, expired, stream closed). Called from any thread, also within the call that
  /// offers a frame or stops a stream. It must not throw (what it throws is logged).
  std::function<void()> release{};
};

/// Throws Error{invalid_argument} unless the image is valid, see validate(ImageView) and
/// validate(YuvView).
void validate(const RawImage& image);

/// Returns a copy of the pixels with packed rows: YUV as RGB, all others in their own format.
/// Throws Error{invalid_argument} if the image is not valid, Error{out_of_memory}. Thread-safe.
Image to_image(const RawImage& image);

}  // namespace depthcloud
