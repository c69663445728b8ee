// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include <depthcloud/estimator.hpp>

#include "depth/grid.hpp"

namespace depthcloud {

/// Throws Error{unsupported}: this model sees one view at a time.
[[noreturn]] void refuse_views(const ModelInfo& info);

/// A loaded model, called by DepthEstimator; independent of the library that runs it. Used from one
/// thread at a time. Throws as DepthEstimator.
class DepthModel {
 public:
  virtual ~DepthModel() = default;

  virtual const ModelInfo& info() const = 0;

  /// The size of the depth map for an image of this size (positive). Any image gets a grid, from
  /// 1 x 1 and from 10000 x 1 too.
  virtual Grid grid(int width, int height) const = 0;

  /// Runs the model on an image until it is at full speed.
  virtual void warm_up(const ImageView& image) = 0;

  /// Depth of images of one grid that have nothing to do with each other, in one pass. Adds to the
  /// `times` of preprocess and infer.
  virtual std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) = 0;

  /// Depth of several views of one scene in one pass: one scale, one world frame. Adds to `times`
  /// as above. Error{unsupported} unless ModelInfo::multi_view.
  virtual std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                               const ViewsOptions& options, StageTimes& times) = 0;
};

}  // namespace depthcloud
