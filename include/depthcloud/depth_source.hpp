// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <depthcloud/depth_map.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Decodes frames and estimates their depth, for the streams of a StreamHub. DepthEstimator is one;
/// implement it to use another network. Thread-safety: decode() is thread-safe; the other functions
/// are called from one thread at a time.
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

/// Returns the number of images per call of estimate(), up to `most`, that gives the most images
/// per second. It measures with copies of `image` and doubles the number from 1 while the time per
/// image falls by at least a tenth. Throws as estimate(), and Error{invalid_argument} if `most` is
/// below 1.
int fastest_batch(DepthSource& source, const ImageView& image, int most);

}  // namespace depthcloud
