// SPDX-License-Identifier: Apache-2.0
#pragma once

// Converts depth maps and clouds to and from LibTorch tensors without copies, on any device. This
// is the only public header that needs LibTorch; include it only if you use tensors.

#include <memory>

#include <ATen/core/Tensor.h>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/depth_map.hpp>
#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// The planes of a depth map as tensors that share its memory, on its device.
struct DepthTensors {
  at::Tensor depth;       ///< [H, W] float32, z along the optical axis
  at::Tensor confidence;  ///< [H, W] float32; undefined as an input: 1 everywhere
  at::Tensor sky;         ///< [H, W] uint8; undefined: not known
  at::Tensor normals{};   ///< [H, W, 3] float32, see DepthPlanes; undefined: not known
};

/// Returns a depth map that shares the tensors, which must not be written to afterwards. A tensor
/// that is not contiguous is copied. Throws Error{invalid_argument} for a wrong dtype or shape.
DepthMap to_depth_map(const DepthTensors& tensors, const DepthInfo& info);

/// Returns tensors that share the planes and keep them alive. They must not be written to.
DepthTensors to_tensors(const DepthMap& depth);

/// A cloud whose points are in tensors on one device.
struct CloudTensors {
  at::Tensor positions;  ///< [N, 3] float32
  at::Tensor colors;     ///< [N, 3] uint8
  Axes axes = Axes::opencv;
  at::Tensor normals{};  ///< [N, 3] float32; undefined: none

  /// Returns a view that borrows CPU tensors. Throws Error{unavailable} if they are on another
  /// device; call cpu() first.
  CloudView view() const&;
  CloudView view() const&& = delete;
  /// Returns the cloud in host memory.
  CloudTensors cpu() const;
};

/// Returns tensors that take over the memory of the cloud, without a copy.
CloudTensors to_tensors(PointCloud&& cloud);

/// CloudBuilder in tensor operations: linear indices `row * width + column` and `index_select`, the
/// same code for CUDA, MPS and the CPU. Index and ray grids are kept for the next frame of the same
/// shape. Points have the order of CloudBuilder and agree with it within 1e-5 relative.
/// Thread-safety: one thread at a time.
class TensorCloudBuilder {
 public:
  /// Throws Error{invalid_argument} if an option is out of range.
  explicit TensorCloudBuilder(const CloudOptions& options = {});
  ~TensorCloudBuilder();
  TensorCloudBuilder(TensorCloudBuilder&&) noexcept;
  TensorCloudBuilder& operator=(TensorCloudBuilder&&) noexcept;

  /// Returns the cloud on the depth map's device. `rgb` is the whole image, [H', W', 3] uint8; it
  /// is copied to that device if necessary.
  CloudTensors build(const DepthMap& depth, const at::Tensor& rgb);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
