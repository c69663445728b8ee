// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <depthcloud/decode.hpp>
#include <depthcloud/depth_source.hpp>
#include <depthcloud/estimator.hpp>

namespace depthcloud {

/// An estimator with decode options of its own, as a DepthSource; an estimator alone is one with
/// the default options. Several sources may share an estimator. Thread-safety: as DepthSource; the
/// estimator may be used elsewhere at the same time.
class EstimatorSource final : public DepthSource {
 public:
  /// Decodes with DepthEstimator::decode(encoded, decode, fast_decode). Throws
  /// Error{invalid_argument} if there is no estimator or an option is out of range.
  explicit EstimatorSource(std::shared_ptr<DepthEstimator> estimator,
                           const DecodeOptions& decode = {}, bool fast_decode = false);

  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override;
  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) override;
  /// Calls estimate() if the model is not multi-view.
  std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                       StageTimes& times) override;

  DepthEstimator& estimator() const noexcept { return *estimator_; }

 private:
  std::shared_ptr<DepthEstimator> estimator_;
  DecodeOptions decode_;
  bool fast_decode_;
};

}  // namespace depthcloud
