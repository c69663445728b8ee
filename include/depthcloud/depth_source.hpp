// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <depthcloud/decode.hpp>
#include <depthcloud/depth_map.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Decoding and depth, without what follows: what StreamHub drives for many streams at once.
class DepthSource : public FrameDecoder {
 public:
  /// Depth of images that need not have anything in common, in their order; all or nothing.
  /// `times` receives preprocess and infer of the whole call. Called from one thread at a time.
  virtual std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) = 0;

  /// Depth of one scene from several cameras at one moment: a network that can place its cameras
  /// sets the extrinsics. The same as estimate() unless overridden.
  virtual std::vector<DepthMap> estimate_scene(std::span<const ImageView> views,
                                               StageTimes& times) {
    return estimate(views, times);
  }
};

/// "constant[:METRES[,DELAY_MS]]", read. Errors (stage load): invalid_argument.
struct ConstantPlane {
  double metres = 1;    ///< distance, above 0
  double delay_ms = 0;  ///< that every call takes, 0 to 60000
  static ConstantPlane parse(std::string_view source);
  /// True for "constant" and everything that begins with "constant:".
  static bool named_by(std::string_view source) noexcept;
};

/// A plane at a known distance that takes a known time, whatever the images show: what tests and
/// load tests measure against, without LibTorch. Its grid is the image's, at most 504 pixels on the
/// longer side; metric; intrinsics from the default field of view.
class ConstantDepth final : public DepthSource {
 public:
  explicit ConstantDepth(const ConstantPlane& plane, const DecodeOptions& decode = {})
      : plane_(plane), decode_(decode) {}

  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override;
  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) override;

 private:
  ConstantPlane plane_;
  DecodeOptions decode_;
};

/// The number of images, up to `most`, that one call of estimate() should take for the most images
/// a second: measured with copies of `image`, doubling from 1 for as long as it pays by at least a
/// tenth. Errors as estimate(); invalid_argument for `most` below 1.
int fastest_batch(DepthSource& source, const ImageView& image, int most);

}  // namespace depthcloud
