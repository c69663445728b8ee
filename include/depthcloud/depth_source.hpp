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

/// Decoding and depth, without what follows: what StreamHub drives for many streams at once.
class DepthSource : public FrameDecoder {
 public:
  /// Depth of images that need not have anything in common, in their order; all or nothing.
  /// `times` receives preprocess and infer of the whole call. Called from one thread at a time.
  virtual std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) = 0;

  /// Depth of one scene from several cameras at one moment: a network that can place its cameras
  /// sets the extrinsics. The same as estimate() unless overridden.
  virtual std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                               StageTimes& times) {
    return estimate(views, times);
  }
};

/// A loaded model as a DepthSource. Photos are decoded no larger than its grid needs where it is
/// trained for that (ModelInfo::scaled_decode), or where `fast_decode` asks for it.
/// Thread-safety: as DepthSource; the estimator may be shared with others.
class EstimatorSource final : public DepthSource {
 public:
  /// The size wishes of `decode` have no effect, and images have alpha where photos have. Errors:
  /// invalid_argument.
  explicit EstimatorSource(std::shared_ptr<DepthEstimator> estimator,
                           const DecodeOptions& decode = {}, bool fast_decode = false);

  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override;
  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) override;
  /// As estimate() for a model that sees one view at a time.
  std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                       StageTimes& times) override;

  DepthEstimator& estimator() const noexcept { return *estimator_; }

 private:
  Image decode_image(std::span<const std::uint8_t> encoded) const;

  std::shared_ptr<DepthEstimator> estimator_;
  DecodeOptions decode_;
  bool scaled_decode_;
};

/// The number of images, up to `most`, that one call of estimate() should take for the most images
/// a second: measured with copies of `image`, doubling from 1 for as long as it pays by at least a
/// tenth. Errors as estimate(); invalid_argument for `most` below 1.
int fastest_batch(DepthSource& source, const ImageView& image, int most);

}  // namespace depthcloud
