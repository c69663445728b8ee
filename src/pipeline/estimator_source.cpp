// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/estimator_source.hpp>

#include <utility>

#include <depthcloud/error.hpp>

#include "image/decode_common.hpp"

namespace depthcloud {

EstimatorSource::EstimatorSource(std::shared_ptr<DepthEstimator> estimator,
                                 const DecodeOptions& decode, bool fast_decode)
    : estimator_(std::move(estimator)), decode_(decode), fast_decode_(fast_decode) {
  if (!estimator_) {
    throw Error(ErrorCode::invalid_argument, Stage::load, "there is no estimator");
  }
  validate(decode);
}

DecodedFrame EstimatorSource::decode(std::span<const std::uint8_t> encoded) const {
  return estimator_->decode(encoded, decode_, fast_decode_);
}

std::vector<DepthMap> EstimatorSource::estimate(std::span<const ImageView> images,
                                                StageTimes& times) {
  return estimator_->estimate(images, times);
}

std::vector<DepthMap> EstimatorSource::estimate_views(std::span<const ImageView> views,
                                                      StageTimes& times) {
  return estimator_->estimate_views(views, times);
}

}  // namespace depthcloud
