// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/native/quantized/PackedParams.h>

namespace depthcloud::nn {

/// x w^T + b in 8 bits on the CPU, through oneDNN: a scale for each row of w, found once, and one
/// for each row of x, found in every call, so that a token with large values costs the others no
/// accuracy.
class Int8Linear {
 public:
  /// `weight` [out, in] and `bias` [out] in f32; the weights are copied. Error{unavailable} (stage
  /// load) unless they are on the CPU.
  Int8Linear(const at::Tensor& weight, const at::Tensor& bias);
  /// [..., in], f32 -> [..., out], f32.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  c10::intrusive_ptr<LinearPackedParamsBase> weight_;
  at::Tensor bias_;
};

}  // namespace depthcloud::nn
