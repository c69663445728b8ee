// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include <ATen/core/Tensor.h>

#include "depth/depth_anything/config.hpp"
#include "depth/nn/parameters.hpp"

namespace depthcloud::rivals {

/// An any-view Depth Anything 3 network of one view as the authors' PyTorch code runs it, operation
/// by operation, the ray branch included: at::linear, matmul, softmax, conv2d on NCHW.
class DepthAnythingEager {
 public:
  DepthAnythingEager(const DepthAnythingConfig& config, const nn::Parameters::Reader& read);
  /// [1, 3, H, W] -> depth [1, H, W].
  at::Tensor operator()(const at::Tensor& image) const;

 private:
  const at::Tensor& weight(const std::string& name) const { return weights_.at(name); }
  at::Tensor linear(const std::string& name, const at::Tensor& x) const;
  at::Tensor norm(const std::string& name, const at::Tensor& x, double epsilon) const;
  at::Tensor conv(const std::string& name, const at::Tensor& x, std::int64_t stride,
                  std::int64_t padding) const;
  at::Tensor rope(const at::Tensor& x, bool global, std::int64_t height, std::int64_t width) const;
  at::Tensor block(int index, const at::Tensor& x, std::int64_t height, std::int64_t width) const;
  at::Tensor unit(const std::string& name, const at::Tensor& x) const;
  at::Tensor fused(const std::string& branch, const at::Tensor (&laterals)[4]) const;

  DepthAnythingConfig config_;
  std::map<std::string, at::Tensor> weights_;
};

}  // namespace depthcloud::rivals
