// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <depthcloud/depth_source.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/photo_reader.hpp>

#include "core/stopwatch.hpp"
#include "image/decode_common.hpp"

namespace depthcloud {

EstimatorSource::EstimatorSource(std::shared_ptr<DepthEstimator> estimator,
                                 const DecodeOptions& decode, bool fast_decode)
    : estimator_(std::move(estimator)), decode_(decode) {
  if (!estimator_) {
    throw Error(ErrorCode::invalid_argument, Stage::load, "there is no estimator");
  }
  validate(decode);
  decode_.min_width = decode_.min_height = 0;
  decode_.alpha = true;  // what is transparent gives no point
  scaled_decode_ = fast_decode || estimator_->info().scaled_decode;
}

DecodedFrame EstimatorSource::decode(std::span<const std::uint8_t> encoded) const {
  DecodedFrame decoded;
  {
    const Stopwatch watch(decoded.decode_ms);
    decoded.image = decode_image(encoded);
  }
  return decoded;
}

Image EstimatorSource::decode_image(std::span<const std::uint8_t> encoded) const {
  PhotoReader reader(encoded, decode_);
  if (!scaled_decode_) return reader.decode();
  const DepthEstimator::Grid grid = estimator_->grid(reader.info().width, reader.info().height);
  return reader.decode(grid.width, grid.height);
}

std::vector<DepthMap> EstimatorSource::estimate(std::span<const ImageView> images,
                                                StageTimes& times) {
  return estimator_->estimate_batch(images, &times);
}

std::vector<DepthMap> EstimatorSource::estimate_views(std::span<const ImageView> views,
                                                      StageTimes& times) {
  if (!estimator_->info().multi_view) return estimate(views, times);
  return estimator_->estimate_views(views, {}, &times);
}

}  // namespace depthcloud
