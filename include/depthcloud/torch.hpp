// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one header that speaks LibTorch: tensors in and out of depth maps and clouds, without copies,
// on any device. Opt in by including it; nothing else of the public headers needs Torch.

#include <memory>

#include <ATen/core/Tensor.h>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/depth_map.hpp>
#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// The planes of a depth map as tensors that share its memory, on its device.
struct DepthTensors {
  at::Tensor depth;       ///< [H, W] float32
  at::Tensor confidence;  ///< [H, W] float32; undefined going in: 1 everywhere
  at::Tensor sky;         ///< [H, W] uint8; undefined: not known
};

/// Wraps tensors; they must not be written to afterwards. Error{invalid_argument} for a wrong
/// dtype or shape; a tensor that is not contiguous is copied.
DepthMap to_depth_map(const DepthTensors& tensors, const DepthInfo& info);

/// Unwraps; the tensors keep the planes alive and must not be written to.
DepthTensors to_tensors(const DepthMap& depth);

/// A cloud whose points live in tensors on one device.
struct CloudTensors {
  at::Tensor positions;  ///< [N, 3] float32
  at::Tensor colors;     ///< [N, 3] uint8
  Axes axes = Axes::opencv;

  /// Borrows CPU tensors; Error{unavailable} on another device, use cpu() there first.
  CloudView view() const&;
  CloudView view() const&& = delete;
  /// Copies to host memory.
  CloudTensors cpu() const;
};

/// Hands a cloud's memory over to tensors, without a copy.
CloudTensors to_tensors(PointCloud&& cloud);

/// CloudBuilder in tensor operations: linear indices `row * width + column` and
/// `index_select`, one code path for CUDA, MPS and the CPU. Index and ray grids are kept for the
/// next frame of the same shape. Agrees with the fused host path within 1e-5 relative, in the same
/// order. Thread-safety: one thread at a time.
class TensorCloudBuilder {
 public:
  explicit TensorCloudBuilder(const CloudOptions& options = {});
  ~TensorCloudBuilder();
  TensorCloudBuilder(TensorCloudBuilder&&) noexcept;
  TensorCloudBuilder& operator=(TensorCloudBuilder&&) noexcept;

  /// `rgb` is [H', W', 3] uint8, the whole image; it is moved to the depth map's device if it is
  /// elsewhere.
  CloudTensors build(const DepthMap& depth, const at::Tensor& rgb);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
