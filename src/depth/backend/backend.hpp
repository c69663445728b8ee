// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <depthcloud/estimator.hpp>

#include "depth/depth_model.hpp"
#include "depth/known_intrinsics.hpp"

namespace depthcloud {

/// What a backend is loaded with: EstimatorOptions resolved against this machine.
struct BackendOptions {
  Device device{};  ///< exists
  Precision precision = Precision::f32;
  int process_res = 0;  ///< 0: the model's own
  ResizeMethod resize_method = ResizeMethod::upper_bound_resize;
  int tokens = 0;                         ///< see EstimatorOptions
  std::optional<int> resolution_level{};  ///< likewise
  bool normals = false;                   ///< wanted where the model has them
  std::stop_token stop{};                 ///< for throw_if_stopped() between the parts of a pass
  double sky_threshold = EstimatorOptions{}.sky_threshold;
};

/// Images of one grid, ready for the network.
struct Batch {
  at::Tensor images;  ///< what prepare() gave, stacked: [B, 3, H, W], on the backend's device
  /// Of each image, in pixels of the grid, where they are known without the network (options or
  /// EXIF): a metric network may need the focal length.
  std::vector<std::optional<Intrinsics>> intrinsics;
  /// Of each image, world to camera, where all are known; else none. Only for infer_views().
  std::vector<Extrinsics> extrinsics{};
  Grid grid{};  ///< of the depth maps that are asked for
};

/// The output of a network for a batch. The tensors live on the backend's device.
struct Prediction {
  at::Tensor depth;             ///< [B, H, W] float32, z along the optical axis
  at::Tensor confidence;        ///< [B, H, W] float32; undefined: the model has none
  at::Tensor sky;               ///< [B, H, W] uint8, 1 where it sees sky; undefined: not known
  std::vector<ViewInfo> views;  ///< B
  at::Tensor normals{};         ///< [B, H, W, 3] float32, see DepthPlanes; undefined: not computed
};

/// One network. TorchModel calls it with one thread at a time and under InferenceMode; what it
/// throws (Error, c10::Error, std::bad_alloc) is translated there.
class DepthBackend {
 public:
  virtual ~DepthBackend() = default;

  /// Name, backend, parameters, process_res, metric and license are the backend's to fill in;
  /// device is overwritten, and so is precision, unless the backend had to select it: see
  /// BackendEntry.
  virtual ModelInfo info() const = 0;

  /// The size of the depth map for an image of this size (positive). Any image gets a grid, from
  /// 1 x 1 and from 10000 x 1 too.
  virtual Grid grid(int width, int height) const = 0;

  /// The part of an image of this size that a grid shows.
  virtual ImageRegion region(int /*width*/, int /*height*/, const Grid& /*grid*/) const {
    return {};
  }

  /// The network's input for one image: [3, H, W] on the CPU, in any type and strides; the same for
  /// every image of one grid. The grid is that of the image or, for one view among several, a
  /// smaller one. See preprocess.hpp for area reduction.
  virtual at::Tensor prepare(const ImageView& image, const Grid& grid) = 0;

  /// Runs the network once on images that have nothing to do with each other.
  virtual Prediction infer(const Batch& batch) = 0;

  /// Runs the network once on views of one scene: depth of one scale, extrinsics of one world.
  /// Error{unsupported} unless ModelInfo::multi_view.
  virtual Prediction infer_views(const Batch& /*batch*/, ReferenceView /*reference*/) {
    refuse_views(info());
  }

  /// Runs the network as often as it takes until it is at full speed.
  virtual void warm_up(const Batch& batch) { infer(batch); }
};

}  // namespace depthcloud
