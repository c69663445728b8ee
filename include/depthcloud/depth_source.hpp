// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <depthcloud/decode.hpp>
#include <depthcloud/depth_map.hpp>
#include <depthcloud/estimator.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Decodes frames and estimates their depth, for the streams of a StreamHub. Implement it to use
/// another network. Thread-safety: decode() is thread-safe; the other functions are called from one
/// thread at a time.
class DepthSource : public FrameDecoder {
 public:
  /// Returns the depth of independent images, in their order. Throws if one fails; there are no
  /// partial results. Sets preprocess and infer of `times`, for the whole call.
  virtual std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) = 0;

  /// Returns the depth of several views of one scene, made at about the same moment. A network that
  /// estimates cameras sets the extrinsics. Calls estimate() unless overridden.
  virtual std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                               StageTimes& times) {
    return estimate(views, times);
  }
};

/// A loaded model as a DepthSource. If the model is trained for it (ModelInfo::scaled_decode) or
/// `fast_decode` is set, a JPEG that is much larger than the model's grid is decoded at a reduced
/// scale. Thread-safety: as DepthSource; the estimator may be used elsewhere at the same time.
class EstimatorSource final : public DepthSource {
 public:
  /// `min_width` and `min_height` of `decode` are ignored, and images have alpha where photos have.
  /// Throws Error{invalid_argument} if there is no estimator or an option is out of range.
  explicit EstimatorSource(std::shared_ptr<DepthEstimator> estimator,
                           const DecodeOptions& decode = {}, bool fast_decode = false);

  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override;
  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) override;
  /// Calls estimate() if the model is not multi-view.
  std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                       StageTimes& times) override;

  DepthEstimator& estimator() const noexcept { return *estimator_; }

 private:
  Image decode_image(std::span<const std::uint8_t> encoded) const;

  std::shared_ptr<DepthEstimator> estimator_;
  DecodeOptions decode_;
  bool scaled_decode_;
};

/// Returns the number of images per call of estimate(), up to `most`, that gives the most images
/// per second. It measures with copies of `image` and doubles the number from 1 while the time per
/// image falls by at least a tenth. Throws as estimate(), and Error{invalid_argument} if `most` is
/// below 1.
int fastest_batch(DepthSource& source, const ImageView& image, int most);

}  // namespace depthcloud
